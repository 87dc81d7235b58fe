// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "server/listener.h"
#include "support/manual_clock.h"
#include "support/raw_client.h"
#include <algorithm>
#include <map>
#include <memory>
#include <QTest>
#include <string>

namespace weir::test {

/// Answers each request with 200 at once; "/hold…" when it is told to, "/large" with more than a socket
/// takes.
class HoldingHandler final : public server::Handler
{
public:
    server::Intake *begin(http::RequestHead head, const server::Arrival &, server::Reply &reply) override
    {
        ++begun;
        if (head.target.starts_with("/hold")) {
            Held &held = m_held[head.target];
            held.reply = &reply;
            return &held;
        }
        answer(reply, head.target == "/large" ? QByteArray(LargeSize, 'x') : QByteArray("ok"));
        return nullptr;
    }
    Refusal refuse(const base::Error &why, const http::RequestHead *) override
    {
        Refusal refusal;
        refusal.head.status = 503;
        refusal.body = QByteArray::fromStdString(base::describe(why));
        return refusal;
    }
    /// Answers the one that asked for `target`.
    void release(const std::string &target) { answer(*m_held.at(target).reply, "ok"); }

    static constexpr qsizetype LargeSize = 16 * 1024 * 1024;
    int begun = 0;
    int abandoned() const
    {
        return int(std::count_if(m_held.begin(), m_held.end(),
                                 [](const auto &at) { return at.second.isAbandoned; }));
    }

private:
    struct Held final : server::Intake
    {
        void body(QByteArray) override {}
        void bodyEnd() override {}
        void drained() override {}
        void bodyFailed(base::Error) override { reply->cut(); }
        void abandon(base::Error) override { isAbandoned = true; }
        server::Reply *reply = nullptr;
        bool isAbandoned = false;
    };

    static void answer(server::Reply &reply, const QByteArray &body)
    {
        http::ResponseHead head;
        head.contentLength = body.size();
        reply.sendHead(std::move(head));
        reply.sendChunk(body);
        reply.end();
    }

    std::map<std::string, Held> m_held; // by target
};

/// A listener on a free port, with a clock that stands still.
struct ListenerRig
{
    explicit ListenerRig(int connectionsMax, int descriptorsReserved = 0)
    {
        options.connectionsMax = connectionsMax;
        options.descriptorsReserved = descriptorsReserved;
        listener = std::make_unique<server::Listener>(options, handler, clock);
        if (const auto listening = listener->listen())
            port = *listening;
    }

    /// A connection that is open and has not sent anything.
    std::unique_ptr<RawClient> connect() const
    {
        const int before = listener->connectionCount();
        auto client = std::make_unique<RawClient>(port);
        return QTest::qWaitFor([&] { return listener->connectionCount() == before + 1; }) ? std::move(client)
                                                                                          : nullptr;
    }
    static QByteArray get(const QByteArray &target)
    {
        return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }
    /// The status of the reply to a request on this connection; 0 = it was closed.
    static int statusOf(RawClient &client, const QByteArray &target = "/")
    {
        client.send(get(target));
        return client.takeResponse().mid(9, 3).toInt();
    }
    /// The same of a client that comes now.
    int statusOfNewClient() const
    {
        RawClient client(port);
        return statusOf(client);
    }

    server::Options options;
    HoldingHandler handler;
    ManualClock clock;
    std::unique_ptr<server::Listener> listener;
    quint16 port = 0;
    const base::Duration grace = options.idleGrace;
};

} // namespace weir::test
