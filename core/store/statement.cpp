// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/statement.h"

namespace weir::store {

using base::Errc;
using base::Error;
using base::Result;

namespace {

// Primary result codes of SQLite (sqlite.org/rescode.html); extended ones have them in their low byte.
constexpr int SqliteBusy = 5;
constexpr int SqliteLocked = 6;
constexpr int SqliteCorrupt = 11;
constexpr int SqliteNotADatabase = 26;

Errc codeOf(int primary)
{
    switch (primary) {
    case SqliteCorrupt:
    case SqliteNotADatabase:
        return Errc::StoreBroken;
    case SqliteBusy:
    case SqliteLocked:
        return Errc::StoreInUse;
    default:
        return Errc::StoreUnavailable;
    }
}

} // namespace

Error toError(const QSqlError &error)
{
    const int primary = error.nativeErrorCode().toInt() & 0xff;
    const QString words = error.databaseText().isEmpty() ? error.driverText() : error.databaseText();
    return {codeOf(primary), words.toStdString()};
}

Statement::Statement(const QSqlDatabase &connection, const char *sql) : m_query(connection)
{
    m_query.setForwardOnly(true); // otherwise Qt keeps every row that was read
    m_prepared = m_query.prepare(QString::fromUtf8(sql));
}

Statement &Statement::bind(std::int64_t value)
{
    m_query.addBindValue(QVariant::fromValue(qlonglong(value)));
    return *this;
}

Statement &Statement::bind(std::optional<std::int64_t> value)
{
    m_query.addBindValue(value ? QVariant::fromValue(qlonglong(*value)) : QVariant());
    return *this;
}

Statement &Statement::bind(std::string_view text)
{
    // An empty QString is stored as '', a null one as NULL.
    QString value = QString::fromUtf8(text.data(), qsizetype(text.size()));
    m_query.addBindValue(value.isNull() ? QVariant(QLatin1String("")) : QVariant(std::move(value)));
    return *this;
}

Statement &Statement::bindBlob(const QByteArray &bytes)
{
    m_query.addBindValue(bytes);
    return *this;
}

Statement &Statement::bindAny(const QVariant &value)
{
    m_query.addBindValue(value);
    return *this;
}

Result<void> Statement::run()
{
    if (!m_prepared || !m_query.exec())
        return base::Unexpected{toError(m_query.lastError())};
    return {};
}

Result<void> Statement::failure() const
{
    if (!m_query.lastError().isValid())
        return {};
    return base::Unexpected{toError(m_query.lastError())};
}

std::optional<std::int64_t> Statement::optionalInteger(int column) const
{
    if (m_query.isNull(column))
        return std::nullopt;
    return integer(column);
}

} // namespace weir::store
