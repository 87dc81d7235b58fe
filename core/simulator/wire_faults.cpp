// SPDX-License-Identifier: GPL-3.0-or-later
// Faults of heads and bodies as they are written: what RFC 9112 and RFC 9113 §8.1.1 call malformed, and what
// is legal but seldom seen.
#include "simulator/fault.h"

#include "simulator/http2_frames.h"
#include <array>

namespace weir::simulator {

namespace {

/// Bytes that a reply has more or fewer than it says.
constexpr std::int64_t SurplusBytes = 5;

void spoilStatus(Script &script, const char *text)
{
    script.statusText = text;
    script.headFault = HeadFault::Spoiled;
}

/// HTTP/1.1: lines that the head is given as they are.
void spoilFields(Script &script, QByteArray lines)
{
    script.rawFields = std::move(lines);
    script.headFault = HeadFault::Spoiled;
}

/// HTTP/2: a field that nghttp2 sends without looking at it.
void spoilField(Script &script, std::string_view name, std::string_view value)
{
    script.head.headers.add(name, value);
    script.headFault = HeadFault::Spoiled;
}

QByteArray number(std::int64_t value)
{
    return QByteArray::number(qlonglong(value));
}

// ── HTTP/1.1 bodies, framed by hand

/// Frames the body here rather than in the connection, so that it can be framed wrongly: `sizeOf` makes the
/// size line of the chunk in the middle.
template<typename SizeOf>
void spoilChunk(Script &script, SizeOf sizeOf)
{
    constexpr int Hex = 16;
    const std::size_t middle = script.pieces.size() / 2;
    for (std::size_t index = 0; index < script.pieces.size(); ++index) {
        QByteArray &bytes = script.pieces[index].bytes;
        const QByteArray size =
            index == middle ? sizeOf(bytes.size()) : QByteArray::number(bytes.size(), Hex);
        bytes = size + "\r\n" + bytes + "\r\n";
        if (script.pieces[index].stampAt >= 0)
            script.pieces[index].stampAt += size.size() + 2;
    }
    script.pieces.push_back({"0\r\n\r\n"});
    script.isRawBody = true;
    script.rawFields = "Transfer-Encoding: chunked\r\n";
    script.head.contentLength.reset();
}

constexpr auto TrueSize = [](qsizetype size) { return QByteArray::number(size, 16); };

void truncateChunk(Script &script, FaultNumber)
{
    spoilChunk(script, [](qsizetype size) { return QByteArray::number(size + SurplusBytes, 16); });
    // Ends within the chunk that was announced longer.
    script.pieces.resize((script.pieces.size() + 1) / 2);
    script.pieces.back().bytes.chop(2);
    script.ending = Ending::Close;
}

void loseLastChunk(Script &script, FaultNumber)
{
    script.head.contentLength.reset();
    script.ending = Ending::Close;
}

void answerTwice(Script &script, FaultNumber)
{
    spoilChunk(script, TrueSize);
    script.pieces.back().bytes += "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nTAIL-RESPONSE";
}

/// `fields` say how long the body is, the body comes as it is.
void spoilFraming(Script &script, QByteArray fields)
{
    spoilFields(script, std::move(fields));
    script.isRawBody = true;
    script.head.contentLength.reset();
}

void tellTwoLengths(Script &script, FaultNumber)
{
    const std::int64_t size = bodySize(script);
    script.head.contentLength = size;
    spoilFields(script, "Content-Length: " + number(size + SurplusBytes) + "\r\n");
}

void tellLengthAndChunk(Script &script, FaultNumber)
{
    const std::int64_t size = bodySize(script);
    script.head.contentLength.reset(); // so that it is chunked
    spoilFields(script, "Content-Length: " + number(size) + "\r\n");
}

/// Without a head, as before HTTP/1.0.
void loseHeadOnly(Script &script, FaultNumber)
{
    script.headFault = HeadFault::Missing;
    script.ending = Ending::Close;
}

// ── both protocols

void announceTooLittle(Script &script, FaultNumber)
{
    script.head.contentLength = bodySize(script) - SurplusBytes;
}

void sendBodyWith(Script &script, int status)
{
    script.head.status = status;
    script.head.contentLength.reset();
    script.isRawBody = true;
}

void switchProtocols(Script &script, FaultNumber)
{
    sendBodyWith(script, 101);
    script.rawFields = "Upgrade: simulated\r\nConnection: Upgrade\r\n";
    script.headFault = HeadFault::Spoiled;
}

void addHugeField(Script &script, FaultNumber)
{
    constexpr std::size_t Size = 1024 * 1024;
    script.head.headers.add("x-huge", std::string(Size, 'x'));
}

void addManyFields(Script &script, FaultNumber)
{
    constexpr int Count = 20'000;
    for (int index = 0; index < Count; ++index)
        script.head.headers.add("x-many-" + std::to_string(index), "x");
}

/// The same in both protocols.
constexpr Fault both(std::string_view name, ApplyFault apply)
{
    return {name, apply, apply};
}

constexpr Fault onlyHttp1(std::string_view name, ApplyFault apply)
{
    return {name, apply, nullptr};
}

constexpr Fault onlyHttp2(std::string_view name, ApplyFault apply)
{
    return {name, nullptr, apply};
}

using namespace std::string_view_literals;

constexpr std::array Faults{
    // The status
    both("garbage-status", [](Script &script, FaultNumber) { spoilStatus(script, "banana split"); }),
    both("status-000", [](Script &script, FaultNumber) { spoilStatus(script, "000"); }),
    both("status-99999", [](Script &script, FaultNumber) { spoilStatus(script, "99999"); }),
    onlyHttp2("no-status", [](Script &script, FaultNumber) { spoilStatus(script, ""); }),
    onlyHttp1("http09", loseHeadOnly),
    both("interim-100", [](Script &script, FaultNumber) { script.interimStatus = 100; }),
    both("interim-103", [](Script &script, FaultNumber) { script.interimStatus = 103; }),
    both("switching-101", switchProtocols),
    both("s204-body", [](Script &script, FaultNumber) { sendBodyWith(script, 204); }),
    both("s304-body", [](Script &script, FaultNumber) { sendBodyWith(script, 304); }),

    // Fields
    Fault{"bad-header",
          [](Script &script, FaultNumber) { spoilFields(script, "X-Simulated: one\nX-Injected: two\r\n"); },
          [](Script &script, FaultNumber) { spoilField(script, "x-simulated", "one\r\nx-injected: two"); }},
    Fault{"header-bare-lf",
          [](Script &script, FaultNumber) { spoilFields(script, "X-Simulated: one\nX-Injected: two\r\n"); },
          [](Script &script, FaultNumber) { spoilField(script, "x-simulated", "one\nx-injected: two"); }},
    Fault{"header-bare-cr",
          [](Script &script, FaultNumber) { spoilFields(script, "X-Simulated: one\rX-Injected: two\r\n"); },
          [](Script &script, FaultNumber) { spoilField(script, "x-simulated", "one\rx-injected: two"); }},
    Fault{"header-nul",
          [](Script &script, FaultNumber) {
              spoilFields(script, QByteArrayLiteral("X-Simulated: one\0two\r\n"));
          },
          [](Script &script, FaultNumber) { spoilField(script, "x-simulated", "one\0two"sv); }},
    Fault{"obs-fold",
          [](Script &script, FaultNumber) { spoilFields(script, "X-Simulated: one\r\n two\r\n"); },
          [](Script &script, FaultNumber) { spoilField(script, "x-simulated", "one\r\n two"); }},
    onlyHttp2("uppercase-header",
              [](Script &script, FaultNumber) { spoilField(script, "X-Simulated", "one"); }),
    onlyHttp2("connection-header",
              [](Script &script, FaultNumber) { spoilField(script, "connection", "keep-alive"); }),
    both("huge-header", addHugeField),
    both("many-headers", addManyFields),

    // How long the body is
    both("length-too-short", announceTooLittle),
    Fault{"length-twice", tellTwoLengths,
          [](Script &script, FaultNumber) {
              script.head.contentLength = bodySize(script);
              spoilField(script, "content-length", std::to_string(bodySize(script) + SurplusBytes));
          }},
    Fault{"length-negative",
          [](Script &script, FaultNumber) { spoilFraming(script, "Content-Length: -5\r\n"); },
          [](Script &script, FaultNumber) {
              script.head.contentLength.reset();
              spoilField(script, "content-length", "-5");
          }},
    onlyHttp1("length-and-chunked", tellLengthAndChunk),
    onlyHttp1("te-unknown",
              [](Script &script, FaultNumber) { spoilFraming(script, "Transfer-Encoding: banana\r\n"); }),
    onlyHttp1("bad-chunk",
              [](Script &script, FaultNumber) {
                  spoilChunk(script, [](qsizetype) { return QByteArrayLiteral("zz"); });
              }),
    onlyHttp1("chunk-overflow",
              [](Script &script, FaultNumber) {
                  spoilChunk(script, [](qsizetype) { return QByteArrayLiteral("fffffffffffffffff1"); });
              }),
    onlyHttp1("chunk-negative",
              [](Script &script, FaultNumber) {
                  spoilChunk(script, [](qsizetype) { return QByteArrayLiteral("-5"); });
              }),
    onlyHttp1("truncated-chunked", truncateChunk),
    both("no-last-chunk", loseLastChunk),
    onlyHttp1("tail-response", answerTwice),
    onlyHttp2("data-before-headers",
              [](Script &script, FaultNumber) {
                  script.framesBefore = http2Frame(NGHTTP2_DATA, NGHTTP2_FLAG_NONE, OwnStream, "early");
              }),
};

} // namespace

std::span<const Fault> wireFaults()
{
    return Faults;
}

} // namespace weir::simulator
