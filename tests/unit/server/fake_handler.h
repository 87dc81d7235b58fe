// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "server/handler.h"
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace weir::server {

/// One request as the handler got it.
class FakeExchange final : public Intake
{
public:
    FakeExchange(http::RequestHead taken, Reply &client) : head(std::move(taken)), reply(client) {}

    void answer(const QByteArray &text, int status = 200, bool closes = false)
    {
        http::ResponseHead answer;
        answer.status = status;
        answer.contentLength = text.size();
        answer.closesConnection = closes;
        isOver = true;
        reply.sendHead(std::move(answer));
        reply.sendChunk(text);
        reply.end();
    }
    /// Begins a reply without a length.
    void stream()
    {
        reply.sendHead({});
        isStreaming = true;
    }

    void body(QByteArray bytes) override
    {
        ++pieces;
        received += bytes;
    }
    void bodyEnd() override { isWhole = true; }
    void drained() override { ++drains; }
    void bodyFailed(base::Error why) override
    {
        failure = why;
        if (isStreaming) {
            isOver = true;
            reply.cut();
        } else {
            answer(QByteArray::fromStdString(base::describe(why)), 408);
        }
    }
    void abandon(base::Error why) override
    {
        isOver = true;
        failure = why;
    }

    const http::RequestHead head;
    Reply &reply; // borrowed until isOver
    QByteArray received;
    int pieces = 0;
    int drains = 0;
    bool isWhole = false;
    bool isStreaming = false;
    bool isOver = false;
    std::optional<base::Error> failure;
};

class FakeHandler final : public Handler
{
public:
    Intake *begin(http::RequestHead head, const Arrival &, Reply &reply) override
    {
        exchanges.push_back(std::make_unique<FakeExchange>(std::move(head), reply));
        FakeExchange &exchange = *exchanges.back();
        if (onBegin)
            onBegin(exchange);
        return exchange.isOver ? nullptr : &exchange;
    }
    Refusal refuse(const base::Error &why, const http::RequestHead *) override
    {
        return {{400, {}, {}}, QByteArray::fromStdString(base::describe(why))};
    }
    FakeExchange &last() { return *exchanges.back(); }

    std::function<void(FakeExchange &)> onBegin;
    std::vector<std::unique_ptr<FakeExchange>> exchanges;
};

// ── requests

inline QByteArray get(int number)
{
    return "GET /" + QByteArray::number(number) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

inline QByteArray gets(int count)
{
    QByteArray all;
    for (int number = 0; number < count; ++number)
        all += get(number);
    return all;
}

inline QByteArray post(qsizetype size)
{
    return "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + QByteArray::number(size) + "\r\n\r\n";
}

/// Answers each request at once with its target and `padding` bytes.
inline std::function<void(FakeExchange &)> echo(qsizetype padding = 0)
{
    return [padding](FakeExchange &exchange) {
        exchange.answer(QByteArray::fromStdString(exchange.head.target) + QByteArray(padding, '.') + ";");
    };
}

} // namespace weir::server
