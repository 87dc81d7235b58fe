// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/headers.h"
#include "http/limits.h"
#include "http/request_parser.h"
#include "http/response_encoder.h"
#include "micro/bodies.h"
#include "micro/cases.h"
#include <algorithm>

namespace weir::micro {

namespace {

class Counter final : public http::RequestParser::Events
{
public:
    void onHead(http::RequestHead head) override
    {
        benchmark::DoNotOptimize(head);
        ++heads;
    }
    void onBody(std::string_view bytes) override { bodyBytes += bytes.size(); }
    void onEnd() override { ++ends; }

    std::int64_t heads = 0;
    std::int64_t ends = 0;
    std::size_t bodyBytes = 0;
};

/// A whole request on a connection that stays open, given in pieces of at most `pieceSize` bytes.
void parseRequest(benchmark::State &state, std::size_t bodySize, std::size_t pieceSize)
{
    const std::string bytes = claudeCodeHead(bodySize) + claudeCodeRequest(bodySize).toStdString();
    Counter counter;
    http::RequestParser parser(counter, http::BodyMaxDefault);
    for (auto _ : state) {
        for (std::size_t at = 0; at < bytes.size();) {
            const auto used = parser.feed(std::string_view(bytes).substr(at, pieceSize - at % pieceSize));
            if (!used) {
                state.SkipWithError("the request was refused");
                return;
            }
            at += *used;
        }
        parser.next();
    }
    if (counter.ends != state.iterations() || counter.bodyBytes != bodySize * std::size_t(counter.ends))
        state.SkipWithError("not every request was read to its end");
    state.SetBytesProcessed(state.iterations() * std::int64_t(bytes.size()));
}

void parseHead(benchmark::State &state)
{
    // A head alone: HEAD and GET have no body.
    std::string bytes = claudeCodeHead(0);
    bytes.replace(0, 4, "GET");
    Counter counter;
    http::RequestParser parser(counter, http::BodyMaxDefault);
    for (auto _ : state) {
        const auto used = parser.feed(bytes);
        if (!used) {
            state.SkipWithError("the request was refused");
            return;
        }
        parser.next();
    }
    if (counter.ends != state.iterations())
        state.SkipWithError("not every request was read to its end");
}

http::ResponseHead replyHead()
{
    http::ResponseHead head;
    for (const auto &[name, value] : std::initializer_list<std::pair<const char *, const char *>>{
             {"content-type", "text/event-stream; charset=utf-8"},
             {"cache-control", "no-cache"},
             {"date", "Tue, 24 Nov 2026 22:00:00 GMT"},
             {"request-id", "req_011CSHoEeqs5C35K2UUqR7Fy"},
             {"anthropic-organization-id", "00000000-0000-0000-0000-000000000000"},
             {"anthropic-ratelimit-requests-limit", "4000"},
             {"anthropic-ratelimit-requests-remaining", "3999"},
             {"anthropic-ratelimit-tokens-remaining", "399000"},
             {"server", "cloudflare"},
             {"cf-ray", "8f0000000000-FRA"}})
        head.headers.add(name, value);
    return head;
}

void encodeHead(benchmark::State &state)
{
    const http::ResponseHead head = replyHead();
    for (auto _ : state)
        benchmark::DoNotOptimize(http::encodeHead(head, http::BodyFraming::Chunked, true));
}

void encodeChunk(benchmark::State &state, qsizetype size)
{
    const QByteArray bytes(size, 'x');
    for (auto _ : state)
        benchmark::DoNotOptimize(http::encodeChunk(bytes));
    state.SetBytesProcessed(state.iterations() * size);
}

/// Removing changes the fields, so each round has its own copies.
void removeHopByHop(benchmark::State &state, const http::Headers &headers)
{
    std::vector<http::Headers> copies;
    inBatches(
        state, 64, [&](int count) { copies.assign(std::size_t(count), headers); },
        [&](int number) { copies[std::size_t(number)].removeHopByHop(); });
    if (std::any_of(copies.begin(), copies.end(),
                    [](const http::Headers &left) { return left.contains("connection"); }))
        state.SkipWithError("a hop-by-hop field is left");
}

/// As many fields as a request may have, of which Connection names as many as fit: the worst a client can do.
http::Headers hostileHeaders()
{
    http::Headers headers;
    std::string named = "close";
    for (std::size_t number = 0; number + 1 < http::FieldCountMax; ++number) {
        const std::string name = "x-field-" + std::to_string(number);
        named += ", " + name;
        headers.add(name, "value");
    }
    headers.add("Connection", named);
    return headers;
}

} // namespace

void addHttpCases(Cases &cases)
{
    const auto add = [&cases](std::string name, std::function<void(benchmark::State &)> work) {
        cases.push_back({"http", std::move(name), std::move(work)});
    };
    add("parse a head without a body", parseHead);
    add("parse a head and 48 KB at once",
        [](benchmark::State &state) { parseRequest(state, 48 * Kilobyte, 64 * Kilobyte); });
    add("parse a head and 48 KB in pieces of 16 KB",
        [](benchmark::State &state) { parseRequest(state, 48 * Kilobyte, 16 * Kilobyte); });
    add("remove hop-by-hop fields of 21",
        [](benchmark::State &state) { removeHopByHop(state, parsedHead(claudeCodeHead(1)).headers); });
    add("remove hop-by-hop fields of 200, all named",
        [](benchmark::State &state) { removeHopByHop(state, hostileHeaders()); });
    add("encode a reply's head", encodeHead);
    add("encode a chunk of 150 bytes", [](benchmark::State &state) { encodeChunk(state, 150); });
    add("encode a chunk of 16 KB",
        [](benchmark::State &state) { encodeChunk(state, qsizetype(16 * Kilobyte)); });
}

} // namespace weir::micro
