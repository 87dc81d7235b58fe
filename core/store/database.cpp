// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"

#include "store/database_file.h"
#include "store/migrations.h"
#include "store/salvage.h"
#include "store/soundness.h"
#include <QFile>
#include <QFileInfo>
#include <QUuid>

namespace weir::store {

using base::Errc;
using base::Result;

namespace {

/// "WEIR": PRAGMA application_id of our files.
constexpr std::int64_t ApplicationId = 0x57454952;

/// The locking mode must be set before the first look into the file. Why each has the value it has:
/// docs/adr/0006.
constexpr const char *Settings[] = {
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA wal_autocheckpoint = 1000",
    "PRAGMA journal_size_limit = 16777216",
};

QString toPath(const std::string &path)
{
    return QFile::decodeName(QByteArray::fromStdString(path));
}

QString newConnectionName()
{
    return QStringLiteral("store-") + QUuid::createUuid().toString(QUuid::WithoutBraces);
}

} // namespace

Database::Database(std::string path, std::unique_ptr<DatabaseLock> lock)
    : m_path(std::move(path)), m_lock(std::move(lock))
{
}

Database::~Database()
{
    disconnect();
}

void Database::disconnect()
{
    if (m_connection.isEmpty())
        return;
    QSqlDatabase::removeDatabase(m_connection); // closes it: nobody else holds a copy
    m_connection.clear();
}

Result<std::unique_ptr<Database>> Database::open(const Options &options, const base::Clock &clock)
{
    auto lock = DatabaseLock::take(options.path);
    if (!lock)
        return base::Unexpected{lock.error()};
    return open(options, std::move(*lock), clock);
}

Result<std::unique_ptr<Database>> Database::open(const Options &options, std::unique_ptr<DatabaseLock> lock,
                                                 const base::Clock &clock)
{
    std::unique_ptr<Database> database(new Database(options.path, std::move(lock)));
    if (auto obtained = database->obtain(options, clock.wallNow()); !obtained)
        return base::Unexpected{obtained.error()};
    return database;
}

Result<void> Database::obtain(const Options &options, base::WallMs now)
{
    switch (kindOf(m_path)) {
    case FileKind::Symlink:
        return base::unexpected(Errc::StoreUnavailable, m_path + ": a link is not followed");
    case FileKind::Other:
        return base::unexpected(Errc::StoreUnavailable, m_path + ": not a file");
    case FileKind::Missing: {
        m_start.isNew = true;
        if (auto made = createPrivateFile(m_path); !made)
            return made;
        break;
    }
    case FileKind::EmptyFile:
        return replaceBroken(options, "it is empty", now);
    case FileKind::Folder:
        return replaceBroken(options, "it is a folder", now);
    case FileKind::File:
        break;
    }
    if (auto secured = secureFiles(m_path); !secured)
        return secured;
    Result<void> opened = connectAndCheck(options);
    if (opened)
        opened = beginRun(options.boot, now);
    if (!opened && opened.error().code == Errc::StoreBroken) {
        disconnect();
        return replaceBroken(options, opened.error().detail, now);
    }
    return opened;
}

Result<void> Database::replaceBroken(const Options &options, const std::string &reason, base::WallMs now)
{
    if (options.broken == Broken::Refuse)
        return base::unexpected(Errc::StoreBroken, reason);
    auto moved = moveAside(m_path, "corrupt", now);
    if (!moved)
        return base::Unexpected{moved.error()};
    m_start = {};
    m_start.isNew = true;
    m_start.movedAsideTo = *moved;
    m_start.reason = reason;
    if (auto made = createPrivateFile(m_path); !made)
        return made;
    if (auto opened = connectAndCheck(options); !opened)
        return opened;
    const Salvaged salvaged = salvage(*this, *moved, ApplicationId);
    m_start.salvagedKeys = salvaged.keys;
    m_start.salvagedRows = salvaged.rows;
    return beginRun(options.boot, now);
}

Result<void> Database::connectAndCheck(const Options &options)
{
    m_connection = newConnectionName();
    {
        QSqlDatabase connection = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection);
        connection.setDatabaseName(toPath(m_path));
        const auto busy = std::chrono::duration_cast<std::chrono::milliseconds>(options.busyTimeout).count();
        connection.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(busy));
        if (!connection.open())
            return base::Unexpected{toError(connection.lastError())};
    }
    for (const char *setting : Settings) {
        if (auto set = execute(setting); !set)
            return set;
    }
    if (auto known = checkIdentity(); !known)
        return known;
    if (auto set = useWriteAheadLog(); !set)
        return set;
    if (auto sound = checkOrMend(options); !sound)
        return sound;
    return migrate();
}

Result<void> Database::checkOrMend(const Options &options)
{
    const bool isSmall = QFileInfo(toPath(m_path)).size() <= options.wholeCheckMax;
    const Look usual = isSmall ? Look::Quick : Look::KeysOnly;
    const auto sound = checkSound(*this, options.trust == Trust::Doubted ? Look::Whole : usual);
    if (sound || sound.error().code != Errc::StoreBroken || options.broken == Broken::Refuse)
        return sound;
    if (!mendIndexes(*this))
        return sound;
    m_start.isMended = true;
    m_start.reason = sound.error().detail;
    return {};
}

Result<void> Database::useWriteAheadLog() const
{
    Statement journal = prepare("PRAGMA journal_mode = WAL");
    if (auto set = journal.run(); !set)
        return set;
    if (!journal.next() || journal.text(0) != "wal")
        return base::unexpected(Errc::StoreUnavailable, "the file system does not allow a write-ahead log");
    return {};
}

Result<void> Database::checkIdentity()
{
    const auto id = number("PRAGMA application_id");
    const auto version = number("PRAGMA user_version");
    const auto tables = number("SELECT count(*) FROM sqlite_schema");
    for (const auto *read : {&id, &version, &tables}) {
        if (!*read)
            return base::Unexpected{read->error()};
    }
    // Nothing in it: just made, by us now or by a start that was interrupted.
    if (m_start.isNew || (*id == 0 && *version == 0 && *tables == 0)) {
        // Before the first table, or it has no effect.
        if (auto set = execute("PRAGMA auto_vacuum = INCREMENTAL"); !set)
            return set;
        return execute(("PRAGMA application_id = " + std::to_string(ApplicationId)).c_str());
    }
    if (*id != ApplicationId)
        return base::unexpected(Errc::StoreBroken, "it belongs to another program");
    if (*version > newestVersion()) {
        return base::unexpected(Errc::StoreNewer, "its version is " + std::to_string(*version) +
                                                      ", this program knows " +
                                                      std::to_string(newestVersion()));
    }
    m_start.versionBefore = int(*version);
    return {};
}

Result<void> Database::migrate()
{
    for (const Migration &migration : migrations()) {
        if (migration.version <= m_start.versionBefore)
            continue;
        Transaction transaction(*this, Transaction::Durability::Power);
        if (auto begun = transaction.begin(); !begun)
            return begun;
        for (const char *sql : migration.statements) {
            if (auto done = execute(sql); !done)
                return done;
        }
        const std::string version = "PRAGMA user_version = " + std::to_string(migration.version);
        if (auto done = execute(version.c_str()); !done)
            return done;
        if (auto committed = transaction.commit(); !committed)
            return committed;
    }
    return {};
}

Result<void> Database::beginRun(QByteArray boot, base::WallMs now)
{
    if (boot.isEmpty())
        boot = QUuid::createUuid().toRfc4122();
    Statement select = prepare("SELECT id FROM run WHERE boot = ?");
    if (auto ran = select.bindBlob(boot).run(); !ran)
        return ran;
    if (select.next()) {
        m_run = select.integer(0);
        return {};
    }
    if (auto failure = select.failure(); !failure)
        return failure;
    Statement insert = prepare("INSERT INTO run(boot, started_at) VALUES(?, ?)");
    if (auto ran = insert.bindBlob(boot).bind(now).run(); !ran)
        return ran;
    m_run = insert.insertedId();
    return {};
}

Statement Database::prepare(const char *sql) const
{
    return {QSqlDatabase::database(m_connection, false), sql};
}

Result<void> Database::execute(const char *sql) const
{
    return prepare(sql).run();
}

Result<std::int64_t> Database::number(const char *sql) const
{
    Statement statement = prepare(sql);
    if (auto ran = statement.run(); !ran)
        return base::Unexpected{ran.error()};
    if (!statement.next()) {
        if (auto failure = statement.failure(); !failure)
            return base::Unexpected{failure.error()};
        return base::unexpected(Errc::StoreUnavailable, std::string("no answer to ") + sql);
    }
    return statement.integer(0);
}

Transaction::Transaction(const Database &database, Durability durability)
    : m_database(database), m_durability(durability)
{
}

Transaction::~Transaction()
{
    // Nothing can be done about a rollback that fails: SQLite has then rolled back by itself.
    if (m_isOpen)
        (void)m_database.execute("ROLLBACK");
    if (m_durability == Durability::Power)
        (void)m_database.execute("PRAGMA synchronous = NORMAL");
}

Result<void> Transaction::begin()
{
    if (m_durability == Durability::Power) {
        if (auto set = m_database.execute("PRAGMA synchronous = FULL"); !set)
            return set;
    }
    Result<void> begun = m_database.execute("BEGIN IMMEDIATE");
    m_isOpen = begun.has_value();
    return begun;
}

Result<void> Transaction::commit()
{
    Result<void> committed = m_database.execute("COMMIT");
    m_isOpen = !committed.has_value();
    return committed;
}

} // namespace weir::store
