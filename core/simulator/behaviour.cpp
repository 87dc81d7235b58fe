// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/behaviour.h"

#include "simulator/fault.h"
#include <algorithm>
#include <array>
#include <string>

namespace weir::simulator {

using base::Errc;

namespace {

constexpr std::array ErrorStatuses{400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529};

base::Unexpected notUnderstood(std::string_view part, std::string why)
{
    std::string detail = "\"";
    detail.append(part).append("\" in the model's name: ").append(why);
    return base::unexpected(Errc::MalformedRequest, std::move(detail));
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
    if (part == "echo-key") {
        behaviour.echoesKey = true;
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
    if (constexpr std::string_view Prefix = "retry-after-"; part.starts_with(Prefix)) {
        behaviour.retryAfter = part.substr(Prefix.size());
        return {};
    }
    if (behaviour.fault || behaviour.errorStatus)
        return notUnderstood(part, "only one fault or error fits into a name");
    if (constexpr std::string_view Prefix = "error-"; part.starts_with(Prefix)) {
        const auto status = readNumber(part.substr(Prefix.size()), 400, 599);
        if (!status || std::find(ErrorStatuses.begin(), ErrorStatuses.end(), *status) == ErrorStatuses.end())
            return notUnderstood(
                part, "simulated are 400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504 "
                      "and 529");
        behaviour.errorStatus = int(*status);
        return {};
    }
    const auto [fault, number] = findFault(part);
    if (!fault)
        return notUnderstood(part, "the simulated provider knows no such behaviour");
    behaviour.fault = fault;
    behaviour.faultNumber = number;
    return {};
}

} // namespace

base::Result<void> breakScript(const Behaviour &behaviour, bool http2, Script &script)
{
    if (!behaviour.fault)
        return {};
    const ApplyFault apply = http2 ? behaviour.fault->http2 : behaviour.fault->http1;
    if (!apply)
        return notUnderstood(behaviour.fault->name,
                             http2 ? "HTTP/2 has no such fault" : "HTTP/1.1 has no such fault");
    apply(script, behaviour.faultNumber);
    return {};
}

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
