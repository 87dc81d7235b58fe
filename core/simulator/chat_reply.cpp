// SPDX-License-Identifier: GPL-3.0-or-later
// OpenAI's Chat Completions API.
#include "llm/json_string.h"
#include "simulator/json_text.h"
#include "simulator/replies.h"

namespace weir::simulator {

using llm::Dialect;

namespace {

QByteArray usage(const ReplyContext &context, std::int64_t outputTokens)
{
    return concat(R"({"prompt_tokens":)", context.inputTokens, R"(,"completion_tokens":)", outputTokens,
                  R"(,"total_tokens":)", context.inputTokens + outputTokens,
                  R"(,"prompt_tokens_details":{"cached_tokens":)", context.cachedTokens,
                  R"(,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,)"
                  R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}})");
}

/// What a whole completion and every chunk begin with.
QByteArray opening(const ReplyContext &context, std::string_view object)
{
    return concat(R"({"id":")", makeId("chatcmpl-", context.serial), R"(","object":")", object,
                  R"(","created":)", context.now / 1000, R"(,"model":)", llm::jsonString(context.facts.model),
                  R"(,"service_tier":"default","system_fingerprint":"fp_simulated")");
}

Script streamedReply(const ReplyContext &context)
{
    const Behaviour &behaviour = context.behaviour;
    const QByteArray start = "data: " + opening(context, "chat.completion.chunk");
    // With include_usage each chunk says that its usage is null, and one more chunk tells it.
    const std::string_view end = context.facts.includeUsage ? ",\"usage\":null}\n\n" : "}\n\n";
    const auto chunk = [&](std::string_view delta, std::string_view finishReason) {
        return concat(start, R"(,"choices":[{"index":0,"delta":)", delta,
                      R"(,"logprobs":null,"finish_reason":)", finishReason, "}]", end);
    };

    Script script = eventStreamScript(Dialect::OpenAi, context.serial);
    auto &pieces = script.pieces;
    pieces.reserve(std::size_t(behaviour.chunkCount) + 4);
    pieces.push_back({chunk(R"({"role":"assistant","content":"","refusal":null})", "null")});
    for (int index = 0; index < behaviour.chunkCount; ++index) {
        const std::string delta = R"({"content":)" + llm::jsonString(chunkText(behaviour, index)) + "}";
        pieces.push_back(contentPiece(behaviour, index, chunk(delta, "null")));
    }
    pieces.push_back({chunk("{}", R"("stop")")});
    if (context.facts.includeUsage)
        pieces.push_back(
            {concat(start, R"(,"choices":[],"usage":)", usage(context, behaviour.chunkCount), "}\n\n")});
    pieces.push_back({QByteArrayLiteral("data: [DONE]\n\n")});
    return script;
}

} // namespace

Script chatReply(const ReplyContext &context)
{
    if (context.facts.stream)
        return streamedReply(context);
    return jsonScript(
        Dialect::OpenAi, 200,
        concat(opening(context, "chat.completion"),
               R"(,"choices":[{"index":0,"message":{"role":"assistant","content":)",
               llm::jsonString(wholeText(context.behaviour)),
               R"(,"refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":)",
               usage(context, wholeTextTokens(context.behaviour)), "}"),
        context.serial);
}

} // namespace weir::simulator
