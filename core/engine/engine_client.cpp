// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/engine_client.h"

#include "llm/provider.h"
#include "store/database_file.h"
#include "store/database_lock.h"
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

} // namespace

Result<std::optional<AdminFile>> findEngine(const std::string &database)
{
    if (store::kindOf(database) == store::FileKind::Missing)
        return std::optional<AdminFile>();
    // It is written when the engine listens, which is soon after it has opened the database. Who has it open
    // may as well be another command, which is done at once.
    QDeadlineTimer deadline(EngineFileWait);
    for (;;) {
        const auto lock = store::DatabaseLock::take(database);
        if (lock)
            return std::optional<AdminFile>();
        if (lock.error().code != Errc::StoreInUse)
            return base::Unexpected{lock.error()};
        auto admin = AdminFile::read(database);
        if (admin)
            return std::optional<AdminFile>(std::move(*admin));
        if (deadline.hasExpired())
            return base::Unexpected{lock.error()}; // another program, or one that is just ending
        QThread::msleep(AdminFilePauseMs);
    }
}

pipeline::Answer askEngine(const AdminFile &admin, const pipeline::Question &question)
{
    const auto url = llm::parseBaseUrl(admin.address);
    if (!url)
        return base::Unexpected{url.error()};
    const auto failed = [&](const std::string &why) {
        return base::unexpected(Errc::StoreUnavailable, "Weir at " + admin.address + ": " + why);
    };
    QDeadlineTimer deadline(EngineAnswerWait);
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

} // namespace weir::engine
