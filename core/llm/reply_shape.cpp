// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/reply_shape.h"

#include "http/headers.h"
#include <algorithm>
#include <array>

namespace weir::llm {

namespace {

constexpr std::string_view Blanks = " \t\r\n";
constexpr std::string_view Mark = "\xEF\xBB\xBF";
/// Beginnings of an event stream; no JSON begins so.
constexpr std::array<std::string_view, 4> StreamBeginnings{"data:", "event:", "id:", ":"};
/// Blanks in front of a body after which nobody looks any further.
constexpr std::size_t BlanksMax = 1024;

/// True if the field names this media type, whatever its parameters.
bool isType(std::string_view contentType, std::string_view type)
{
    contentType = withoutBlanksBehind(contentType.substr(0, contentType.find(';')));
    return http::equalsIgnoreCase(contentType, type);
}

} // namespace

Shape shapeOf(std::string_view contentType)
{
    if (isType(contentType, "text/event-stream"))
        return Shape::EventStream;
    return isType(contentType, "application/json") ? Shape::Json : Shape::Unreadable;
}

std::optional<Shape> shapeByBeginning(Shape named, std::string_view beginning)
{
    if (beginning.size() > BlanksMax)
        return named;
    if (Mark.starts_with(beginning))
        return std::nullopt;
    const std::string_view first = withoutLeadingBlanks(withoutMark(beginning));
    if (first.empty())
        return std::nullopt;
    if (first.front() == '{' || first.front() == '[')
        return Shape::Json;
    for (const std::string_view one : StreamBeginnings) {
        if (first.starts_with(one))
            return Shape::EventStream;
        if (one.starts_with(first))
            return std::nullopt;
    }
    return named;
}

std::string_view withoutMark(std::string_view text)
{
    return text.starts_with(Mark) ? text.substr(Mark.size()) : text;
}

std::string_view withoutLeadingBlanks(std::string_view text)
{
    return text.substr(std::min(text.find_first_not_of(Blanks), text.size()));
}

std::string_view withoutBlanksBehind(std::string_view text)
{
    return text.substr(0, text.find_last_not_of(Blanks) + 1);
}

} // namespace weir::llm
