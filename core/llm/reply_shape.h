// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <string_view>

namespace weir::llm {

/// What kind of body a reply has, as far as it can be read.
enum class Shape
{
    EventStream,
    Json,
    Unreadable
};

/// As the head names it: "application/jsonl" is not JSON.
Shape shapeOf(std::string_view contentType);

/// Whether the first bytes of a body (for good, with what came before) belie `named`: some servers call an
/// event stream JSON, and the other way round. Absent while too few have come to say.
std::optional<Shape> shapeByBeginning(Shape named, std::string_view beginning);

/// Without the mark that some servers put before UTF-8.
std::string_view withoutMark(std::string_view text);

/// Without the blanks of JSON at its front.
std::string_view withoutLeadingBlanks(std::string_view text);
std::string_view withoutBlanksBehind(std::string_view text);

} // namespace weir::llm
