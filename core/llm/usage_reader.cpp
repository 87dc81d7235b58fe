// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/usage_reader.h"

#include "llm/request_probe.h"
#include <algorithm>
#include <optional>
#include <simdjson.h>

namespace weir::llm {

namespace {

using simdjson::dom::element;

/// One parser per thread, grown to the largest piece it has seen and used again: a stream has hundreds of
/// events.
simdjson::dom::parser &sharedParser()
{
    static thread_local simdjson::dom::parser parser;
    return parser;
}

/// The document lives in the shared parser until the next call.
std::optional<element> parse(std::string_view json)
{
    element root;
    if (sharedParser().parse(json.data(), json.size()).get(root))
        return std::nullopt;
    return root;
}

/// A token count, clamped; nullopt if it is missing or no integer.
std::optional<std::int64_t> tokens(element parent, std::string_view key)
{
    std::int64_t value = 0;
    if (!parent[key].get_int64().get(value))
        return std::clamp<std::int64_t>(value, 0, TokensMax);
    std::uint64_t huge = 0;
    if (!parent[key].get_uint64().get(huge))
        return TokensMax;
    return std::nullopt;
}

void readModel(element parent, ReplyFacts &facts)
{
    std::string_view model;
    if (!parent["model"].get_string().get(model) && model.size() <= ModelNameMax)
        facts.model = model;
}

/// docs.anthropic.com, "Messages": input_tokens does not include what came from or went to the cache.
void readAnthropicUsage(element parent, TokenUsage &usage)
{
    element object;
    if (parent["usage"].get(object))
        return;
    const auto fresh = tokens(object, "input_tokens");
    const auto written = tokens(object, "cache_creation_input_tokens");
    const auto read = tokens(object, "cache_read_input_tokens");
    const auto output = tokens(object, "output_tokens");
    if (fresh) {
        // message_delta repeats the input, but not always all of its parts.
        usage.cacheWrite = written.value_or(usage.cacheWrite);
        usage.cachedInput = read.value_or(usage.cachedInput);
        usage.input = std::min(*fresh + usage.cacheWrite + usage.cachedInput, TokensMax);
    }
    usage.output = output.value_or(usage.output);
    usage.known = usage.known || fresh || output;
}

/// platform.openai.com, "Chat" and "Embeddings" (prompt/completion) and "Responses" (input/output).
void readOpenAiUsage(element parent, TokenUsage &usage)
{
    element object;
    if (parent["usage"].get(object))
        return;
    const auto first = [object](std::string_view one, std::string_view other) {
        const auto value = tokens(object, one);
        return value ? value : tokens(object, other);
    };
    const auto detail = [object](std::string_view one, std::string_view other, std::string_view key) {
        element details;
        if (object[one].get(details) && object[other].get(details))
            return std::optional<std::int64_t>();
        return tokens(details, key);
    };
    const auto input = first("prompt_tokens", "input_tokens");
    const auto output = first("completion_tokens", "output_tokens");
    if (!input && !output)
        return; // "usage": null in all chunks but the last
    usage.input = input.value_or(usage.input);
    usage.output = output.value_or(usage.output);
    usage.cachedInput =
        detail("prompt_tokens_details", "input_tokens_details", "cached_tokens").value_or(usage.cachedInput);
    usage.reasoning = detail("completion_tokens_details", "output_tokens_details", "reasoning_tokens")
                          .value_or(usage.reasoning);
    usage.known = true;
}

void readFacts(Api api, element object, ReplyFacts &facts)
{
    switch (api) {
    case Api::Messages:
        readModel(object, facts);
        readAnthropicUsage(object, facts.usage);
        break;
    case Api::ChatCompletions:
    case Api::Responses:
    case Api::Embeddings:
        readModel(object, facts);
        readOpenAiUsage(object, facts.usage);
        break;
    case Api::CountTokens: // its input_tokens is the answer, nothing was used
    case Api::Models:
    case Api::Other:
        break;
    }
}

bool isNonEmpty(element parent, std::string_view key)
{
    element value;
    if (parent[key].get(value))
        return false;
    std::string_view text;
    if (!value.get_string().get(text))
        return !text.empty();
    simdjson::dom::array list;
    return !value.get_array().get(list) && list.size() > 0;
}

} // namespace

bool readReply(Api api, std::string_view json, ReplyFacts &facts)
{
    const auto root = parse(json);
    if (root)
        readFacts(api, *root, facts);
    return root.has_value();
}

bool readEvent(Api api, std::string_view json, ReplyFacts &facts)
{
    const auto root = parse(json);
    if (!root)
        return false;
    // message_start wraps the message, response.completed the response; the others are flat.
    element inner;
    if (api == Api::Messages && !(*root)["message"].get(inner))
        readFacts(api, inner, facts);
    else if (api == Api::Responses && !(*root)["response"].get(inner))
        readFacts(api, inner, facts);
    else
        readFacts(api, *root, facts);
    return true;
}

bool hasChatContent(std::string_view json)
{
    const auto root = parse(json);
    simdjson::dom::array choices;
    if (!root || (*root)["choices"].get_array().get(choices))
        return false;
    for (const element choice : choices) {
        element delta;
        if (choice["delta"].get(delta))
            continue;
        for (const std::string_view key : {"content", "tool_calls", "reasoning_content", "refusal"}) {
            if (isNonEmpty(delta, key))
                return true;
        }
    }
    return false;
}

} // namespace weir::llm
