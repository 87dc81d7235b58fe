// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/store_client.h"

#include "base/clock.h"
#include "engine/engine_client.h"
#include "store/backup.h"
#include "store/database.h"
#include "store/database_file.h"

namespace weir::engine {

using base::Errc;
using base::Result;

namespace {

pipeline::Answer askDatabase(const std::string &path, std::unique_ptr<store::DatabaseLock> lock,
                             const pipeline::Question &question, const ProviderNames &providers)
{
    const base::SystemClock clock;
    store::Database::Options options;
    options.path = path;
    options.broken = store::Database::Broken::Refuse;
    const auto database = store::Database::open(options, std::move(lock), clock);
    if (!database)
        return base::Unexpected{database.error()};
    return answerFromStore(**database, question, clock.wallNow(), providers).json;
}

} // namespace

pipeline::Answer askStore(const std::string &database, const pipeline::Question &question,
                          IfMissing ifMissing, const ProviderNames &providers)
{
    if (ifMissing == IfMissing::Refuse && store::kindOf(database) == store::FileKind::Missing)
        return base::unexpected(Errc::NotStored, database);
    auto owner = reachOwner(database);
    if (!owner)
        return base::Unexpected{owner.error()};
    return owner->engine ? askEngine(std::move(*owner->engine), question)
                         : askDatabase(database, std::move(owner->lock), question, providers);
}

Result<std::string> restoreStore(const std::string &backup, const std::string &database)
{
    auto replaced = store::restore(backup, database, base::SystemClock());
    if (replaced || replaced.error().code != Errc::StoreInUse)
        return replaced;
    return base::unexpected(Errc::StoreInUse, replaced.error().detail + ", which has to be stopped first");
}

} // namespace weir::engine
