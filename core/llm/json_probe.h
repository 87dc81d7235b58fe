// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/limits.h"
#include "llm/output_bound.h"
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::llm {

/// Where a value stands in a body, exactly: quotes and brackets included, blanks around it not.
struct JsonSpan
{
    std::size_t offset = 0;
    std::size_t size = 0; ///< 0: there is no such value

    bool isHere() const { return size > 0; }
    std::string_view in(std::string_view body) const { return body.substr(offset, size); }
    bool operator==(const JsonSpan &) const = default;
};

enum class Readability : std::uint8_t
{
    Readable,
    NotInspected, ///< JSON as far as read, but beyond a bound: JsonNestingMax or ModelNameMax
    Invalid,      ///< not JSON (RFC 8259) at faultOffset; text behind the JSON is a fault, too
};

/// What a request body says in the fields that steps ask for. Of two members with the same name the last one
/// counts, as it does for the providers. Spans are offsets into the body that was probed.
struct JsonProbe
{
    Readability readability = Readability::Invalid;
    std::size_t faultOffset = 0; ///< Invalid: the first byte that cannot stand there; the size if cut short

    // Only if Readable; all absent if the body is no object.
    JsonSpan object; ///< the body itself
    JsonSpan model;
    JsonSpan stream;
    JsonSpan user;
    JsonSpan metadata;
    JsonSpan userId; ///< metadata.user_id
    JsonSpan streamOptions;
    JsonSpan includeUsage;                ///< stream_options.include_usage
    std::optional<std::string> modelName; ///< the model if it is a string, without escapes, ≤ ModelNameMax
    /// Why it is not certain which model a provider takes; "" = it is certain.
    std::string_view modelDoubt;
    OutputBound output;
    std::size_t messages = 0; ///< elements of "messages"
    std::size_t inputs = 0;   ///< elements of "input"; one if it is a string
};

/// Reads a whole body in one pass, wherever the fields stand. Needs no room behind the bytes. Linear in the
/// body, and checks all of it, so what is Readable is JSON for everyone.
JsonProbe probeJson(std::string_view body);

/// What a span of the body holds; nullopt if it is nothing, or of another type.
std::optional<std::string> textAt(std::string_view body, JsonSpan span);
std::optional<bool> boolAt(std::string_view body, JsonSpan span);

} // namespace weir::llm
