// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/salvage.h"

#include "store/database.h"
#include "store/database_file.h"
#include "store/usage_writer.h"
#include <QFile>
#include <QSqlRecord>
#include <QUuid>
#include <QVariant>

namespace weir::store {

namespace {

struct Table
{
    QString name;
    QStringList order; ///< its primary key
    int rowsMax = -1;  ///< from the newest on; -1 = all
};

/// Keys before what belongs to them.
const QList<Table> &tables()
{
    static const QList<Table> All = {
        {QStringLiteral("run"), {QStringLiteral("id")}},
        {QStringLiteral("access_key"), {QStringLiteral("id")}},
        {QStringLiteral("spent"), {QStringLiteral("rowid")}},
        {QStringLiteral("caller"), {QStringLiteral("id")}},
        {QStringLiteral("installation"), {QStringLiteral("id")}},
        {QStringLiteral("usage_hour"),
         {QStringLiteral("hour"), QStringLiteral("key_id"), QStringLiteral("caller"), QStringLiteral("tool"),
          QStringLiteral("provider"), QStringLiteral("model")}},
        {QStringLiteral("refused"), {QStringLiteral("hour"), QStringLiteral("reason")}},
        {QStringLiteral("usage"), {QStringLiteral("id")}, UsageRowsMax},
    };
    return All;
}

/// A second file and its connection, gone when this goes.
class Copy
{
public:
    Copy(const std::string &damaged, const std::string &path)
        : m_path(path)
        , m_connection(QStringLiteral("salvage-") + QUuid::createUuid().toString(QUuid::WithoutBraces))
    {
        removeFiles(); // of a salvage that was interrupted
        if (kindOf(damaged) != FileKind::File || !copyPrivately(damaged, m_path))
            return;
        if (kindOf(damaged + "-wal") == FileKind::File)
            (void)copyPrivately(damaged + "-wal", m_path + "-wal"); // without it the older state is read
        QSqlDatabase connection = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection);
        connection.setDatabaseName(QFile::decodeName(QByteArray::fromStdString(m_path)));
        m_isOpen = connection.open();
        for (const char *setting : {"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA trusted_schema = OFF"})
            (void)QSqlQuery(connection).exec(QString::fromUtf8(setting));
    }
    ~Copy()
    {
        QSqlDatabase::removeDatabase(m_connection);
        removeFiles();
    }
    Copy(const Copy &) = delete;
    Copy &operator=(const Copy &) = delete;

    bool isOpen() const { return m_isOpen; }
    QSqlQuery query() const
    {
        QSqlQuery query(QSqlDatabase::database(m_connection, false));
        query.setForwardOnly(true);
        return query;
    }

private:
    void removeFiles() const
    {
        for (const std::string &each : withCompanions(m_path))
            QFile::remove(QFile::decodeName(QByteArray::fromStdString(each)));
    }

    const std::string m_path;
    const QString m_connection;
    bool m_isOpen = false;
};

/// An older database has fewer columns; they keep their meaning. Only names that our own schema has are put
/// into SQL, whatever the damaged file claims.
QStringList commonColumns(QSqlQuery from, Statement into)
{
    QStringList theirs;
    if (into.run()) {
        while (into.next())
            theirs.append(QString::fromStdString(into.text(1)));
    }
    QStringList common;
    while (from.next()) {
        const QString name = from.value(1).toString();
        if (theirs.contains(name))
            common.append(name);
    }
    return common;
}

std::int64_t copyRows(const Table &table, const Copy &copy, const Database &into)
{
    QSqlQuery info = copy.query();
    const QString infoText = QStringLiteral("PRAGMA table_info(%1)").arg(table.name);
    if (!info.exec(infoText))
        return 0;
    const QStringList columns = commonColumns(std::move(info), into.prepare(infoText.toStdString().c_str()));
    if (columns.isEmpty())
        return 0;

    const QString marks = QStringList(columns.size(), QStringLiteral("?")).join(QLatin1Char(','));
    const QString insertText = QStringLiteral("INSERT OR IGNORE INTO %1(%2) VALUES(%3)")
                                   .arg(table.name, columns.join(QLatin1Char(',')), marks);
    Statement insert = into.prepare(insertText.toStdString().c_str());
    std::int64_t rows = 0;
    // The newest first; then from the other end up to where it is damaged.
    for (const QString &direction : {QStringLiteral(" DESC"), QStringLiteral(" ASC")}) {
        QSqlQuery select = copy.query();
        const QString order = table.order.join(direction + QLatin1Char(',')) + direction;
        if (!select.exec(QStringLiteral("SELECT %1 FROM %2 ORDER BY %3 LIMIT %4")
                             .arg(columns.join(QLatin1Char(',')), table.name, order)
                             .arg(table.rowsMax)))
            continue;
        int read = 0;
        while (select.next()) {
            ++read;
            for (int column = 0; column < int(columns.size()); ++column)
                insert.bindAny(select.value(column));
            // One that cannot be right, or whose key is lost, is left out.
            if (insert.run())
                rows += insert.changed();
        }
        if (!select.lastError().isValid() || read == table.rowsMax)
            break;
    }
    return rows;
}

/// A sum of a usage_hour that no provider's claims make overflow.
std::string summed(const char *column)
{
    return std::string(", CAST(min(total(") + column + "), 1 << 50) AS INTEGER)";
}

/// Hours whose sums are lost, wholly or in part, are added up again from their rows.
base::Result<void> restoreHours(const Database &into)
{
    const std::string shortHours =
        " IN (SELECT hour FROM (SELECT at - at % 3600000 AS hour, count(*) AS n FROM usage GROUP BY 1) AS "
        "kept"
        " WHERE n > coalesce((SELECT sum(requests) FROM usage_hour WHERE usage_hour.hour = kept.hour), 0))";
    const std::string remove = "DELETE FROM usage_hour WHERE hour" + shortHours;
    if (auto removed = into.execute(remove.c_str()); !removed)
        return removed;
    const std::string sums = summed("input") + summed("cached_input") + summed("cache_write") +
                             summed("output") + summed("reasoning") + ", count(cost_micros)" +
                             summed("cost_micros") + summed("own_us") + summed("total_us");
    const std::string insert =
        "INSERT INTO usage_hour SELECT at - at % 3600000, key_id, caller, tool, provider, substr(model, 1, " +
        std::to_string(SummedModelMax) + "), count(*), sum(outcome IN (2, 3, 5) OR status >= 400)," +
        " sum(is_estimated)" + sums + " FROM usage WHERE at - at % 3600000" + shortHours +
        " GROUP BY 1, 2, 3, 4, 5, 6";
    return into.execute(insert.c_str());
}

/// A key has used what its hours say at least: an older database has no totals, and a row of a key may have
/// been found as it was before.
base::Result<void> raiseTotals(const Database &into)
{
    return into.execute("UPDATE access_key SET tokens_used = max(tokens_used, used.tokens) FROM"
                        " (SELECT key_id, CAST(min(total(input + output), 1 << 52) AS INTEGER) AS tokens"
                        "  FROM usage_hour GROUP BY key_id) AS used"
                        " WHERE used.key_id = access_key.id");
}

} // namespace

Salvaged salvage(const Database &into, const std::string &damaged, std::int64_t applicationId)
{
    Salvaged salvaged;
    const Copy copy(damaged, into.path() + ".salvage");
    if (!copy.isOpen())
        return salvaged;
    QSqlQuery id = copy.query();
    if (!id.exec(QStringLiteral("PRAGMA application_id")) || !id.next() ||
        id.value(0).toLongLong() != applicationId)
        return salvaged;
    id.finish();

    Transaction transaction(into, Transaction::Durability::Power);
    if (!transaction.begin())
        return salvaged;
    for (const Table &table : tables()) {
        const std::int64_t rows = copyRows(table, copy, into);
        salvaged.rows += rows;
        if (table.name == QLatin1String("access_key"))
            salvaged.keys = rows;
    }
    return restoreHours(into) && raiseTotals(into) && transaction.commit() ? salvaged : Salvaged{};
}

} // namespace weir::store
