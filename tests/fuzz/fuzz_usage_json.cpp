// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever an upstream or a client says: counts stay within their bounds, names are short, and it makes no
// difference how the bytes are cut.
#include "llm/reply_meter.h"
#include "llm/request_probe.h"
#include "llm/usage_reader.h"
#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace weir;
using namespace weir::llm;

namespace {

constexpr std::array Apis{Api::Messages,  Api::CountTokens, Api::ChatCompletions,
                          Api::Responses, Api::Embeddings,  Api::Other};
/// Up to this size each single cut is tried, beyond it only every byte alone.
constexpr std::size_t EveryCutMax = 128;

void require(bool condition, const char *promise)
{
    if (condition)
        return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

void requireSense(const TokenUsage &usage, const std::string &model)
{
    for (const std::int64_t count :
         {usage.input, usage.cachedInput, usage.cacheWrite, usage.output, usage.reasoning})
        require(count >= 0 && count <= TokensMax, "counts within their bounds");
    require(usage.cachedInput <= usage.input && usage.cacheWrite <= usage.input, "a part of the input");
    require(usage.reasoning <= usage.output, "a part of the output");
    require(usage.known || usage == TokenUsage{}, "nothing told, nothing known");
    require(model.size() <= ModelNameMax, "no endless name");
}

ReplyMeter meter(Api api, const http::ResponseHead &head, const std::vector<std::string_view> &pieces)
{
    ReplyMeter result(api, head);
    for (const std::string_view piece : pieces) {
        const std::vector<char> copy(piece.begin(), piece.end());
        result.feed({copy.data(), copy.size()});
    }
    result.finish();
    return result;
}

void requireSame(const ReplyMeter &left, const ReplyMeter &right)
{
    require(left.usage() == right.usage() && left.model() == right.model() &&
                left.endReason() == right.endReason() && left.completeness() == right.completeness() &&
                left.hasSeenError() == right.hasSeenError() &&
                left.hasSeenContent() == right.hasSeenContent(),
            "the same facts however cut");
}

void readAsJson(std::string_view json)
{
    for (const Api api : Apis) {
        ReplyFacts reply;
        readReply(api, json, reply);
        requireSense(reply.usage, reply.model);
        ReplyFacts event = reply; // as a later one of the same stream
        readEvent(api, json, event);
        requireSense(event.usage, event.model);
    }
    hasChatContent(json);
    const RequestFacts facts = probeRequest({json.data(), qsizetype(json.size())});
    require(facts.model.size() <= ModelNameMax, "no endless name");
    for (const Coding coding : {Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd})
        probeRequest({json.data(), qsizetype(json.size())}, coding);
}

void readAsReply(std::string_view bytes, const char *type, std::string_view encoding = "identity")
{
    http::ResponseHead head;
    head.headers.add("Content-Type", type);
    head.headers.add("Content-Encoding", encoding);
    std::vector<std::string_view> single;
    for (std::size_t at = 0; at < bytes.size(); ++at)
        single.push_back(bytes.substr(at, 1));
    for (const Api api : Apis) {
        const ReplyMeter whole = meter(api, head, {bytes});
        requireSense(whole.usage(), whole.model());
        require(whole.endReason().size() <= EndReasonMax, "no endless reason");
        const ReplyMeter bytewise = meter(api, head, single);
        requireSense(bytewise.usage(), bytewise.model());
        // brotli and zstd keep to themselves what they have decoded just before the damage.
        if (whole.isOpaque() && (encoding == "br" || encoding == "zstd"))
            continue;
        requireSame(whole, bytewise);
        for (std::size_t at = 1; at < bytes.size() && bytes.size() <= EveryCutMax; ++at)
            requireSame(whole, meter(api, head, {bytes.substr(0, at), bytes.substr(at)}));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size)
{
    const std::string_view data(reinterpret_cast<const char *>(bytes), size);
    readAsJson(data);
    readAsReply(data, "text/event-stream");
    readAsReply(data, "application/json");
    for (const char *encoding : {"gzip", "deflate", "br", "zstd"})
        readAsReply(data, "text/event-stream", encoding);
    return 0;
}
