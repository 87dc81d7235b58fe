// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/behaviour.h"

#include "simulator/script.h"
#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace weir::simulator {

using base::Errc;

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

/// Keeps the first half of the body: half of the events, or half of the bytes of a single piece.
void breakInMiddle(Script &script, Ending ending)
{
    if (script.pieces.size() == 1) {
        QByteArray &only = script.pieces.front().bytes;
        only.truncate((only.size() + 1) / 2);
    } else {
        script.pieces.resize((script.pieces.size() + 1) / 2);
    }
    script.ending = ending;
}

/// Only what the dialect says tells that something is missing: the protocol ends as it should.
void loseEndEvent(Script &script)
{
    if (script.isEventStream) {
        script.pieces.pop_back();
        return;
    }
    breakInMiddle(script, Ending::Regular);
    script.head.contentLength = script.pieces.front().bytes.size();
}

void announceTooMuch(Script &script)
{
    std::int64_t size = MissingBytes;
    for (const Piece &piece : script.pieces)
        size += piece.bytes.size();
    script.head.contentLength = size;
    script.ending = Ending::CutShort;
}

void redirect(Script &script)
{
    script.head.status = 307;
    script.head.headers.add("location", "/redirected");
    script.head.contentLength = 0;
    script.pieces.clear();
}

struct Fault
{
    std::string_view name;
    void (*apply)(Script &);
};

/// One row per fault; README.md tells them to the reader.
constexpr std::array Faults{
    Fault{"silent", [](Script &script) { loseHead(script, Ending::Silence); }},
    Fault{"silent-after-head", [](Script &script) { loseBody(script, Ending::Silence); }},
    Fault{"silent-mid-stream", [](Script &script) { breakInMiddle(script, Ending::Silence); }},
    Fault{"close-before", [](Script &script) { loseHead(script, Ending::Close); }},
    Fault{"close-after-head", [](Script &script) { loseBody(script, Ending::Close); }},
    Fault{"close-mid-stream", [](Script &script) { breakInMiddle(script, Ending::Close); }},
    Fault{"reset-before", [](Script &script) { loseHead(script, Ending::Reset); }},
    Fault{"reset-after-head", [](Script &script) { loseBody(script, Ending::Reset); }},
    Fault{"reset-mid-stream", [](Script &script) { breakInMiddle(script, Ending::Reset); }},
    Fault{"no-done", loseEndEvent},
    Fault{"truncated-length", announceTooMuch},
    Fault{"garbage-status", [](Script &script) { script.headFault = HeadFault::GarbageStatus; }},
    Fault{"bad-header", [](Script &script) { script.headFault = HeadFault::InjectedField; }},
    Fault{"redirect", redirect},
    Fault{"rst-refused", [](Script &script) { loseHead(script, Ending::Refuse); }},
    Fault{"goaway-refused", [](Script &script) { loseHead(script, Ending::GoAwayRefuse); }},
    Fault{"goaway-calm", [](Script &script) { loseHead(script, Ending::GoAwayCalm); }},
    Fault{"goaway-mid", [](Script &script) { breakInMiddle(script, Ending::GoAway); }},
    Fault{"goaway-graceful", [](Script &script) { script.goAwayFirst = true; }},
};

constexpr std::array ErrorStatuses{400, 401, 403, 404, 429, 500, 503, 529};

base::Unexpected notUnderstood(std::string_view part, std::string why)
{
    std::string detail = "\"";
    detail.append(part).append("\" in the model's name: ").append(why);
    return base::unexpected(Errc::MalformedRequest, std::move(detail));
}

/// A number in [least, most] and nothing else.
std::optional<std::int64_t> readNumber(std::string_view text, std::int64_t least, std::int64_t most)
{
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || value < least || value > most)
        return std::nullopt;
    return value;
}

struct Parameter
{
    std::string_view prefix;
    std::int64_t least;
    std::int64_t most;
    void (*set)(Behaviour &, std::int64_t);
};

constexpr std::array Parameters{
    Parameter{"slow-first-byte-", 0, DelayMsMax,
              [](Behaviour &b, std::int64_t ms) { b.firstByteMs = int(ms); }},
    Parameter{"gap-", 0, DelayMsMax, [](Behaviour &b, std::int64_t ms) { b.gapMs = int(ms); }},
    Parameter{"chunks-", 1, ChunksMax, [](Behaviour &b, std::int64_t count) { b.chunkCount = int(count); }},
    Parameter{"bytes-", 0, TextBytesMax, [](Behaviour &b, std::int64_t size) { b.textBytes = size; }},
};

base::Result<void> applyPart(std::string_view part, Behaviour &behaviour)
{
    if (part == "ok")
        return {};
    if (part == "stamp") {
        behaviour.isStamped = true;
        return {};
    }
    for (const Parameter &parameter : Parameters) {
        if (!part.starts_with(parameter.prefix))
            continue;
        const auto value = readNumber(part.substr(parameter.prefix.size()), parameter.least, parameter.most);
        if (!value)
            return notUnderstood(part, "a number from " + std::to_string(parameter.least) + " to " +
                                           std::to_string(parameter.most) + " is wanted");
        parameter.set(behaviour, *value);
        return {};
    }
    if (behaviour.applyFault || behaviour.errorStatus)
        return notUnderstood(part, "only one fault or error fits into a name");
    if (constexpr std::string_view Prefix = "error-"; part.starts_with(Prefix)) {
        const auto status = readNumber(part.substr(Prefix.size()), 400, 599);
        if (!status || std::find(ErrorStatuses.begin(), ErrorStatuses.end(), *status) == ErrorStatuses.end())
            return notUnderstood(part, "simulated are 400, 401, 403, 404, 429, 500, 503 and 529");
        behaviour.errorStatus = int(*status);
        return {};
    }
    const auto fault =
        std::find_if(Faults.begin(), Faults.end(), [part](const Fault &row) { return row.name == part; });
    if (fault == Faults.end())
        return notUnderstood(part, "the simulated provider knows no such behaviour");
    behaviour.applyFault = fault->apply;
    return {};
}

} // namespace

base::Result<Behaviour> behaviourFor(std::string_view model, const Options &options)
{
    Behaviour behaviour;
    behaviour.firstByteMs = options.firstByteMs;
    behaviour.gapMs = options.chunkGapMs;
    behaviour.chunkCount = std::max(1, options.chunkCount);

    constexpr std::string_view Prefix = "sim-";
    if (!model.starts_with(Prefix))
        return behaviour;
    std::string_view parts = model.substr(Prefix.size());
    for (;;) {
        const std::size_t plus = std::min(parts.find('+'), parts.size());
        if (const auto applied = applyPart(parts.substr(0, plus), behaviour); !applied)
            return base::Unexpected{applied.error()};
        if (plus == parts.size())
            return behaviour;
        parts.remove_prefix(plus + 1);
    }
}

} // namespace weir::simulator
