// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "keys/access_key.h"
#include "store/database.h"
#include "support/manual_clock.h"
#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <sys/stat.h>

namespace weir::test {

/// A temporary folder for a database, and a clock that stands still.
struct StoreFixture
{
    QTemporaryDir folder;
    ManualClock clock;
    QByteArray boot = QByteArray(16, 'b');

    std::string path() const { return folder.filePath(QStringLiteral("home/weir.db")).toStdString(); }
    QString file() const { return QString::fromStdString(path()); }
    void makeFolder() const { QDir().mkpath(folder.filePath(QStringLiteral("home"))); }

    base::Result<std::unique_ptr<store::Database>> open(std::int64_t wholeCheckMax = std::int64_t{1}
                                                                                     << 30) const
    {
        return store::Database::open(
            {path(), boot, wholeCheckMax, std::chrono::milliseconds(200), store::Database::Broken::Replace},
            clock);
    }
    /// What has been moved aside, without companions.
    QStringList asides() const
    {
        QStringList found;
        const QDir home(folder.filePath(QStringLiteral("home")));
        for (const QString &name :
             home.entryList({QStringLiteral("weir.db.*-2*")}, QDir::Files | QDir::Dirs | QDir::System)) {
            if (!name.endsWith(QLatin1String("-wal")) && !name.endsWith(QLatin1String("-shm")))
                found.append(home.filePath(name));
        }
        return found;
    }
};

inline keys::AccessKey someKey(int number)
{
    keys::AccessKey key;
    key.label = "key " + std::to_string(number);
    key.hash = keys::hashOf("weir_number_" + std::to_string(number));
    return key;
}

inline QByteArray readFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline void writeFile(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write a test's file");
}

inline int modeOf(const QString &path)
{
    struct stat found = {};
    return ::stat(QFile::encodeName(path).constData(), &found) == 0 ? int(found.st_mode & 07777) : -1;
}

/// Runs statements in a file of SQLite as another program would.
inline bool runElsewhere(const QString &path, const QStringList &statements)
{
    bool all = true;
    {
        QSqlDatabase connection =
            QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("elsewhere"));
        connection.setDatabaseName(path);
        all = connection.open();
        for (const QString &statement : statements)
            all = QSqlQuery(connection).exec(statement) && all;
    }
    QSqlDatabase::removeDatabase(QStringLiteral("elsewhere"));
    return all;
}

/// Fails the test with the error's words.
#define VERIFY_RESULT(result)                                                                                \
    do {                                                                                                     \
        const auto &outcome = (result);                                                                      \
        QVERIFY2(outcome.has_value(),                                                                        \
                 outcome.has_value() ? "" : weir::base::describe(outcome.error()).c_str());                  \
    } while (false)

} // namespace weir::test
