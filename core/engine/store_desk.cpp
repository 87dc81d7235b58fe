// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/store_desk.h"

#include "engine/key_desk.h"
#include "engine/usage_report.h"

namespace weir::engine {

using base::Errc;

namespace {

pipeline::Answer usage(const store::Database &database, const pipeline::Question &question, base::WallMs now)
{
    const auto asked = readUsageQuestion(question.query(), now);
    return asked ? usageReport(database, *asked) : pipeline::Answer(base::Unexpected{asked.error()});
}

} // namespace

DeskAnswer answerFromStore(const store::Database &database, const pipeline::Question &question,
                           base::WallMs now)
{
    const std::string_view path = question.path();
    if (path == KeysFolder || path.starts_with(std::string(KeysFolder) + '/'))
        return answerAboutKeys(database, question, now);
    if (path != "/stats" && path != "/stats/all")
        return {base::unexpected(Errc::UnknownPath, std::string(path)), {}};
    if (question.method != "GET")
        return {base::unexpected(Errc::MethodNotAllowed, "GET is"), {}};
    return {path == "/stats" ? ownStats(database, question, now) : usage(database, question, now), {}};
}

} // namespace weir::engine
