// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "config/config.h"
#include <memory>
#include <QObject>
#include <QThread>

namespace weir::simulator {
class Simulator;
}

namespace weir::app {

/// `--demo`: the simulated provider on a thread of its own and, for the desktop, a trickle of requests
/// through Weir, so that a newcomer sees the window alive without a key. Main thread.
/// What runs with it listens apart from where tools look for Weir: they must not get made-up answers.
class Demo : public QObject
{
    Q_OBJECT
public:
    explicit Demo(QObject *parent = nullptr);
    ~Demo() override;

    /// Any free one.
    static constexpr int AnyPort = 0;

    /// Starts the simulated provider and returns `config` for an engine at `port` that knows this provider
    /// and no other ("simulated", no key wanted, over TLS and HTTP/2 with its own certificate), and keeps
    /// nothing.
    base::Result<config::Config> start(config::Config config, int port);

    /// Sends a mixed, modest load (chat, messages, streams, a rare error) to Weir at `port` until
    /// stopTraffic().
    void startTraffic(quint16 port);
    void stopTraffic();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace weir::app
