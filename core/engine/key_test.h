// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/secret.h"
#include "config/config.h"
#include "upstream/pool.h"
#include <memory>
#include <QObject>
#include <QTimer>
#include <string>

namespace weir::engine {

/// Asks a provider for its list of models, which costs nothing, to see whether it takes a key. Over a pool of
/// its own, made as the proxy's are: the same lanes, the same trust, no redirects. In any thread with an
/// event loop; reads the provider's `ca_file`.
class KeyTest final : public QObject, private upstream::CallSink
{
    Q_OBJECT
public:
    /// `provider` is one of the configuration's.
    KeyTest(std::shared_ptr<const config::Config> config, const config::Provider &provider,
            std::shared_ptr<const base::Secret> secret, std::chrono::milliseconds wait,
            QObject *parent = nullptr);
    ~KeyTest() override;

Q_SIGNALS:
    /// Once, from the event loop, within the wait. `reason` is a sentence and holds nothing that the provider
    /// has written. The test must not be deleted in it, but later.
    void finished(bool works, const std::string &reason);

private:
    void start(const base::Secret &secret);
    void finish(bool works, const std::string &reason);

    // upstream::CallSink
    void onLane(bool) override {}
    void onConnecting() override {}
    void onConnected() override {}
    void onSent() override {}
    void onBodyWanted() override {}
    void onHead(http::ResponseHead head, std::string_view protocol) override;
    void onChunk(QByteArray) override {}
    void onEnd() override { m_call = nullptr; }
    void onFailed(base::Error error, upstream::Processed processed) override;

    const std::shared_ptr<const config::Config> m_config;
    const config::Provider &m_provider;
    bool m_isOver = false;
    const base::SystemClock m_clock;
    upstream::CallRequest m_request;
    std::unique_ptr<upstream::Pool> m_pool;
    upstream::Call *m_call = nullptr; // the pool's
    QTimer m_deadline;
};

} // namespace weir::engine
