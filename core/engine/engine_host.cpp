// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/engine_host.h"

#include "engine/admin_door.h"
#include "engine/engine.h"
#include "engine/ledger.h"
#include "engine/live_feed.h"
#include "engine/vault.h"
#include "loop/dispatcher.h"

namespace weir::engine {

EngineHost::EngineHost(QObject *parent)
    : QObject(parent)
    , m_config(std::make_shared<const config::Config>())
    , m_liveFeed(new LiveFeed(this))
    , m_ledger(new Ledger(this))
    , m_vault(new Vault(this))
    , m_door(std::make_unique<AdminDoor>([this](const pipeline::Question &question) { return ask(question); },
                                         m_clock))
{
    qRegisterMetaType<weir::base::Error>();
    qRegisterMetaType<std::shared_ptr<const weir::metrics::Snapshot>>();
    qRegisterMetaType<weir::metrics::RecordBatch>();
    m_thread.setObjectName(QStringLiteral("proxy"));
    connect(m_ledger, &Ledger::ready, this, &EngineHost::startEngine);
    connect(m_ledger, &Ledger::savingChanged, this, &EngineHost::savingChanged);
    connect(m_ledger, &Ledger::answered, this, &EngineHost::passOn);
    connect(m_vault, &Vault::answered, this, &EngineHost::passOn);
    connect(m_ledger, &Ledger::socketMade, m_door.get(), &AdminDoor::open);
    connect(this, &EngineHost::answered, m_door.get(), &AdminDoor::answer);
    connect(m_ledger, &Ledger::closed, this, [this] {
        m_door->dismiss();
        if (m_state != State::Stopping)
            return; // of an engine that could not start, which nobody waits for
        setState(State::Stopped);
        Q_EMIT stopped();
    });
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

    m_vault->open(m_config);   // first, because of what SecretsThread says about other threads
    m_ledger->open(*m_config); // goes on in startEngine()
}

void EngineHost::startEngine()
{
    auto authorities = readAuthorities(*m_config);
    if (!authorities) {
        engineFailed(authorities.error());
        return;
    }
    m_engine = new Engine(m_config, std::move(*authorities), m_ledger->adminToken());
    m_ledger->attach(*m_engine);
    m_vault->attach(*m_engine);
    m_engine->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_engine, &QObject::deleteLater);
    connect(m_engine, &Engine::listening, this, [this](quint16 port) {
        m_port = port;
        setState(State::Running);
        m_ledger->publish(address());
        Q_EMIT started(port);
        if (const auto within = std::exchange(m_stopWanted, std::nullopt))
            stopWithin(*within);
    });
    connect(m_engine, &Engine::failed, this, &EngineHost::engineFailed);
    connect(m_engine, &Engine::ticked, m_liveFeed, &LiveFeed::accept);
    connect(m_engine, &Engine::drained, this, &EngineHost::closeBooks);
    if (auto dispatcher = loop::makeDispatcher())
        m_thread.setEventDispatcher(dispatcher.release()); // the thread deletes it as it ends
    m_thread.start();
    QMetaObject::invokeMethod(m_engine, &Engine::start, Qt::QueuedConnection);
}

void EngineHost::stop()
{
    stopWithin(DrainMaxMs);
}

void EngineHost::stopWithin(int drainMaxMs)
{
    if (m_state == State::Starting)
        m_stopWanted = drainMaxMs;
    if (!m_engine || (m_state != State::Running && m_state != State::Stopping))
        return;
    if (m_state == State::Running) {
        setState(State::Stopping);
        m_ledger->withdraw();
    }
    QMetaObject::invokeMethod(
        m_engine, [engine = m_engine, drainMaxMs] { engine->stop(drainMaxMs); }, Qt::QueuedConnection);
}

void EngineHost::engineFailed(const base::Error &error)
{
    closeBooks();
    m_lastError = error;
    setState(State::Stopped);
    Q_EMIT failed(error);
}

void EngineHost::closeBooks()
{
    endThread();
    m_door->close();
    m_ledger->close(); // its answer is the end
}

void EngineHost::endThread()
{
    m_port = 0;
    m_engine = nullptr; // deleted by its thread as that ends
    m_thread.quit();
    m_thread.wait();
    while (!m_asking.empty())
        askStore(m_asking.begin()->first);
    while (!m_passing.empty())
        tell(m_passing.begin()->first);
}

/// Who has the answer relies on it: a key that was deleted lets nobody in. What has changed is on its way to
/// the engine, so the answer goes the same way behind it.
void EngineHost::passOn(quint64 question, const pipeline::Answer &answer)
{
    if (question <= QuestionsFrom)
        return; // a page of the engine's asks
    m_passing.insert_or_assign(question, answer);
    if (!m_engine) {
        tell(question);
        return;
    }
    const auto back = [this, question] {
        QMetaObject::invokeMethod(
            this, [this, question] { tell(question); }, Qt::QueuedConnection);
    };
    QMetaObject::invokeMethod(m_engine, back, Qt::QueuedConnection);
}

void EngineHost::tell(quint64 question)
{
    if (const auto passed = m_passing.extract(question); !passed.empty())
        Q_EMIT answered(question, passed.mapped());
}

void EngineHost::askStore(quint64 question)
{
    if (const auto asked = m_asking.extract(question); !asked.empty())
        m_ledger->ask(question, asked.mapped());
}

quint64 EngineHost::ask(const pipeline::Question &question)
{
    const quint64 id = ++m_lastQuestion;
    if (question.desk == pipeline::Question::Desk::Store) {
        m_asking.emplace(id, question);
        if (!m_engine) {
            askStore(id);
            return id;
        }
        const auto behindWhatHasEnded = [this, engine = m_engine, id] {
            engine->tellStore();
            QMetaObject::invokeMethod(
                this, [this, id] { askStore(id); }, Qt::QueuedConnection);
        };
        QMetaObject::invokeMethod(m_engine, behindWhatHasEnded, Qt::QueuedConnection);
    } else { // later: who asks has to know the number first
        QMetaObject::invokeMethod(
            m_vault, [vault = m_vault, id, question] { vault->ask(id, question); }, Qt::QueuedConnection);
    }
    return id;
}

const metrics::Saving &EngineHost::saving() const
{
    return m_ledger->saving();
}

void EngineHost::setState(State state)
{
    m_state = state;
    Q_EMIT stateChanged();
}

} // namespace weir::engine
