// SPDX-License-Identifier: GPL-3.0-or-later
// Faults of whole exchanges: who falls silent, closes, resets or goes away when; and valid replies that are
// not meant for a client of a provider.
#include "simulator/fault.h"

#include "simulator/gzip.h"
#include <array>
#include <limits>

namespace weir::simulator {

namespace {

/// A reply is broken after this many bytes more than were announced.
constexpr std::int64_t MissingBytes = 1000;

void loseHead(Script &script, Ending ending)
{
    script.headFault = HeadFault::Missing;
    script.pieces.clear();
    script.ending = ending;
}

void loseBody(Script &script, Ending ending)
{
    script.pieces.clear();
    script.ending = ending;
}

void breakInMiddle(Script &script, Ending ending)
{
    keepFirstHalf(script);
    script.ending = ending;
}

/// Only what the dialect says tells that something is missing: the protocol ends as it should.
void loseEndEvent(Script &script, FaultNumber)
{
    if (script.isEventStream) {
        script.pieces.pop_back();
        return;
    }
    breakInMiddle(script, Ending::Regular);
    script.head.contentLength = script.pieces.front().bytes.size();
}

void announceTooMuch(Script &script, FaultNumber)
{
    script.head.contentLength = bodySize(script) + MissingBytes;
    script.ending = Ending::CutShort;
}

void replaceBody(Script &script, int status, QByteArray body)
{
    script.head.status = status;
    script.head.contentLength = body.size();
    script.pieces.clear();
    if (!body.isEmpty())
        script.pieces.push_back({std::move(body)});
    script.isEventStream = false;
}

void redirect(Script &script, FaultNumber status)
{
    script.head.headers.add("location", "/redirected");
    replaceBody(script, int(status), {});
}

void redirectToPort(Script &script, FaultNumber port)
{
    constexpr int TemporaryRedirect = 307; // the one that takes body and credential along
    script.head.headers.add("location", "http://127.0.0.1:" + std::to_string(port) + "/redirected");
    replaceBody(script, TemporaryRedirect, {});
}

void demandLogin(Script &script, int status, std::string_view field)
{
    script.head.headers.add(field, "Basic realm=\"simulated\"");
    replaceBody(script, status, QByteArrayLiteral("{}"));
}

void showHtml(Script &script, FaultNumber)
{
    script.head.headers.set("content-type", "text/html");
    replaceBody(script, 502, QByteArrayLiteral("<html><body><h1>502 Bad Gateway</h1></body></html>\n"));
}

/// The body as gzip; `size` decides how much of it is sent.
void compress(Script &script, qsizetype (*keptOf)(qsizetype size))
{
    QByteArray body;
    for (const Piece &piece : script.pieces)
        body += piece.bytes;
    QByteArray packed = gzip(body);
    packed.truncate(keptOf(packed.size()));
    script.head.headers.add("content-encoding", "gzip");
    replaceBody(script, script.head.status, packed);
}

/// 256 MiB of zeros in about 260 KB: members of a MiB each (RFC 1952 §2.2).
void inflateBomb(Script &script, FaultNumber)
{
    constexpr qsizetype MemberBytes = 1024 * 1024;
    constexpr int Members = 256;
    script.head.headers.add("content-encoding", "gzip");
    replaceBody(script, script.head.status, gzip(QByteArray(MemberBytes, '\0')));
    script.pieces.front().times = Members;
    script.head.contentLength = bodySize(script);
}

void resetWith(Script &script, FaultNumber code)
{
    script.ending = Ending::Reset;
    script.resetCode = std::uint32_t(code);
}

void resetBefore(Script &script, FaultNumber code)
{
    loseHead(script, Ending::Reset);
    resetWith(script, code);
}

void resetInMiddle(Script &script, FaultNumber code)
{
    keepFirstHalf(script);
    resetWith(script, code);
}

constexpr FaultNumber CodeMax = std::numeric_limits<std::uint32_t>::max();
constexpr FaultNumber PortMax = 65535;
constexpr FaultNumber RequestsMax = 1'000'000;
constexpr FaultNumber RedirectMax = 399;

/// The same in both protocols.
constexpr Fault both(std::string_view name, ApplyFault apply, FaultNumber most = -1)
{
    return {name, apply, apply, most};
}

constexpr std::array Faults{
    both("silent", [](Script &script, FaultNumber) { loseHead(script, Ending::Silence); }),
    both("silent-after-head", [](Script &script, FaultNumber) { loseBody(script, Ending::Silence); }),
    both("silent-mid-stream", [](Script &script, FaultNumber) { breakInMiddle(script, Ending::Silence); }),
    both("close-before", [](Script &script, FaultNumber) { loseHead(script, Ending::Close); }),
    both("close-after-head", [](Script &script, FaultNumber) { loseBody(script, Ending::Close); }),
    both("close-mid-stream", [](Script &script, FaultNumber) { breakInMiddle(script, Ending::Close); }),
    both("reset-before", [](Script &script, FaultNumber) { loseHead(script, Ending::Reset); }),
    both("reset-after-head", [](Script &script, FaultNumber) { loseBody(script, Ending::Reset); }),
    both("reset-mid-stream", [](Script &script, FaultNumber) { breakInMiddle(script, Ending::Reset); }),
    both("rst-", resetBefore, CodeMax),
    both("rst-mid-", resetInMiddle, CodeMax),
    both("rst-refused", [](Script &script, FaultNumber) { loseHead(script, Ending::Refuse); }),
    both("goaway-refused", [](Script &script, FaultNumber) { loseHead(script, Ending::GoAwayRefuse); }),
    both("goaway-calm", [](Script &script, FaultNumber) { loseHead(script, Ending::GoAwayCalm); }),
    both("goaway-mid", [](Script &script, FaultNumber) { breakInMiddle(script, Ending::GoAway); }),
    both("goaway-graceful", [](Script &script, FaultNumber) { script.goAwayEvery = 1; }),
    both(
        "goaway-every-", [](Script &script, FaultNumber count) { script.goAwayEvery = int(count); },
        RequestsMax),
    Fault{"reused-close", [](Script &script, FaultNumber) { script.closesAtNext = true; }, nullptr},
    both("no-done", loseEndEvent),
    both("truncated-length", announceTooMuch),
    both("redirect", [](Script &script, FaultNumber) { redirect(script, 307); }),
    both("redirect-", redirect, RedirectMax),
    both("redirect-to-", redirectToPort, PortMax),
    both("cookie",
         [](Script &script, FaultNumber) { script.head.headers.add("set-cookie", "simulated=1; Path=/"); }),
    both("auth-401", [](Script &script, FaultNumber) { demandLogin(script, 401, "www-authenticate"); }),
    // Over HTTP/1.1 the encoder would drop a field that belongs to one connection.
    Fault{"auth-407",
          [](Script &script, FaultNumber) {
              demandLogin(script, 407, "x-simulated");
              script.rawFields = "Proxy-Authenticate: Basic realm=\"simulated\"\r\n";
          },
          [](Script &script, FaultNumber) { demandLogin(script, 407, "proxy-authenticate"); }},
    both("html-502", showHtml),
    both("gzip-truncated",
         [](Script &script, FaultNumber) { compress(script, [](qsizetype size) { return size / 2; }); }),
    both("gzip-lie",
         [](Script &script, FaultNumber) { script.head.headers.add("content-encoding", "gzip"); }),
    both("gzip-bomb", inflateBomb),
};

} // namespace

std::span<const Fault> exchangeFaults()
{
    return Faults;
}

} // namespace weir::simulator
