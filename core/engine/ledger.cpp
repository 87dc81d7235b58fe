// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/ledger.h"

#include "config/config_check.h"
#include "engine/admin_file.h"
#include "engine/admin_socket.h"
#include "engine/bookkeeper.h"
#include "engine/engine.h"
#include <utility>

namespace weir::engine {

Ledger::Ledger(QObject *parent) : QObject(parent)
{
    qRegisterMetaType<weir::pipeline::Answer>();
    qRegisterMetaType<weir::pipeline::Question>();
    qRegisterMetaType<weir::keys::KeyHash>();
    qRegisterMetaType<weir::pipeline::FoundKey>();
    qRegisterMetaType<weir::pipeline::SpentBefore>();
    qRegisterMetaType<weir::metrics::Saving>();
    qRegisterMetaType<std::shared_ptr<const weir::base::Secret>>();
    qRegisterMetaType<std::shared_ptr<weir::engine::AdminSocket>>();
    qRegisterMetaType<std::shared_ptr<const weir::metrics::RecordBatch>>();
    m_thread.setObjectName(QStringLiteral("store"));
    m_openWait.setSingleShot(true);
    connect(&m_openWait, &QTimer::timeout, this, &Ledger::becomeReady);
}

Ledger::~Ledger()
{
    // Waits until it has come to this: a thread that is told to end leaves undone what is queued for it.
    if (m_keeper)
        QMetaObject::invokeMethod(m_keeper, &Bookkeeper::close, Qt::BlockingQueuedConnection);
    m_thread.quit();
    m_thread.wait();
}

void Ledger::open(const config::Config &config)
{
    Q_ASSERT(!m_keeper);
    m_isReady = false;
    m_callerKey.reset();
    m_adminToken.reset();
    m_spentBefore.reset();
    if (!config.store.enabled) {
        m_spentBefore = std::make_shared<const std::vector<keys::KeySpent>>(); // windows begin anew
        setSaving({});
        QMetaObject::invokeMethod(this, &Ledger::becomeReady, Qt::QueuedConnection);
        return;
    }
    metrics::Saving opening;
    opening.word = "opening";
    setSaving(opening);
    m_adminToken = std::make_shared<const base::Secret>(newAdminToken());
    m_keeper = new Bookkeeper(databasePath(), {config.store.keepDays, config.store.maxMb},
                              config::providerNames(config));
    m_keeper->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_keeper, &QObject::deleteLater);
    connect(m_keeper, &Bookkeeper::savingChanged, this, &Ledger::setSaving);
    connect(m_keeper, &Bookkeeper::answered, this, &Ledger::answered);
    connect(m_keeper, &Bookkeeper::socketMade, this, &Ledger::socketMade);
    connect(m_keeper, &Bookkeeper::spentRead, this, [this](const pipeline::SpentBefore &spent) {
        m_spentBefore = spent;
        Q_EMIT spentKnown(spent); // to an engine that has not waited for it
    });
    connect(m_keeper, &Bookkeeper::opened, this, [this](const std::shared_ptr<const base::Secret> &key) {
        m_callerKey = key;
        Q_EMIT callerKeyKnown(key);
        becomeReady();
    });
    m_thread.start();
    QMetaObject::invokeMethod(m_keeper, &Bookkeeper::open, Qt::QueuedConnection);
    m_openWait.start(OpenWait);
}

void Ledger::attach(Engine &engine)
{
    engine.setSaving(m_saving);
    engine.setCallerKey(m_callerKey);
    engine.setSpentBefore(m_spentBefore);
    // What comes later comes by this thread, too, or it could fall between what is known and these lines.
    connect(this, &Ledger::spentKnown, &engine, &Engine::setSpentBefore);
    connect(this, &Ledger::callerKeyKnown, &engine, &Engine::setCallerKey);
    connect(this, &Ledger::savingTold, &engine, &Engine::setSaving);
    if (!m_keeper)
        return;
    connect(&engine, &Engine::recorded, m_keeper, &Bookkeeper::take);
    connect(&engine, &Engine::storeAsked, m_keeper, &Bookkeeper::answer);
    connect(&engine, &Engine::keyWanted, m_keeper, &Bookkeeper::findKey);
    connect(m_keeper, &Bookkeeper::spentRead, &engine,
            &Engine::setSpentBefore); // before the answer that it belongs to
    connect(m_keeper, &Bookkeeper::answered, &engine, &Engine::answer);
    connect(m_keeper, &Bookkeeper::keyFound, &engine, &Engine::takeKey);
    connect(m_keeper, &Bookkeeper::keyChanged, &engine, &Engine::forgetKey);
}

void Ledger::ask(quint64 id, const pipeline::Question &question)
{
    if (!m_keeper) {
        QMetaObject::invokeMethod(
            this, [this, id] { Q_EMIT answered(id, base::unexpected(base::Errc::StoreOff, {})); },
            Qt::QueuedConnection);
        return;
    }
    QMetaObject::invokeMethod(
        m_keeper, [keeper = m_keeper, id, question] { keeper->answer(id, question); }, Qt::QueuedConnection);
}

void Ledger::publish(const QString &address)
{
    if (m_keeper) {
        QMetaObject::invokeMethod(
            m_keeper,
            [keeper = m_keeper, text = address.toStdString(), token = m_adminToken] {
                keeper->publish(text, token);
            },
            Qt::QueuedConnection);
    }
}

void Ledger::withdraw()
{
    if (m_keeper)
        QMetaObject::invokeMethod(m_keeper, &Bookkeeper::withdraw, Qt::QueuedConnection);
}

void Ledger::close()
{
    if (!m_keeper) {
        QMetaObject::invokeMethod(this, &Ledger::closed, Qt::QueuedConnection);
        return;
    }
    m_adminToken.reset();
    m_callerKey.reset();
    m_spentBefore.reset();
    // Queued behind the last batch, which its thread has been sent by the engine's.
    Bookkeeper *keeper = std::exchange(m_keeper, nullptr);
    keeper->disconnect(this);
    connect(keeper, &Bookkeeper::answered, this, &Ledger::answered);
    connect(keeper, &Bookkeeper::closed, this, &Ledger::closed, Qt::SingleShotConnection);
    QMetaObject::invokeMethod(
        keeper,
        [keeper] {
            keeper->close();
            keeper->deleteLater();
        },
        Qt::QueuedConnection);
}

void Ledger::becomeReady()
{
    m_openWait.stop();
    if (!std::exchange(m_isReady, true))
        Q_EMIT ready();
}

void Ledger::setSaving(const metrics::Saving &saving)
{
    m_saving = saving;
    Q_EMIT savingTold(saving);
    Q_EMIT savingChanged();
}

} // namespace weir::engine
