// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/store_client.h"

#include "base/clock.h"
#include "engine/admin_file.h"
#include "engine/store_desk.h"
#include "llm/provider.h"
#include "store/backup.h"
#include "store/database.h"
#include "store/database_file.h"
#include <QDeadlineTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpSocket>
#include <QThread>

namespace weir::engine {

using base::Errc;
using base::Result;

namespace {

constexpr qsizetype AnswerMax = 64 * 1024 * 1024;
constexpr unsigned long AdminFilePauseMs = 50;

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

/// The error that the engine has told, or the status where it is none of Weir's.
base::Error complaint(const AdminFile &admin, const QByteArray &head, const QByteArray &body)
{
    const QJsonValue error = QJsonDocument::fromJson(body).object()[QLatin1String("error")];
    const Errc code = base::errcOf(error[QLatin1String("code")].toString().toStdString());
    if (code == Errc::None)
        return {Errc::StoreUnavailable,
                "Weir at " + admin.address + ": " + head.left(head.indexOf('\r')).toStdString()};
    const std::string message = error[QLatin1String("message")].toString().toStdString();
    // As error_reply writes it: "Weir: the sentence of this error: what is special about this one".
    std::string_view detail(message);
    const std::string before = "Weir: " + std::string(base::sentence(code));
    if (detail.starts_with(before))
        detail.remove_prefix(before.size());
    if (detail.starts_with(": "))
        detail.remove_prefix(2);
    return {code, std::string(detail)};
}

QByteArray requestFor(const pipeline::Question &question, const llm::BaseUrl &url, const base::Secret &token)
{
    const bool isIpv6 = url.host.find(':') != std::string::npos;
    std::string head = question.method + ' ' + question.target +
                       " HTTP/1.1\r\nHost: " + (isIpv6 ? "[" + url.host + "]" : url.host) +
                       "\r\nConnection: close\r\nAuthorization: Bearer " + std::string(token.reveal()) +
                       "\r\n";
    if (question.method != "GET") {
        head += "Content-Type: application/json\r\nContent-Length: " + std::to_string(question.body.size()) +
                "\r\n";
    }
    return QByteArray::fromStdString(head + "\r\n") + question.body;
}

pipeline::Answer askEngine(const AdminFile &admin, const pipeline::Question &question)
{
    const auto url = llm::parseBaseUrl(admin.address);
    if (!url)
        return base::Unexpected{url.error()};
    const auto failed = [&](const std::string &why) {
        return base::unexpected(Errc::StoreUnavailable, "Weir at " + admin.address + ": " + why);
    };
    QDeadlineTimer deadline(AskWait);
    QTcpSocket socket;
    socket.connectToHost(QString::fromStdString(url->host), url->port);
    if (!socket.waitForConnected(int(deadline.remainingTime())))
        return failed(socket.errorString().toStdString());
    socket.write(requestFor(question, *url, admin.token));
    QByteArray answer;
    while (!deadline.hasExpired() && answer.size() <= AnswerMax &&
           socket.waitForReadyRead(int(deadline.remainingTime())))
        answer += socket.readAll();
    // Whole when the engine has closed, as it was asked to.
    const qsizetype headEnd = answer.indexOf("\r\n\r\n");
    if (headEnd < 0 || socket.state() != QAbstractSocket::UnconnectedState)
        return failed("no answer");
    const QByteArray head = answer.left(headEnd);
    QByteArray body = answer.mid(headEnd + 4);
    if (!head.startsWith("HTTP/1.1 200 "))
        return base::Unexpected{complaint(admin, head, body)};
    return body;
}

/// It is written when the engine listens, which is soon after it has opened the database.
Result<AdminFile> awaitAdminFile(const std::string &path)
{
    QDeadlineTimer deadline(AdminFileWait);
    for (;;) {
        auto admin = AdminFile::read(path);
        if (admin || deadline.hasExpired())
            return admin;
        QThread::msleep(AdminFilePauseMs);
    }
}

} // namespace

pipeline::Answer askStore(const std::string &database, const pipeline::Question &question,
                          IfMissing ifMissing)
{
    if (ifMissing == IfMissing::Refuse && store::kindOf(database) == store::FileKind::Missing)
        return base::unexpected(Errc::NotStored, database);
    // The kernel's lock says who is to be asked; a file left over from a crash cannot.
    auto answer = askDatabase(database, question);
    if (answer || answer.error().code != Errc::StoreInUse)
        return answer;
    const auto admin = awaitAdminFile(database);
    if (!admin)
        return answer; // another program, or one that is just ending
    return askEngine(*admin, question);
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
