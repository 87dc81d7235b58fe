// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/json_probe.h"
#include <QByteArray>
#include <string>
#include <string_view>
#include <vector>

namespace weir::llm {

/// Changes values of a body in place: every byte that is not part of a changed value stays as the client
/// sent it. Nothing of the body is copied.
class JsonEdit
{
public:
    explicit JsonEdit(QByteArray body);

    /// Puts `json` (a value; jsonString() makes one of a text) in the place of the one at `value`. The last
    /// word counts if a value is replaced twice. Spans that overlap otherwise are the caller's bug.
    void replace(JsonSpan value, std::string json);
    /// Puts a member at the front of an object, which must not have one of that name.
    void insertMember(JsonSpan object, std::string_view key, std::string_view json);

    bool isEmpty() const { return m_changes.empty(); }
    /// Bytes of the edited body: its Content-Length.
    qsizetype size() const;
    /// The edited body, to be sent in this order. Each piece keeps the body's memory alive by itself.
    std::vector<QByteArray> pieces() const;

private:
    struct Change
    {
        std::size_t offset;
        std::size_t removed;
        std::string text;
    };
    Change &changeAt(std::size_t offset, std::size_t removed);

    QByteArray m_body;
    std::vector<Change> m_changes; // in the order of their offsets
};

} // namespace weir::llm
