// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include "store/database_lock.h"
#include "store/statement.h"
#include <memory>
#include <QByteArray>
#include <string>

namespace weir::store {

/// weir.db: the one connection of the one process that has it open (docs/adr/0006). Everything of this room
/// that takes a Database belongs to the thread that opened it, the store thread, and blocks it while the disk
/// works; nothing else does.
class Database
{
public:
    enum class Broken
    {
        Replace, ///< mended where that loses nothing, else moved aside, and a new one is made
        Refuse   ///< StoreBroken
    };
    enum class Trust
    {
        Usual,
        Doubted ///< it was found damaged where it was used: every page and every index is looked at
    };
    struct Options
    {
        std::string path;
        /// Tells this process from every other one; 16 bytes. Empty = made up.
        QByteArray boot;
        /// A damaged file is found at once where it is used. At start the whole of it is looked through only
        /// if it is smaller than this, else the tables without which no key would be known: 128 MiB take
        /// about 0.2 s.
        std::int64_t wholeCheckMax = std::int64_t{128} << 20;
        base::Duration busyTimeout = std::chrono::seconds(2);
        Broken broken = Broken::Replace;
        Trust trust = Trust::Usual;
    };

    /// What had to be done to get a database; for the window and the log.
    struct Start
    {
        bool isNew = false;
        int versionBefore = 0;
        bool isMended = false;    ///< its indexes were damaged, and made anew: nothing is lost
        std::string movedAsideTo; ///< "" = nothing was
        std::string reason;       ///< why it was, or is mended
        std::int64_t salvagedKeys = 0;
        std::int64_t salvagedRows = 0; ///< keys included
    };

    /// Opens, checks and migrates it; makes it if it is missing. Damaged indexes are made anew. What else is
    /// not a sound database of Weir is moved aside and as much as can be read taken over. Fails, and has
    /// changed nothing, if another process has it open (StoreInUse), if a newer Weir wrote it (StoreNewer),
    /// if a link lies in its place or the disk does not do (StoreUnavailable): then Weir runs without saving.
    static base::Result<std::unique_ptr<Database>> open(const Options &options, const base::Clock &clock);
    /// The same for who has the lock of that path already: it goes with the database, at once if this fails.
    static base::Result<std::unique_ptr<Database>>
    open(const Options &options, std::unique_ptr<DatabaseLock> lock, const base::Clock &clock);
    ~Database();
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    Statement prepare(const char *sql) const;
    base::Result<void> execute(const char *sql) const;
    /// Of a PRAGMA or a query of one value; fails without a row.
    base::Result<std::int64_t> number(const char *sql) const;

    const std::string &path() const { return m_path; }
    const Start &start() const { return m_start; }
    /// Numbers the processes that have written here, from 1.
    std::int64_t run() const { return m_run; }

private:
    Database(std::string path, std::unique_ptr<DatabaseLock> lock);
    base::Result<void> obtain(const Options &options, base::WallMs now);
    base::Result<void> replaceBroken(const Options &options, const std::string &reason, base::WallMs now);
    base::Result<void> connectAndCheck(const Options &options);
    base::Result<void> checkIdentity();
    base::Result<void> useWriteAheadLog() const;
    base::Result<void> checkOrMend(const Options &options);
    base::Result<void> migrate();
    base::Result<void> beginRun(QByteArray boot, base::WallMs now);
    void disconnect();

    const std::string m_path;
    const std::unique_ptr<DatabaseLock> m_lock;
    QString m_connection; // Qt's name of it; "" = closed
    Start m_start;
    std::int64_t m_run = 0;
};

/// Everything between construction and commit() happens or nothing of it. Rolls back when it goes.
class Transaction
{
public:
    enum class Durability
    {
        Process, ///< survives the end of the process at once, a power cut once the system has written it
        Power    ///< commit() returns when it is on the disk; for what a user has decided
    };
    explicit Transaction(const Database &database, Durability durability = Durability::Process);
    ~Transaction();
    Transaction(const Transaction &) = delete;
    Transaction &operator=(const Transaction &) = delete;

    base::Result<void> begin();
    base::Result<void> commit();

private:
    const Database &m_database;
    const Durability m_durability;
    bool m_isOpen = false;
};

} // namespace weir::store
