// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/dialect.h"
#include "llm/usage.h"
#include <string>
#include <string_view>

namespace weir::llm {

/// What a piece of JSON from a provider says about a reply. Missing or senseless fields leave what was known.
struct ReplyFacts
{
    TokenUsage usage;
    std::string model;
    /// Why generating ended, in the provider's own word: stop_reason (Messages), finish_reason of the last
    /// choice that has one (ChatCompletions), incomplete_details.reason, else status (Responses). "" if
    /// untold.
    std::string endReason;
    /// The "code" of an error, else its "type"; "" without one.
    std::string errorCode;
    bool hasError = false; ///< "error" is there and not null
};

/// Longest end reason and error code believed, in bytes.
inline constexpr std::size_t EndReasonMax = 64;

/// Reads usage, model and end reason out of a JSON reply of this API. False if the text is not one whole
/// object.
bool readReply(Api api, std::string_view json, ReplyFacts &facts);
/// Reads the code out of a JSON reply whose status says that it is an error, so that nothing else counts.
bool readError(std::string_view json, ReplyFacts &facts);

/// Reads them out of one event's data: `message_start` and `message_delta` (Messages), a chunk
/// (ChatCompletions), `response.completed` and its like (Responses), whatever tells usage (Other). False as
/// above.
bool readEvent(Api api, std::string_view json, ReplyFacts &facts);

/// The "type" of an event's data, wherever it stands in the object; "" without one.
std::string eventType(std::string_view json);

/// True if a chunk of ChatCompletions carries generated content.
bool hasChatContent(std::string_view json);

/// True if the object reports an error: its "error" is there and not null.
bool hasError(std::string_view json);

} // namespace weir::llm
