// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <simdjson.h>
#include <string>
#include <string_view>
#include <utility>

namespace weir::llm {

/// What simdjson needs beside the text: its tables, and a copy of the text with room behind it. One per
/// thread, used again and again: a stream has hundreds of events.
struct JsonWorkspace
{
    simdjson::ondemand::parser parser;
    std::string padded;

    static JsonWorkspace &ofThisThread();
};

/// Calls `take(key, value)` for each field, in order; of two equal keys the last one counts if the later call
/// wins. Values that `take` leaves alone are skipped, not looked into: neither how deep they nest nor how
/// large their numbers are matters. False if the object ends early.
template<typename Take>
bool forEachField(simdjson::ondemand::object object, Take &&take)
{
    for (auto entry : object) {
        simdjson::ondemand::field field;
        std::string_view key;
        if (std::move(entry).get(field) || field.unescaped_key().get(key))
            return false;
        take(key, field.value());
    }
    return true;
}

/// A JSON text that is being read. At most one at a time on each thread: they share its workspace.
class JsonText
{
public:
    /// A larger text's workspace is given back afterwards: one large reply must not cost memory for ever.
    static constexpr std::size_t KeptBytesMax = 256 * 1024;

    explicit JsonText(std::string_view json);
    ~JsonText();
    JsonText(const JsonText &) = delete;
    JsonText &operator=(const JsonText &) = delete;

    /// Once. True if the text is one object, read to its end; else the fields before the fault were taken.
    template<typename Take>
    bool readFields(Take &&take)
    {
        simdjson::ondemand::object object;
        if (m_error || m_document.get_object().get(object))
            return false;
        return forEachField(object, std::forward<Take>(take)) && isAtEnd();
    }

private:
    bool isAtEnd();

    JsonWorkspace &m_workspace;
    simdjson::ondemand::document m_document;
    simdjson::error_code m_error;
};

/// True if `json` begins with a bracket and ends with the one that closes it. Looks at nothing else, so that
/// a whole reply is told from a cut one even if simdjson cannot read it (invalid UTF-8, for instance).
bool isClosedJson(std::string_view json);

} // namespace weir::llm
