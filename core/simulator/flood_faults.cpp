// SPDX-License-Identifier: GPL-3.0-or-later
// Floods: replies that go on until the caller leaves, and ones larger than anybody wants to hold.
#include "simulator/fault.h"

#include "simulator/http2_frames.h"
#include <array>

namespace weir::simulator {

namespace {

/// Frames, heads and fields that are sent together.
constexpr int Batch = 500;

/// `opening` once and `wave` for ever, as they are: no head is written. Over HTTP/2 the connection does
/// nothing else from then on.
void flood(Script &script, QByteArray opening, QByteArray wave)
{
    script.headFault = HeadFault::Missing;
    script.pieces.clear();
    if (!opening.isEmpty())
        script.pieces.push_back({std::move(opening)});
    script.pieces.push_back({std::move(wave), 0, Forever});
}

QByteArray statusFrame(std::string_view status, std::uint8_t flags)
{
    return http2Frame(NGHTTP2_HEADERS, flags, OwnStream, http2Field(":status", status));
}

QByteArray manyFrames(std::uint8_t type, std::uint32_t stream, const QByteArray &payload)
{
    return http2Frame(type, NGHTTP2_FLAG_NONE, stream, payload).repeated(Batch);
}

void floodContinuations(Script &script, FaultNumber)
{
    constexpr std::size_t ValueSize = 8000;
    flood(script, statusFrame("200", NGHTTP2_FLAG_NONE),
          http2Frame(NGHTTP2_CONTINUATION, NGHTTP2_FLAG_NONE, OwnStream,
                     http2Field("x-flood", std::string(ValueSize, 'x'))));
}

void emptyContinuations(Script &script, FaultNumber)
{
    flood(script, statusFrame("200", NGHTTP2_FLAG_NONE), manyFrames(NGHTTP2_CONTINUATION, OwnStream, {}));
}

void floodData(Script &script, FaultNumber)
{
    flood(script, statusFrame("200", NGHTTP2_FLAG_END_HEADERS), manyFrames(NGHTTP2_DATA, OwnStream, {}));
}

void floodTinyData(Script &script, FaultNumber)
{
    flood(script, statusFrame("200", NGHTTP2_FLAG_END_HEADERS), manyFrames(NGHTTP2_DATA, OwnStream, "x"));
}

void floodTinyChunks(Script &script, FaultNumber)
{
    flood(script, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
          QByteArray("1\r\nx\r\n").repeated(Batch));
}

void floodPings(Script &script, FaultNumber)
{
    flood(script, {}, manyFrames(NGHTTP2_PING, 0, "simulate"));
}

void floodSettings(Script &script, FaultNumber)
{
    flood(script, {}, manyFrames(NGHTTP2_SETTINGS, 0, {}));
}

/// Events, or bytes of a JSON text, without an end.
void repeatBody(Script &script, FaultNumber)
{
    if (!script.isEventStream) {
        constexpr qsizetype Size = 16 * 1024;
        keepFirstHalf(script);
        script.pieces.push_back({QByteArray(Size, ' ')});
        script.head.contentLength.reset();
    } else {
        keepFirstHalf(script);
    }
    script.pieces.back().times = Forever;
}

/// 64 MiB in one line, before the end event; before JSON as many spaces.
void addGiantLine(Script &script, FaultNumber)
{
    constexpr qsizetype PartSize = 64 * 1024;
    constexpr std::int64_t Parts = 1024;
    auto at = script.isEventStream ? script.pieces.end() - 1 : script.pieces.begin();
    const Piece filler{QByteArray(PartSize, script.isEventStream ? 'x' : ' '), 0, Parts};
    if (script.isEventStream)
        script.pieces.insert(at, {{"event: giant\ndata: \""}, filler, {"\"\n\n"}});
    else
        script.pieces.insert(at, filler);
    if (script.head.contentLength)
        script.head.contentLength = bodySize(script);
}

constexpr std::array Faults{
    Fault{"interim-flood",
          [](Script &script, FaultNumber) {
              flood(script, {}, QByteArray("HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\n").repeated(Batch));
          },
          [](Script &script, FaultNumber) {
              flood(script, {}, statusFrame("103", NGHTTP2_FLAG_END_HEADERS).repeated(Batch));
          }},
    Fault{"endless-headers",
          [](Script &script, FaultNumber) {
              flood(script, "HTTP/1.1 200 OK\r\n", QByteArray("X-Endless: 0123456789\r\n").repeated(Batch));
          },
          floodContinuations},
    Fault{"continuation-flood", nullptr, floodContinuations},
    Fault{"empty-continuations", nullptr, emptyContinuations},
    Fault{"empty-data-flood", nullptr, floodData},
    Fault{"tiny-pieces", floodTinyChunks, floodTinyData},
    Fault{"ping-flood", nullptr, floodPings},
    Fault{"settings-flood", nullptr, floodSettings},
    Fault{"body-endless", repeatBody, repeatBody},
    Fault{"sse-giant-line", addGiantLine, addGiantLine},
};

} // namespace

std::span<const Fault> floodFaults()
{
    return Faults;
}

} // namespace weir::simulator
