// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/demo.h"
#include "engine/engine_host.h"

namespace weir::app {

/// The demo of the window: an engine of its own in front of the simulated provider, and its traffic. It ends
/// with the object. Of the real engine it takes nothing and touches nothing.
class DemoSession : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    /// Begins; an error is told at once or later by failed(). `config`: the user's settings; `port`: see
    /// Demo.
    base::Result<void> start(const config::Config &config, int port);
    engine::EngineHost &host() { return m_host; }

Q_SIGNALS:
    void failed(const weir::base::Error &error);

private:
    Demo m_demo; // outlives the engine that calls it
    engine::EngineHost m_host;
};

} // namespace weir::app
