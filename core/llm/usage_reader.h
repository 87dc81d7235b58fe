// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/provider.h"
#include "llm/usage.h"
#include <string>
#include <string_view>

namespace weir::llm {

/// What a piece of JSON from a provider says about a reply. Missing or senseless fields leave what was known.
struct ReplyFacts
{
    TokenUsage usage;
    std::string model;
};

/// Reads usage and model out of a whole JSON reply of this API. False if it is not valid JSON.
bool readReply(Api api, std::string_view json, ReplyFacts &facts);

/// Reads them out of one event's data: `message_start` and `message_delta` (Messages), a chunk
/// (ChatCompletions), `response.completed` and its like (Responses). True if the data is valid JSON.
bool readEvent(Api api, std::string_view json, ReplyFacts &facts);

/// True if a chunk of ChatCompletions carries generated content.
bool hasChatContent(std::string_view json);

} // namespace weir::llm
