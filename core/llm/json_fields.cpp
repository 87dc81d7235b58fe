// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/json_fields.h"

#include <algorithm>

namespace weir::llm {

namespace {

constexpr std::string_view Blanks = " \t\r\n";

} // namespace

JsonWorkspace &JsonWorkspace::ofThisThread()
{
    static thread_local JsonWorkspace workspace;
    return workspace;
}

JsonText::JsonText(std::string_view json) : m_workspace(JsonWorkspace::ofThisThread())
{
    std::string &padded = m_workspace.padded;
    padded.clear();
    padded.reserve(json.size() + simdjson::SIMDJSON_PADDING);
    padded.append(json);
    const auto iterate = [&] {
        return m_workspace.parser.iterate(padded.data(), padded.size(), padded.capacity()).get(m_document);
    };
    m_error = iterate();
    if (m_error != simdjson::UTF8_ERROR)
        return;
    // One broken letter in a text must not cost the numbers beside it.
    std::replace_if(
        padded.begin(), padded.end(), [](char byte) { return (byte & 0x80) != 0; }, '?');
    m_error = iterate();
}

JsonText::~JsonText()
{
    if (m_workspace.padded.size() <= KeptBytesMax)
        return;
    m_workspace.parser = simdjson::ondemand::parser();
    std::string().swap(m_workspace.padded); // assigning "" would keep the memory
}

bool JsonText::isAtEnd()
{
    // Beyond the last token there is no location; anything else would be text after the object.
    return m_document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

bool isClosedJson(std::string_view json)
{
    std::size_t depth = 0;
    std::size_t at = std::min(json.find_first_not_of(Blanks), json.size());
    for (; at < json.size(); ++at) {
        switch (json[at]) {
        case '{':
        case '[':
            ++depth;
            break;
        case '}':
        case ']':
            if (depth == 0)
                return false;
            if (--depth == 0)
                return json.find_first_not_of(Blanks, at + 1) == std::string_view::npos;
            break;
        case '"':
            for (++at; at < json.size() && json[at] != '"'; ++at) {
                if (json[at] == '\\')
                    ++at;
            }
            break;
        default:
            if (depth == 0)
                return false; // does not begin with a bracket
        }
    }
    return false;
}

} // namespace weir::llm
