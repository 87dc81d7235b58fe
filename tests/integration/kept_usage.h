// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "store/database.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QList>
#include <QTemporaryDir>
#include <string>

namespace weir::test {

/// What weir.db.admin says.
struct AdminLines
{
    QByteArray address;
    QByteArray token;
};

/// A data folder of its own for what an engine keeps, in place of the user's.
class KeptUsage
{
public:
    /// `below`: folders between, so that the path gets long.
    explicit KeptUsage(const QString &below = {}) : m_home(m_folder.path() + below)
    {
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_home));
    }

    QString folder() const { return m_home + QStringLiteral("/weir"); }
    std::string path() const { return (folder() + QStringLiteral("/weir.db")).toStdString(); }

    QString adminFile() const { return folder() + QStringLiteral("/weir.db.admin"); }
    QString socket() const { return folder() + QStringLiteral("/weir.db.sock"); }
    /// As a script reads it; nothing where it is not there.
    std::optional<AdminLines> admin() const
    {
        QFile file(adminFile());
        const QByteArrayList lines =
            file.open(QIODevice::ReadOnly) ? file.readAll().split('\n') : QByteArrayList();
        return lines.size() == 3 ? std::optional(AdminLines{lines[0], lines[1]}) : std::nullopt;
    }

    /// The database, while no engine has it open; null if it cannot be opened or was found damaged.
    std::unique_ptr<store::Database> open() const
    {
        store::Database::Options options;
        options.path = path();
        options.broken = store::Database::Broken::Refuse;
        auto database = store::Database::open(options, m_clock);
        if (!database)
            qWarning("%s", base::describe(database.error()).c_str());
        return database ? std::move(*database) : nullptr;
    }
    /// The one number that `sql` asks for, -1 if there is none.
    std::int64_t number(const char *sql) const
    {
        const auto database = open();
        const auto answer = database ? database->number(sql) : base::Result<std::int64_t>(-1);
        return answer ? *answer : -1;
    }
    std::int64_t rows() const { return number("SELECT count(*) FROM usage"); }
    /// Every byte that lies there.
    QByteArray bytes() const
    {
        QByteArray all;
        const QDir place(folder());
        for (const QString &name : place.entryList(QDir::Files)) {
            QFile file(place.filePath(name));
            if (file.open(QIODevice::ReadOnly))
                all += file.readAll();
        }
        return all;
    }

private:
    QTemporaryDir m_folder;
    const QString m_home;
    base::SystemClock m_clock;
};

} // namespace weir::test
