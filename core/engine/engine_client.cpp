// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/engine_client.h"

#include "http/response_parser.h"
#include <QDeadlineTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocalSocket>
#include <QThread>

namespace weir::engine {

using base::Errc;
using base::Result;

namespace {

constexpr unsigned long OwnerPauseMs = 50;

/// A reply of the engine's, as it comes.
struct Reply final : http::ResponseParser::Events
{
    void onHead(http::ResponseHead head) override { status = head.status; }
    void onBody(std::string_view bytes) override { body.append(bytes.data(), qsizetype(bytes.size())); }
    void onEnd() override {}

    int status = 0;
    QByteArray body;
};

QByteArray requestFor(const pipeline::Question &question)
{
    const std::string head = question.method + ' ' + question.target +
                             " HTTP/1.1\r\nHost: weir\r\nConnection: close\r\nContent-Type: application/json"
                             "\r\nContent-Length: " +
                             std::to_string(question.body.size()) + "\r\n\r\n";
    return QByteArray::fromStdString(head) + question.body;
}

} // namespace

Result<Owner> reachOwner(const std::string &database)
{
    for (QDeadlineTimer deadline(OwnerWait);;) {
        auto lock = store::DatabaseLock::take(database);
        if (lock)
            return Owner{std::move(*lock), {}};
        if (lock.error().code != Errc::StoreInUse)
            return base::Unexpected{lock.error()};
        auto engine = AdminSocket::connect(database);
        if (!engine)
            return base::Unexpected{engine.error()};
        if (*engine)
            return Owner{nullptr, std::move(*engine)};
        if (deadline.hasExpired()) {
            return base::unexpected(Errc::StoreInUse,
                                    lock.error().detail +
                                        ", which cannot be asked. Try again when it has ended");
        }
        QThread::msleep(OwnerPauseMs);
    }
}

pipeline::Answer askEngine(AdminSocket engine, const pipeline::Question &question,
                           std::chrono::milliseconds wait)
{
    const auto failed = [who = "Weir, process id " +
                               std::to_string(engine.peerProcess())](const std::string &why) {
        return base::unexpected(Errc::StoreUnavailable,
                                who + ", " + why + "; what was asked for may have been done");
    };
    QDeadlineTimer deadline(wait);
    QLocalSocket socket;
    socket.setSocketDescriptor(engine.release());
    socket.write(requestFor(question));
    Reply reply;
    http::ResponseParser parser(reply);
    parser.expect(false);
    while (!parser.isComplete()) {
        if (!socket.waitForReadyRead(int(deadline.remainingTime())))
            return failed(deadline.hasExpired() ? "takes too long to answer" : "has ended without an answer");
        const QByteArray bytes = socket.readAll();
        const auto read = parser.feed({bytes.constData(), std::size_t(bytes.size())});
        if (!read || reply.body.size() > EngineAnswerMax)
            return failed("has given an answer that cannot be read");
    }
    if (reply.status == 200)
        return std::move(reply.body);
    const QJsonValue error = QJsonDocument::fromJson(reply.body).object()[QLatin1String("error")];
    const Errc code = base::errcOf(error[QLatin1String("code")].toString().toStdString());
    if (code == Errc::None)
        return failed("has answered with status " + std::to_string(reply.status));
    return base::unexpected(code, error[QLatin1String("detail")].toString().toStdString());
}

} // namespace weir::engine
