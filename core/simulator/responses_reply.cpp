// SPDX-License-Identifier: GPL-3.0-or-later
// OpenAI's Responses API.
#include "llm/json_string.h"
#include "simulator/json_text.h"
#include "simulator/replies.h"

namespace weir::simulator {

using llm::Dialect;

namespace {

QByteArray usage(const ReplyContext &context, std::int64_t outputTokens)
{
    return concat(R"({"input_tokens":)", context.inputTokens, R"(,"input_tokens_details":{"cached_tokens":)",
                  context.cachedTokens, R"(},"output_tokens":)", outputTokens,
                  R"(,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":)",
                  context.inputTokens + outputTokens, "}");
}

/// The response object. `output`, `usage`: JSON.
QByteArray response(const ReplyContext &context, std::string_view status, const QByteArray &output,
                    const QByteArray &usageJson)
{
    return concat(
        R"({"id":")", makeId("resp_", context.serial), R"(","object":"response","created_at":)",
        context.now / 1000, R"(,"status":")", status,
        R"(","background":false,"error":null,"incomplete_details":null,"instructions":null,)"
        R"("max_output_tokens":null,"max_tool_calls":null,"model":)",
        llm::jsonString(context.facts.model), R"(,"output":[)", output,
        R"(],"parallel_tool_calls":true,"previous_response_id":null,"prompt_cache_key":null,)"
        R"("reasoning":{"effort":null,"summary":null},"safety_identifier":null,"service_tier":"default",)"
        R"("store":false,"temperature":1.0,"text":{"format":{"type":"text"},"verbosity":"medium"},)"
        R"("tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1.0,"truncation":"disabled","usage":)",
        usageJson, R"(,"user":null,"metadata":{}})");
}

QByteArray textPart(const std::string &text)
{
    return concat(R"({"type":"output_text","annotations":[],"logprobs":[],"text":)", llm::jsonString(text),
                  "}");
}

/// The one output item, a message. `content` holds its parts.
QByteArray messageItem(const std::string &id, std::string_view status, const QByteArray &content)
{
    return concat(R"({"id":")", id, R"(","type":"message","status":")", status, R"(","content":[)", content,
                  R"(],"role":"assistant"})");
}

/// Collects events and numbers them.
class Events
{
public:
    explicit Events(std::vector<Piece> &pieces) : m_pieces(pieces) {}

    /// `fields` come after type and sequence number.
    void add(std::string_view type, const QByteArray &fields) { m_pieces.push_back({event(type, fields)}); }

    void addContent(const Behaviour &behaviour, int index, std::string_view type, const QByteArray &fields)
    {
        m_pieces.push_back(contentPiece(behaviour, index, event(type, fields)));
    }

private:
    QByteArray event(std::string_view type, const QByteArray &fields) const
    {
        return concat("event: ", type, "\ndata: {\"type\":\"", type, R"(","sequence_number":)",
                      m_pieces.size(), ",", fields, "}\n\n");
    }

    std::vector<Piece> &m_pieces;
};

Script streamedReply(const ReplyContext &context)
{
    const Behaviour &behaviour = context.behaviour;
    Script script = eventStreamScript(Dialect::OpenAi, context.serial);
    script.pieces.reserve(std::size_t(behaviour.chunkCount) + 8);
    Events events(script.pieces);

    const std::string itemId = makeId("msg_", context.serial);
    const QByteArray begun = "\"response\":" + response(context, "in_progress", {}, "null");
    events.add("response.created", begun);
    events.add("response.in_progress", begun);
    events.add("response.output_item.added",
               "\"output_index\":0,\"item\":" + messageItem(itemId, "in_progress", {}));
    const auto place = concat(R"("item_id":")", itemId, R"(","output_index":0,"content_index":0)");
    events.add("response.content_part.added", place + ",\"part\":" + textPart({}));

    std::string text;
    for (int index = 0; index < behaviour.chunkCount; ++index) {
        const std::string chunk = chunkText(behaviour, index);
        text += chunk;
        events.addContent(behaviour, index, "response.output_text.delta",
                          concat(place, R"(,"delta":)", llm::jsonString(chunk), R"(,"logprobs":[])"));
    }
    events.add("response.output_text.done",
               concat(place, R"(,"text":)", llm::jsonString(text), R"(,"logprobs":[])"));
    events.add("response.content_part.done", place + ",\"part\":" + textPart(text));
    const QByteArray item = messageItem(itemId, "completed", textPart(text));
    events.add("response.output_item.done", "\"output_index\":0,\"item\":" + item);
    events.add("response.completed",
               "\"response\":" + response(context, "completed", item, usage(context, behaviour.chunkCount)));
    return script;
}

} // namespace

Script responsesReply(const ReplyContext &context)
{
    if (context.facts.stream)
        return streamedReply(context);
    const auto item =
        messageItem(makeId("msg_", context.serial), "completed", textPart(wholeText(context.behaviour)));
    return jsonScript(
        Dialect::OpenAi, 200,
        response(context, "completed", item, usage(context, wholeTextTokens(context.behaviour))),
        context.serial);
}

} // namespace weir::simulator
