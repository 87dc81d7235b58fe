// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/usage_client.h"

#include "base/clock.h"
#include "engine/admin_file.h"
#include "engine/usage_report.h"
#include "llm/provider.h"
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

Result<QByteArray> askStore(const std::string &path, const std::string &query)
{
    const base::SystemClock clock;
    const auto question = readUsageQuestion(query, clock.wallNow());
    if (!question)
        return base::Unexpected{question.error()};
    store::Database::Options options;
    options.path = path;
    options.broken = store::Database::Broken::Refuse;
    const auto database = store::Database::open(options, clock);
    if (!database)
        return base::Unexpected{database.error()};
    return usageReport(**database, *question);
}

/// What the engine says is wrong, or the status if it does not.
std::string complaint(const QByteArray &head, const QByteArray &body)
{
    const QString message = QJsonDocument::fromJson(body)
                                .object()[QLatin1String("error")]
                                .toObject()[QLatin1String("message")]
                                .toString();
    return message.isEmpty() ? head.left(head.indexOf('\r')).toStdString() : message.toStdString();
}

Result<QByteArray> askEngine(const AdminFile &admin, const std::string &query)
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
    const bool isIpv6 = url->host.find(':') != std::string::npos;
    const std::string host = isIpv6 ? "[" + url->host + "]" : url->host;
    socket.write(QByteArray::fromStdString("GET /stats/all?" + query + " HTTP/1.1\r\nHost: " + host +
                                           "\r\nConnection: close\r\nAuthorization: Bearer " +
                                           std::string(admin.token.reveal()) + "\r\n\r\n"));
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
        return failed(complaint(head, body));
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

Result<QByteArray> askUsage(const std::string &database, const std::string &query)
{
    if (store::kindOf(database) == store::FileKind::Missing)
        return base::unexpected(Errc::NotStored, database);
    // The kernel's lock says who is to be asked; a file left over from a crash cannot.
    auto answer = askStore(database, query);
    if (answer || answer.error().code != Errc::StoreInUse)
        return answer;
    const auto admin = awaitAdminFile(database);
    if (!admin)
        return answer; // another program, or one that is just ending
    return askEngine(*admin, query);
}

} // namespace weir::engine
