// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/store_desk.h"

#include "engine/key_desk.h"
#include "engine/usage_report.h"
#include "store/backup.h"
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::engine {

using base::Errc;

namespace {

pipeline::Answer usage(const store::Database &database, const pipeline::Question &question, base::WallMs now)
{
    const auto asked = readUsageQuestion(question.query(), now);
    return asked ? usageReport(database, *asked) : pipeline::Answer(base::Unexpected{asked.error()});
}

/// The name is the admin's, who may read the database anyway; what is there is never replaced.
pipeline::Answer backup(const store::Database &database, const pipeline::Question &question)
{
    const QJsonObject wanted = QJsonDocument::fromJson(question.body).object();
    const std::string to = wanted[QLatin1String("to")].toString().toStdString();
    if (wanted.size() != 1 || !to.starts_with('/') || to.find('\0') != std::string::npos)
        return base::unexpected(Errc::FieldInvalid, "to must be a whole path, and is the only field");
    if (const auto written = store::backUp(database, to); !written)
        return base::Unexpected{written.error()};
    return QJsonDocument(QJsonObject{{QStringLiteral("backup"), QString::fromStdString(to)}})
        .toJson(QJsonDocument::Compact);
}

} // namespace

DeskAnswer answerFromStore(const store::Database &database, const pipeline::Question &question,
                           base::WallMs now, const ProviderNames &providers)
{
    const std::string_view path = question.path();
    if (path == KeysFolder || path.starts_with(std::string(KeysFolder) + '/'))
        return answerAboutKeys(database, question, now, providers);
    if (path == "/admin/backup") {
        if (question.method != "POST")
            return {base::unexpected(Errc::MethodNotAllowed, "POST is"), {}};
        return {backup(database, question), {}};
    }
    if (path != "/stats" && path != "/stats/all")
        return {base::unexpected(Errc::UnknownPath, std::string(path)), {}};
    if (question.method != "GET")
        return {base::unexpected(Errc::MethodNotAllowed, "GET is"), {}};
    return {path == "/stats" ? ownStats(database, question, now) : usage(database, question, now), {}};
}

} // namespace weir::engine
