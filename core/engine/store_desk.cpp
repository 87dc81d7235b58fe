// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/store_desk.h"

#include "engine/usage_report.h"

namespace weir::engine {

using base::Errc;

DeskAnswer answerFromStore(const store::Database &database, const pipeline::Question &question,
                           base::WallMs now)
{
    if (question.path() != "/stats/all")
        return {base::unexpected(Errc::UnknownPath, std::string(question.path())), {}};
    if (question.method != "GET")
        return {base::unexpected(Errc::MethodNotAllowed, "GET is"), {}};
    const auto asked = readUsageQuestion(question.query(), now);
    if (!asked)
        return {base::Unexpected{asked.error()}, {}};
    return {usageReport(database, *asked), {}};
}

} // namespace weir::engine
