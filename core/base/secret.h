// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace weir::base {

/// A text that must not be seen: a provider's key, an access key. It has no conversion to text, no stream
/// operator and no comparison, so it cannot slip into a log or an error; who needs it says reveal(). Its
/// memory is overwritten when it goes. Moving leaves nothing behind; it cannot be copied by accident, only by
/// clone().
class Secret
{
public:
    Secret() = default;
    explicit Secret(std::string text) : m_text(std::move(text)) {}
    ~Secret() { wipe(); }
    Secret(const Secret &) = delete;
    Secret &operator=(const Secret &) = delete;
    Secret(Secret &&other) noexcept : m_text(other.m_text) { other.wipe(); }
    Secret &operator=(Secret &&other) noexcept
    {
        if (this != &other) {
            wipe();
            m_text = other.m_text;
            other.wipe();
        }
        return *this;
    }

    /// Borrowed until the secret changes.
    std::string_view reveal() const { return m_text; }
    Secret clone() const { return Secret(m_text); }
    bool isEmpty() const { return m_text.empty(); }

private:
    void wipe()
    {
        // Through a volatile pointer: a plain fill before the memory is given back may be optimised away.
        for (volatile char *byte = m_text.data(), *end = byte + m_text.size(); byte != end; byte = byte + 1)
            *byte = 0;
        m_text.clear();
    }

    // Short texts lie inside the object and long ones on the heap: a move of std::string would leave a copy
    // of the former behind, so moves copy and wipe.
    std::string m_text;
};

} // namespace weir::base
