// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <cstdint>
#include <optional>
#include <QByteArray>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QVariant>
#include <string>
#include <string_view>

namespace weir::store {

/// One SQL statement of the store. Values are bound, never pasted into the text. Lives at most as long as its
/// connection and only in the store thread.
class Statement
{
public:
    Statement(const QSqlDatabase &connection, const char *sql);

    /// Fill the question marks from left to right, anew for each run().
    Statement &bind(std::int64_t value);
    Statement &bind(std::optional<std::int64_t> value);
    Statement &bind(std::string_view text);
    Statement &bindBlob(const QByteArray &bytes);
    Statement &bindAny(const QVariant &value); ///< as another statement read it

    base::Result<void> run();
    /// Rows that the last run() inserted, changed or removed.
    int changed() const { return m_query.numRowsAffected(); }
    /// Of the row that was inserted last.
    std::int64_t insertedId() const { return m_query.lastInsertId().toLongLong(); }

    /// The next row; false at the end or when reading failed, which failure() tells.
    bool next() { return m_query.next(); }
    base::Result<void> failure() const;
    std::int64_t integer(int column) const { return m_query.value(column).toLongLong(); }
    std::optional<std::int64_t> optionalInteger(int column) const;
    std::string text(int column) const { return m_query.value(column).toString().toStdString(); }
    QByteArray blob(int column) const { return m_query.value(column).toByteArray(); }

private:
    QSqlQuery m_query;
    bool m_prepared = false;
};

/// Damaged, in use or otherwise not usable, with SQLite's own words, which name tables and never values.
base::Error toError(const QSqlError &error);

} // namespace weir::store
