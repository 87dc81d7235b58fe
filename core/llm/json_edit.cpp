// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/json_edit.h"

#include "llm/body_bytes.h"
#include "llm/json_string.h"
#include <algorithm>

namespace weir::llm {

namespace {

bool isEmptyObject(std::string_view object)
{
    return object.find_first_not_of(" \t\r\n", 1) == object.size() - 1;
}

} // namespace

JsonEdit::JsonEdit(QByteArray body) : m_body(std::move(body)) {}

void JsonEdit::replace(JsonSpan value, std::string json)
{
    changeAt(value.offset, value.size).text = std::move(json);
}

void JsonEdit::insertMember(JsonSpan object, std::string_view key, std::string_view json)
{
    std::string member = jsonString(key).append(":").append(json);
    std::string &text = changeAt(object.offset + 1, 0).text;
    // A comma to what follows, except between the brackets of an empty object.
    if (!isEmptyObject(object.in(viewOf(m_body))) || !text.empty())
        member += ',';
    text.insert(0, member);
}

JsonEdit::Change &JsonEdit::changeAt(std::size_t offset, std::size_t removed)
{
    Q_ASSERT(offset + removed <= std::size_t(m_body.size()));
    const auto behind = std::find_if(m_changes.begin(), m_changes.end(),
                                     [offset](const Change &change) { return change.offset >= offset; });
    if (behind != m_changes.end() && behind->offset == offset) {
        Q_ASSERT(behind->removed == removed);
        return *behind;
    }
    Q_ASSERT(behind == m_changes.begin() || std::prev(behind)->offset + std::prev(behind)->removed <= offset);
    Q_ASSERT(behind == m_changes.end() || offset + removed <= behind->offset);
    return *m_changes.insert(behind, {offset, removed, {}});
}

qsizetype JsonEdit::size() const
{
    std::size_t size = std::size_t(m_body.size());
    for (const Change &change : m_changes)
        size += change.text.size() - change.removed; // wraps where a change shortens, and back
    return qsizetype(size);
}

std::vector<QByteArray> JsonEdit::pieces() const
{
    std::vector<QByteArray> pieces;
    pieces.reserve(2 * m_changes.size() + 1);
    std::size_t passed = 0;
    const auto passUntil = [&](std::size_t end) {
        if (end > passed)
            pieces.push_back(sliceOf(m_body, passed, end - passed));
    };
    for (const Change &change : m_changes) {
        passUntil(change.offset);
        pieces.push_back(QByteArray(change.text.data(), qsizetype(change.text.size())));
        passed = change.offset + change.removed;
    }
    passUntil(std::size_t(m_body.size()));
    return pieces;
}

} // namespace weir::llm
