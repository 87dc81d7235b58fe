// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "base/secret.h"
#include <string>
#include <utility>
#include <vector>

namespace weir::store {

class Database;

/// Who calls in pass-through: known by a keyed hash of provider and credential, and by the name that the user
/// gives it. Store thread.
class CallerStore
{
public:
    explicit CallerStore(const Database &database) : m_database(database) {} ///< borrowed for its life

    /// Names that are kept; more callers than that have no use for names.
    static constexpr std::int64_t LabelsMax = 10'000;

    /// 32 random bytes, made at the first call and the same ever after: the key of the callers' hashes.
    /// Without it a hash in a backup or an export cannot be held against a credential.
    base::Result<base::Secret> hashKey();

    /// An empty label takes the name away. On the disk when it returns.
    base::Result<void> setLabel(const std::string &caller, const std::string &label);
    base::Result<std::vector<std::pair<std::string, std::string>>> labels() const; ///< caller and label

private:
    const Database &m_database;
};

} // namespace weir::store
