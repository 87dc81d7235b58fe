// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include "keys/access_key.h"
#include "store/database.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::store {

/// A key of the ancestor's file: hashed, with what it has spent.
struct ImportedKey
{
    keys::AccessKey key;
    std::vector<keys::Spent> spent;
    std::int64_t tokensBefore = 0; ///< in its whole life until then
};

/// Access keys in the database, known by their hash only. What a user decides (insert … remove, import) is on
/// the disk when the call returns. NotStored where no key has that id. Store thread.
class KeyStore
{
public:
    explicit KeyStore(const Database &database) : m_database(database) {} ///< borrowed for its life

    /// A decision; a database without bound would not be one of keys any more.
    static constexpr std::int64_t KeysMax = 10'000;

    /// Gives it its id. The same hash twice is refused.
    base::Result<keys::AccessKey> insert(keys::AccessKey key);
    base::Result<std::vector<keys::AccessKey>> list() const; ///< oldest first
    base::Result<std::optional<keys::AccessKey>> find(const keys::KeyHash &hash) const;
    base::Result<keys::AccessKey> get(std::int64_t id) const;
    /// Whether another key than `id` is called so.
    base::Result<bool> isLabelTaken(const std::string &label, std::int64_t id) const;

    /// All that a user sets, in one step: label, pause, provider, model, allowed models, priority, expiry,
    /// limits.
    base::Result<void> update(const keys::AccessKey &key);
    /// The old text stops working; id, label, limits and what was spent stay.
    base::Result<void> rotate(std::int64_t id, const std::string &prefix, const keys::KeyHash &hash);
    base::Result<void> remove(std::int64_t id);

    /// All or none. Keys that are here already (by hash) are left as they are. How many were new.
    base::Result<std::int64_t> import(const std::vector<ImportedKey> &keys);
    /// What a key has used in its whole life, before it was imported included: writeUsage() adds it up.
    base::Result<std::int64_t> lifetimeTokens(std::int64_t id) const;

private:
    base::Result<std::int64_t> insertRow(const keys::AccessKey &key, std::int64_t tokensBefore);
    base::Result<void> change(Statement &statement, std::int64_t id);

    const Database &m_database;
};

} // namespace weir::store
