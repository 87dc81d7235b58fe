// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/store_client.h"

#include "base/clock.h"
#include "engine/engine_client.h"
#include "engine/store_desk.h"
#include "store/backup.h"
#include "store/database.h"
#include "store/database_file.h"
#include <QDeadlineTimer>

namespace weir::engine {

using base::Errc;
using base::Result;

namespace {

pipeline::Answer askDatabase(const std::string &path, const pipeline::Question &question)
{
    const base::SystemClock clock;
    store::Database::Options options;
    options.path = path;
    options.broken = store::Database::Broken::Refuse;
    const auto database = store::Database::open(options, clock);
    if (!database)
        return base::Unexpected{database.error()};
    return answerFromStore(**database, question, clock.wallNow()).json;
}

} // namespace

pipeline::Answer askStore(const std::string &database, const pipeline::Question &question,
                          IfMissing ifMissing)
{
    if (ifMissing == IfMissing::Refuse && store::kindOf(database) == store::FileKind::Missing)
        return base::unexpected(Errc::NotStored, database);
    // The kernel's lock says who is to be asked; a file left over from a crash cannot.
    for (QDeadlineTimer deadline(EngineFileWait);;) {
        auto answer = askDatabase(database, question);
        if (answer || answer.error().code != Errc::StoreInUse || deadline.hasExpired())
            return answer;
        const auto engine = findEngine(database);
        if (!engine)
            return answer; // another program
        if (*engine)
            return askEngine(**engine, question);
    } // nobody has it any more
}

Result<std::string> restoreStore(const std::string &backup, const std::string &database)
{
    auto replaced = store::restore(backup, database, base::SystemClock());
    if (replaced || replaced.error().code != Errc::StoreInUse)
        return replaced;
    const auto admin = AdminFile::read(database);
    if (!admin)
        return replaced;
    return base::unexpected(Errc::StoreInUse,
                            "Weir at " + admin->address + ", which has to be stopped first");
}

} // namespace weir::engine
