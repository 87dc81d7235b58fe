// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/spent_book.h"

#include <algorithm>

namespace weir::store {

using base::Result;

Result<void> addSpent(const Database &database, const SpentAmounts &amounts)
{
    // A sum stops below what SQLite's integers can hold (keys::RollingWindow::AmountMax).
    Statement add = database.prepare("INSERT INTO spent(key_id, at, amount) SELECT nullif(?, 0), ?, ?"
                                     " WHERE ? = 0 OR EXISTS(SELECT 1 FROM access_key WHERE id = ?)"
                                     " ON CONFLICT(coalesce(key_id, 0), at) DO UPDATE SET amount = "
                                     "min(amount + excluded.amount, 1 << 52)");
    for (const auto &[of, amount] : amounts) {
        const auto &[keyId, at] = of;
        if (amount <= 0)
            continue;
        add.bind(keyId).bind(at).bind(std::min(amount, keys::RollingWindow::AmountMax));
        if (auto ran = add.bind(keyId).bind(keyId).run(); !ran)
            return ran;
    }
    return {};
}

Result<std::vector<keys::KeySpent>> readSpent(const Database &database)
{
    Statement select = database.prepare("SELECT coalesce(key_id, 0), at, amount FROM spent ORDER BY 1, 2");
    if (auto ran = select.run(); !ran)
        return base::Unexpected{ran.error()};
    std::vector<keys::KeySpent> all;
    while (select.next()) {
        if (all.empty() || all.back().keyId != select.integer(0))
            all.push_back({select.integer(0), {}});
        all.back().spent.push_back({select.integer(1), select.integer(2)});
    }
    if (auto failure = select.failure(); !failure)
        return base::Unexpected{failure.error()};
    return all;
}

} // namespace weir::store
