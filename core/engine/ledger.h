// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/secret.h"
#include "config/config.h"
#include "metrics/saving.h"
#include "pipeline/accounts.h"
#include "pipeline/question.h"
#include <memory>
#include <QObject>
#include <QThread>
#include <QTimer>

namespace weir::engine {

class AdminSocket;
class Bookkeeper;
class Engine;

/// Main thread. What is kept of an engine's run: owns the store thread and the Bookkeeper in it, which the
/// engine hands its records to. The proxy waits for it once, before it listens, and never again.
class Ledger final : public QObject
{
    Q_OBJECT
public:
    /// How long the engine's start waits for the database; after that it starts all the same.
    static constexpr std::chrono::milliseconds OpenWait{2'000};

    explicit Ledger(QObject *parent = nullptr);
    /// Writes what has been handed over.
    ~Ledger() override;

    /// Opens the database for one run of an engine; answers with ready().
    void open(const config::Config &config);
    /// Ties the engine, which has not started, to the database; both ways.
    void attach(Engine &engine);
    /// The engine listens: scripts may now ask it.
    void publish(const QString &address);
    /// It is about to stop that.
    void withdraw();
    /// Asks the store; answers with answered().
    void ask(quint64 id, const pipeline::Question &question);
    /// After the engine's last batch: writes it, answers what has been asked and closes the database; answers
    /// with closed().
    void close();

    const metrics::Saving &saving() const { return m_saving; }
    /// Opens the engine's pages for the admin; null while nothing is kept.
    const std::shared_ptr<const base::Secret> &adminToken() const { return m_adminToken; }
    const std::shared_ptr<const base::Secret> &callerKey() const { return m_callerKey; }
    /// What was spent before this run; null while that is not known.
    const pipeline::SpentBefore &spentBefore() const { return m_spentBefore; }

Q_SIGNALS:
    void spentKnown(const weir::pipeline::SpentBefore &spent);
    /// Once for each open(): the database is open, or could not be opened, or OpenWait is over.
    void ready();
    void savingChanged();
    /// See Bookkeeper.
    void socketMade(const std::shared_ptr<weir::engine::AdminSocket> &socket);
    /// The same, and the key of callers' hashes, as values for the engine.
    void savingTold(const weir::metrics::Saving &saving);
    void callerKeyKnown(const std::shared_ptr<const weir::base::Secret> &key);
    /// Of the engine's questions, too: their numbers are others (EngineHost::ask()).
    void answered(quint64 id, const weir::pipeline::Answer &answer);
    void closed();

private:
    void becomeReady();
    void setSaving(const metrics::Saving &saving);

    QThread m_thread;
    QTimer m_openWait;
    Bookkeeper *m_keeper = nullptr; // lives in m_thread, deleted there; null: nothing is kept
    bool m_isReady = true;
    metrics::Saving m_saving;
    std::shared_ptr<const base::Secret> m_adminToken;
    std::shared_ptr<const base::Secret> m_callerKey;
    pipeline::SpentBefore m_spentBefore;
};

} // namespace weir::engine
