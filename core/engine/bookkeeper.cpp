// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bookkeeper.h"

#include "engine/admin_file.h"
#include "engine/admin_socket.h"
#include "engine/store_desk.h"
#include "store/caller_store.h"
#include "store/key_store.h"
#include "store/spent_book.h"
#include "store/usage_writer.h"
#include <QLoggingCategory>
#include <QUuid>

namespace weir::engine {

using base::Errc;
using base::Result;

namespace {

Q_LOGGING_CATEGORY(log, "weir.store")

} // namespace

Bookkeeper::Bookkeeper(std::string path, store::RetentionRules rules, std::vector<std::string> providers)
    : m_path(std::move(path))
    , m_rules(rules)
    , m_providers(std::move(providers))
    , m_boot(QUuid::createUuid().toRfc4122())
    , m_log([this](std::span<const store::UsageRow> rows,
                   const store::Refusals &refusals) { return write(rows, refusals); },
            this)
    , m_reopen(this)
    , m_retain(this)
{
    m_reopen.setSingleShot(true);
    m_retain.setSingleShot(true);
    connect(&m_reopen, &QTimer::timeout, this, &Bookkeeper::open);
    connect(&m_retain, &QTimer::timeout, this, &Bookkeeper::retain);
    connect(&m_log, &store::UsageLog::savingChanged, this, &Bookkeeper::tell);
}

Bookkeeper::~Bookkeeper() = default;

void Bookkeeper::open()
{
    auto key = tryToOpen();
    if (!key) {
        m_database.reset();
        m_whyNot = key.error();
        if (!heal(m_whyNot)) {
            const bool isSoon = m_whyNot.code == Errc::StoreInUse && m_reopenedSoon < ReopenSoonMax;
            m_reopenedSoon += isSoon;
            m_reopen.start(isSoon ? ReopenSoon : ReopenEvery);
        }
        tell();
        Q_EMIT opened(nullptr);
        return;
    }
    m_trust = store::Database::Trust::Usual;
    tellHealed();
    m_whyNot = {};
    m_log.flush(); // what has waited
    m_retain.start(RetainFirst);
    writeAdminFile();
    tell();
    Q_EMIT opened(std::move(*key));
}

Result<std::shared_ptr<const base::Secret>> Bookkeeper::tryToOpen()
{
    m_database.reset(); // where it is to be healed
    // A run of its own for each engine: they number their exchanges from 1.
    store::Database::Options options;
    options.path = m_path;
    options.boot = m_boot;
    options.trust = m_trust;
    auto lock = store::DatabaseLock::take(m_path);
    if (!lock)
        return base::Unexpected{lock.error()};
    makeSocket(); // first: who asks while the database is being checked waits for the answer
    auto database = store::Database::open(options, std::move(*lock), m_clock);
    if (!database)
        return base::Unexpected{database.error()};
    m_database = std::move(*database);
    auto key = store::CallerStore(*m_database).hashKey();
    if (!key)
        return base::Unexpected{key.error()};
    // Before what has waited is written: the engine has counted that itself.
    auto spent = store::readSpent(*m_database);
    if (!spent)
        return base::Unexpected{spent.error()};
    Q_EMIT spentRead(std::make_shared<const std::vector<keys::KeySpent>>(std::move(*spent)));
    return std::make_shared<const base::Secret>(std::move(*key));
}

/// Damage shows where something is read or written. True if the database is going to be opened again for it.
bool Bookkeeper::heal(const base::Error &error)
{
    if (error.code != Errc::StoreBroken || m_heals == HealsMax || m_reopen.isActive())
        return false;
    qCWarning(log, "the database is damaged (%s); it is opened anew, to be healed", error.detail.c_str());
    m_trust = store::Database::Trust::Doubted;
    ++m_heals;
    m_reopen.start(0);
    return true;
}

void Bookkeeper::tellHealed()
{
    const store::Database::Start &start = m_database->start();
    if (start.isMended)
        m_healed =
            "indexes of the database were damaged (" + start.reason + ") and made anew; nothing is lost";
    else if (!start.movedAsideTo.empty())
        m_healed = "the database was damaged (" + start.reason + "); it is now " + start.movedAsideTo + ", " +
                   std::to_string(start.salvagedRows) + " rows of it were saved";
    else
        return;
    qCWarning(log, "%s", m_healed.c_str());
}

void Bookkeeper::makeSocket()
{
    auto socket = AdminSocket::listen(m_path);
    if (socket)
        Q_EMIT socketMade(std::make_shared<AdminSocket>(std::move(*socket)));
    else
        qCWarning(log, "commands cannot reach this Weir: %s", base::describe(socket.error()).c_str());
}

void Bookkeeper::take(const std::shared_ptr<const metrics::RecordBatch> &records)
{
    std::vector<store::UsageRow> rows;
    store::Refusals refusals;
    for (const metrics::RequestRecord &record : *records) {
        if (record.hasAskedProvider())
            rows.push_back(store::rowOf(record));
        else if (record.isRefusal())
            refusals.add(record.error, record.startedAt);
    }
    if (rows.empty() && refusals.isEmpty())
        return;
    // The batch has been gathered for as long as a row may be lost; where the disk fails, the log tries
    // again. A refusal is no row: however many come, they are counted a few times a second.
    const bool hasRows = !rows.empty();
    m_log.append(std::move(rows), refusals);
    if (hasRows && m_log.state().isSaving)
        m_log.flush();
    tell();
}

Result<std::int64_t> Bookkeeper::write(std::span<const store::UsageRow> rows, const store::Refusals &refusals)
{
    if (!m_database)
        return base::Unexpected{m_whyNot};
    auto written = store::writeUsage(*m_database, rows, refusals);
    if (!written)
        heal(written.error());
    return written;
}

void Bookkeeper::answer(quint64 id, const pipeline::Question &question)
{
    const pipeline::Answer answer = reply(question);
    if (!answer)
        heal(answer.error());
    Q_EMIT answered(id, answer);
}

pipeline::Answer Bookkeeper::reply(const pipeline::Question &question)
{
    if (!m_database)
        return base::Unexpected{m_whyNot};
    DeskAnswer answer =
        answerFromStore(*m_database, question, m_clock.wallNow(), [this] { return m_providers; });
    if (answer.hasNewSpent) {
        if (auto spent = store::readSpent(*m_database))
            Q_EMIT spentRead(std::make_shared<const std::vector<keys::KeySpent>>(std::move(*spent)));
        else
            answer.json = base::Unexpected{spent.error()};
    }
    for (const keys::KeyHash &hash : answer.changedKeys)
        Q_EMIT keyChanged(hash); // before the answer: who has it may rely on it
    return std::move(answer.json);
}

void Bookkeeper::findKey(quint64 id, const keys::KeyHash &hash)
{
    const pipeline::FoundKey found = lookUp(hash);
    if (!found)
        heal(found.error());
    Q_EMIT keyFound(id, hash, found);
}

pipeline::FoundKey Bookkeeper::lookUp(const keys::KeyHash &hash)
{
    if (!m_database)
        return base::Unexpected{m_whyNot};
    auto found = store::KeyStore(*m_database).find(hash);
    if (!found)
        return base::Unexpected{found.error()};
    return *found ? std::make_shared<const keys::AccessKey>(std::move(**found)) : nullptr;
}

void Bookkeeper::publish(const std::string &address, const std::shared_ptr<const base::Secret> &token)
{
    m_address = address;
    m_token = token;
    writeAdminFile();
}

void Bookkeeper::writeAdminFile()
{
    if (!m_database || !m_token)
        return;
    const AdminFile file{m_address, m_token->clone()};
    if (const auto written = file.write(m_path); !written)
        qCWarning(log, "scripts cannot find this Weir: %s", base::describe(written.error()).c_str());
}

void Bookkeeper::withdraw()
{
    m_token.reset();
    if (m_database) // else it is another's
        AdminFile::remove(m_path);
}

void Bookkeeper::retain()
{
    if (!m_database)
        return;
    const auto more = store::retainStep(*m_database, m_rules, m_clock.wallNow());
    if (!more) {
        qCWarning(log, "old usage stays: %s", base::describe(more.error()).c_str());
        heal(more.error());
    }
    m_retain.start(more && *more ? RetainPause : RetainEvery);
}

void Bookkeeper::close()
{
    m_reopen.stop();
    m_retain.stop();
    if (!m_log.flush()) {
        qCWarning(log, "usage of %zu requests is lost: %s", m_log.state().waiting,
                  m_log.state().reason.c_str());
    }
    m_database.reset();
    m_whyNot = {Errc::StoreUnavailable, "it is closed"};
    Q_EMIT closed();
}

void Bookkeeper::tell()
{
    const store::UsageLog::State state = m_log.state();
    metrics::Saving saving;
    saving.word = "saved";
    if (!m_database) {
        saving.word = base::identifier(m_whyNot.code);
        saving.reason = base::describe(m_whyNot);
    } else if (!state.isSaving) {
        saving.word = base::identifier(Errc::StoreUnavailable);
        saving.reason = state.reason;
    } else {
        saving.reason = m_healed;
    }
    saving.written = state.written;
    saving.waiting = std::int64_t(state.waiting);
    saving.dropped = state.dropped;
    if (saving == m_told)
        return;
    if (saving.word != m_told.word && saving.isTrouble())
        qCWarning(log, "usage is not being saved: %s", saving.reason.c_str());
    m_told = saving;
    Q_EMIT savingChanged(saving);
}

} // namespace weir::engine
