// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/soundness.h"

#include "store/database.h"
#include <string>
#include <vector>

namespace weir::store {

using base::Errc;
using base::Result;

namespace {

Result<void> isOk(const Database &database, const std::string &sql)
{
    Statement check = database.prepare(sql.c_str());
    if (auto ran = check.run(); !ran)
        return ran;
    if (!check.next())
        return check.failure();
    if (check.text(0) != "ok")
        return base::unexpected(Errc::StoreBroken, check.text(0));
    return {};
}

/// Those that a key is known by, as far as they are there; the others grow with every request.
Result<std::vector<std::string>> keyTables(const Database &database)
{
    Statement select = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN"
                                        " ('run', 'access_key', 'spent', 'caller', 'installation')");
    if (auto ran = select.run(); !ran)
        return base::Unexpected{ran.error()};
    std::vector<std::string> names;
    while (select.next())
        names.push_back(select.text(0));
    if (auto failure = select.failure(); !failure)
        return base::Unexpected{failure.error()};
    return names;
}

} // namespace

Result<void> checkSound(const Database &database, Look look)
{
    if (look == Look::Whole)
        return isOk(database, "PRAGMA integrity_check(1)");
    if (look == Look::Quick) {
        if (auto sound = isOk(database, "PRAGMA quick_check(1)"); !sound)
            return sound;
    }
    // A quick check does not hold indexes against their tables, and one that has lost a row locks a key out.
    const auto tables = keyTables(database);
    if (!tables)
        return base::Unexpected{tables.error()};
    for (const std::string &table : *tables) {
        if (auto sound = isOk(database, "PRAGMA integrity_check(" + table + ")"); !sound)
            return sound;
    }
    return {};
}

Result<void> mendIndexes(const Database &database)
{
    Transaction transaction(database, Transaction::Durability::Power);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    if (auto made = database.execute("REINDEX"); !made)
        return made;
    if (auto sound = checkSound(database, Look::Whole); !sound)
        return sound;
    return transaction.commit();
}

} // namespace weir::store
