// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/engine_host.h"

#include "engine/engine.h"
#include "engine/live_feed.h"
#include <QFile>

namespace weir::engine {

namespace {

base::Result<Authorities> readAuthorities(const config::Config &config)
{
    Authorities authorities;
    for (const config::Provider &provider : config.providers) {
        if (provider.caFile.empty())
            continue;
        QFile file(QString::fromStdString(provider.caFile));
        if (!file.open(QIODevice::ReadOnly)) {
            return base::unexpected(base::Errc::FileUnreadable, "ca_file of provider '" + provider.name +
                                                                    "', " + provider.caFile + ": " +
                                                                    file.errorString().toStdString());
        }
        const QList<QSslCertificate> certificates = QSslCertificate::fromDevice(&file, QSsl::Pem);
        if (certificates.isEmpty()) {
            return base::unexpected(base::Errc::FileUnreadable, "ca_file of provider '" + provider.name +
                                                                    "', " + provider.caFile +
                                                                    ": holds no PEM certificate");
        }
        authorities[provider.name] = certificates;
    }
    return authorities;
}

} // namespace

EngineHost::EngineHost(QObject *parent)
    : QObject(parent), m_config(std::make_shared<const config::Config>()), m_liveFeed(new LiveFeed(this))
{
    qRegisterMetaType<weir::base::Error>();
    qRegisterMetaType<std::shared_ptr<const weir::metrics::Snapshot>>();
    qRegisterMetaType<weir::metrics::RecordBatch>();
    m_thread.setObjectName(QStringLiteral("proxy"));
}

EngineHost::~EngineHost()
{
    m_thread.quit();
    m_thread.wait();
}

QString EngineHost::address() const
{
    if (m_state != State::Running)
        return {};
    const bool isIpv6 = m_config->listen.address.find(':') != std::string::npos;
    const QString host = QString::fromStdString(m_config->listen.address);
    return QStringLiteral("http://%1:%2").arg(isIpv6 ? QStringLiteral("[%1]").arg(host) : host).arg(m_port);
}

void EngineHost::start(std::shared_ptr<const config::Config> config)
{
    Q_ASSERT(m_state == State::Stopped);
    m_config = std::move(config);
    m_lastError = {};
    setState(State::Starting);

    auto authorities = readAuthorities(*m_config);
    if (!authorities) {
        // Queued, as every other answer to start() is.
        QMetaObject::invokeMethod(
            this, [this, error = authorities.error()] { engineFailed(error); }, Qt::QueuedConnection);
        return;
    }
    m_engine = new Engine(m_config, std::move(*authorities));
    m_engine->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_engine, &QObject::deleteLater);
    connect(m_engine, &Engine::listening, this, [this](quint16 port) {
        m_port = port;
        setState(State::Running);
        Q_EMIT started(port);
        if (std::exchange(m_stopWanted, false))
            stop();
    });
    connect(m_engine, &Engine::failed, this, &EngineHost::engineFailed);
    connect(m_engine, &Engine::ticked, m_liveFeed, &LiveFeed::accept);
    connect(m_engine, &Engine::drained, this, [this] {
        endThread();
        setState(State::Stopped);
        Q_EMIT stopped();
    });
    m_thread.start();
    QMetaObject::invokeMethod(m_engine, &Engine::start, Qt::QueuedConnection);
}

void EngineHost::stop()
{
    m_stopWanted = m_state == State::Starting; // then as soon as it has started
    if (m_state != State::Running)
        return;
    setState(State::Stopping);
    QMetaObject::invokeMethod(m_engine, &Engine::stop, Qt::QueuedConnection);
}

void EngineHost::engineFailed(const base::Error &error)
{
    endThread();
    m_lastError = error;
    setState(State::Stopped);
    Q_EMIT failed(error);
}

void EngineHost::endThread()
{
    m_port = 0;
    m_engine = nullptr; // deleted by its thread as that ends
    m_thread.quit();
    m_thread.wait();
}

void EngineHost::setState(State state)
{
    m_state = state;
    Q_EMIT stateChanged();
}

} // namespace weir::engine
