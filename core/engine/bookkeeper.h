// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "metrics/request_record.h"
#include "metrics/saving.h"
#include "pipeline/accounts.h"
#include "pipeline/key_ring.h"
#include "pipeline/question.h"
#include "store/database.h"
#include "store/retention.h"
#include "store/usage_log.h"
#include <memory>
#include <QByteArray>
#include <QObject>
#include <QTimer>
#include <span>
#include <string>
#include <vector>

namespace weir::engine {

class AdminSocket;

/// The store's end of the Ledger, for one run of an engine: opens the database, writes what it is handed,
/// answers questions. Lives in the store thread; what it says and is told are values, by queued signal.
class Bookkeeper final : public QObject
{
    Q_OBJECT
public:
    /// How long after a failure the database is tried again: another program may have had it open for a
    /// moment.
    static constexpr std::chrono::milliseconds ReopenEvery{5'000};
    /// Where another program has it: a command, which is done at once. So often, and then as above.
    static constexpr std::chrono::milliseconds ReopenSoon{100};
    static constexpr int ReopenSoonMax = 30;
    /// How often in a run a database that is found damaged while it is used is closed, looked at and healed.
    /// A disk that goes on failing is not filled with what was moved aside.
    static constexpr int HealsMax = 3;
    /// When old usage is looked for, first and then, and between two steps of removing it.
    static constexpr std::chrono::milliseconds RetainFirst{1'000};
    static constexpr std::chrono::milliseconds RetainEvery{600'000};
    static constexpr std::chrono::milliseconds RetainPause{50};

    /// `providers`: names of those that access keys may go to.
    Bookkeeper(std::string path, store::RetentionRules rules, std::vector<std::string> providers);
    ~Bookkeeper() override;

    /// Answers with opened(), whether it could or not.
    void open();
    /// Writes the batch now. What cannot be written waits in memory (UsageLog::QueueMax).
    void take(const std::shared_ptr<const metrics::RecordBatch> &records);
    void answer(quint64 id, const pipeline::Question &question);
    void findKey(quint64 id, const keys::KeyHash &hash);
    /// Lets scripts find the engine, from when on the database is open.
    void publish(const std::string &address, const std::shared_ptr<const base::Secret> &token);
    /// Before the engine gives its port away.
    void withdraw();
    /// Writes what waits and closes the database; answers with closed(). Nothing may follow.
    void close();

Q_SIGNALS:
    /// The lock has been taken: by this socket commands come in, until it is given back. Each time that the
    /// database is tried.
    void socketMade(const std::shared_ptr<weir::engine::AdminSocket> &socket);
    /// What was spent before this run; once, before opened().
    void spentRead(const weir::pipeline::SpentBefore &spent);
    /// `callerKey` is null if the database could not be opened.
    void opened(std::shared_ptr<const weir::base::Secret> callerKey);
    void savingChanged(const weir::metrics::Saving &saving);
    void answered(quint64 id, const weir::pipeline::Answer &answer);
    void keyFound(quint64 id, const weir::keys::KeyHash &hash, const weir::pipeline::FoundKey &key);
    /// What was told of it is wrong now.
    void keyChanged(const weir::keys::KeyHash &hash);
    void closed();

private:
    base::Result<std::int64_t> write(std::span<const store::UsageRow> rows, const store::Refusals &refusals);
    pipeline::Answer reply(const pipeline::Question &question);
    pipeline::FoundKey lookUp(const keys::KeyHash &hash);
    bool heal(const base::Error &error);
    void tellHealed();
    base::Result<std::shared_ptr<const base::Secret>> tryToOpen();
    void makeSocket();
    void retain();
    void writeAdminFile();
    void tell();

    const std::string m_path;
    const store::RetentionRules m_rules;
    const std::vector<std::string> m_providers;
    const base::SystemClock m_clock;
    const QByteArray m_boot; // the same however often it is opened, so that no row gets in twice
    std::unique_ptr<store::Database> m_database; // null: not open
    base::Error m_whyNot;                        // … because
    store::UsageLog m_log;
    QTimer m_reopen;
    int m_reopenedSoon = 0;
    store::Database::Trust m_trust = store::Database::Trust::Usual;
    int m_heals = 0;
    std::string m_healed; // what was done, in words
    QTimer m_retain;
    metrics::Saving m_told;
    std::string m_address;
    std::shared_ptr<const base::Secret> m_token;
};

} // namespace weir::engine
