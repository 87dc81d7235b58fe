// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/engine_host.h"
#include "engine/live_feed.h"
#include "simulator/simulator.h"
#include "support/raw_client.h"
#include <functional>
#include <memory>
#include <QSignalSpy>
#include <QTemporaryFile>
#include <QTest>
#include <QThread>
#include <tuple>
#include <vector>

namespace weir::test {

/// Which transport a test's provider has unless the test pins one: WEIR_TEST_TRANSPORT ("direct", "qnam"),
/// so that the same tests run over each.
inline config::Transport testedTransport()
{
    const QByteArray asked = qgetenv("WEIR_TEST_TRANSPORT");
    if (asked == "qnam")
        return config::Transport::Qnam;
    return asked == "direct" ? config::Transport::Direct : config::Transport::Auto;
}

/// A real engine on a free port in front of the simulated provider, which lives in a thread of its own
/// because it has to answer while a test waits.
class ProxyFixture
{
public:
    explicit ProxyFixture(
        simulator::Options simulated = {},
        const std::function<void(config::Config &)> &change = [](config::Config &) {})
    {
        m_context = new QObject;
        m_context->moveToThread(&m_thread);
        QObject::connect(&m_thread, &QThread::finished, m_context, &QObject::deleteLater);
        m_thread.start();
        quint16 port = 0;
        QByteArray certificate;
        QMetaObject::invokeMethod(
            m_context,
            [&] {
                auto *provider = new simulator::Simulator(simulated, m_context);
                m_simulator = provider;
                const auto listening = provider->listen();
                if (listening)
                    port = *listening;
                certificate = provider->certificatePem();
            },
            Qt::BlockingQueuedConnection);
        QObject::connect(m_simulator, &simulator::Simulator::arrived, &host,
                         [this](const simulator::Arrived &request) { arrived.push_back(request); });
        QObject::connect(m_simulator, &simulator::Simulator::served, &host,
                         [this](const simulator::Arrived &request) { served.push_back(request); });

        const std::string origin =
            (simulated.tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port);
        config::Provider provider;
        provider.name = "sim";
        provider.transport = testedTransport();
        provider.anthropicBase = origin;
        provider.openaiBase = origin + "/v1";
        if (simulated.tls && m_certificate.open()) {
            m_certificate.write(certificate);
            m_certificate.flush();
            provider.caFile = m_certificate.fileName().toStdString();
        }
        config::Config config;
        config.listen.port = 0;
        config.providers.push_back(provider);
        config.route.anthropic = config.route.openai = "sim";
        config.store.enabled = false; // nothing of a test belongs into the user's own folder
        change(config);

        host.start(std::make_shared<const config::Config>(config));
        // A failure to start is what some tests want: port() tells.
        std::ignore =
            QTest::qWaitFor([&] { return host.state() != engine::EngineHost::State::Starting; }, 10'000);
    }

    ~ProxyFixture()
    {
        m_thread.quit();
        m_thread.wait();
    }

    quint16 port() const { return host.port(); }
    /// Waits for the record of the n-th exchange (counted from 1) and returns it.
    metrics::RequestRecord record(std::size_t number)
    {
        const engine::LiveFeed &feed = *host.liveFeed();
        const bool came = QTest::qWaitFor([&] { return feed.records().size() >= number; }, 10'000);
        return came ? feed.records()[number - 1] : metrics::RequestRecord{};
    }
    bool waitForServed(std::size_t count)
    {
        return QTest::qWaitFor([&] { return served.size() >= count; }, 10'000);
    }

    engine::EngineHost host;
    std::vector<simulator::Arrived> arrived;
    std::vector<simulator::Arrived> served;

private:
    QThread m_thread;
    QObject *m_context = nullptr;                // in m_thread
    simulator::Simulator *m_simulator = nullptr; // child of m_context
    QTemporaryFile m_certificate;
};

/// The status of a raw HTTP/1.1 response, 0 if it is none.
inline int statusOf(const QByteArray &response)
{
    return response.startsWith("HTTP/1.1 ") ? response.mid(9, 3).toInt() : 0;
}

inline QByteArray bodyOf(const QByteArray &response)
{
    return response.mid(response.indexOf("\r\n\r\n") + 4);
}

} // namespace weir::test
