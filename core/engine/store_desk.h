// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "keys/access_key.h"
#include "pipeline/question.h"
#include <functional>
#include <string>
#include <vector>

namespace weir::store {
class Database;
}

namespace weir::engine {

/// An answer, and the keys that it has changed: what is remembered of them elsewhere is wrong.
struct DeskAnswer
{
    pipeline::Answer json = QByteArray();
    std::vector<keys::KeyHash> changedKeys;
    bool hasNewSpent = false; ///< keys have come that had spent something before
};

/// Names of the providers that there are, or why nobody can tell. Called only where a key is to go to one.
using ProviderNames = std::function<base::Result<std::vector<std::string>>()>;

/// Answers the questions of Desk::Store from the database, whoever has it open: the engine's Bookkeeper, or a
/// command while no engine runs.
///   GET /stats        ownStats(): what the key `question.keyId` has used
///   GET /stats/all    usageReport()
///   POST /admin/backup {"to": PATH}: all of the database into a new file of mode 0600; {"backup": PATH}
///   … /admin/keys…    answerAboutKeys()
/// Store thread.
DeskAnswer answerFromStore(const store::Database &database, const pipeline::Question &question,
                           base::WallMs now, const ProviderNames &providers);

} // namespace weir::engine
