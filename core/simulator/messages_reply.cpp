// SPDX-License-Identifier: GPL-3.0-or-later
// Anthropic's Messages API.
#include "llm/json_string.h"
#include "simulator/json_text.h"
#include "simulator/replies.h"

namespace weir::simulator {

using llm::Dialect;

namespace {

QByteArray usage(const ReplyContext &context, std::int64_t outputTokens)
{
    return concat(R"({"input_tokens":)", context.inputTokens - context.cachedTokens,
                  R"(,"cache_creation_input_tokens":0,"cache_read_input_tokens":)", context.cachedTokens,
                  R"(,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0})",
                  R"(,"output_tokens":)", outputTokens, R"(,"service_tier":"standard"})");
}

/// The message object; `content` holds the blocks, `stopReason` is JSON.
QByteArray message(const ReplyContext &context, const QByteArray &content, std::string_view stopReason,
                   std::int64_t outputTokens)
{
    return concat(R"({"id":")", makeId("msg_", context.serial),
                  R"(","type":"message","role":"assistant","model":)", llm::jsonString(context.facts.model),
                  R"(,"content":[)", content, R"(],"stop_reason":)", stopReason,
                  R"(,"stop_sequence":null,"usage":)", usage(context, outputTokens), "}");
}

QByteArray event(std::string_view type, const QByteArray &data)
{
    return concat("event: ", type, "\ndata: ", data, "\n\n");
}

Script streamedReply(const ReplyContext &context)
{
    const Behaviour &behaviour = context.behaviour;
    Script script = eventStreamScript(Dialect::Anthropic, context.serial);
    auto &pieces = script.pieces;
    pieces.reserve(std::size_t(behaviour.chunkCount) + 6);
    const auto add = [&pieces](std::string_view type, const QByteArray &data) {
        pieces.push_back({event(type, data)});
    };
    add("message_start",
        concat(R"({"type":"message_start","message":)", message(context, QByteArray(), "null", 1), "}"));
    add("content_block_start",
        R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})");
    add("ping", R"({"type": "ping"})");
    for (int index = 0; index < behaviour.chunkCount; ++index) {
        const auto delta =
            concat(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":)",
                   llm::jsonString(chunkText(behaviour, index)), "}}");
        pieces.push_back(contentPiece(behaviour, index, event("content_block_delta", delta)));
    }
    add("content_block_stop", R"({"type":"content_block_stop","index":0})");
    add("message_delta",
        concat(R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":)",
               usage(context, behaviour.chunkCount), "}"));
    add("message_stop", R"({"type":"message_stop"})");
    return script;
}

} // namespace

Script messagesReply(const ReplyContext &context)
{
    if (context.facts.stream)
        return streamedReply(context);
    const auto content =
        concat(R"({"type":"text","text":)", llm::jsonString(wholeText(context.behaviour)), "}");
    return jsonScript(Dialect::Anthropic, 200,
                      message(context, content, R"("end_turn")", wholeTextTokens(context.behaviour)),
                      context.serial);
}

Script countTokensReply(const ReplyContext &context)
{
    return jsonScript(Dialect::Anthropic, 200, concat(R"({"input_tokens":)", context.inputTokens, "}"),
                      context.serial);
}

} // namespace weir::simulator
