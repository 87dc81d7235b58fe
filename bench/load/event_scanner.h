// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::load {

/// Finds the events of an event stream (HTML standard, 9.2) that matter for measuring: those with content,
/// known by the stamp that the simulated provider puts into them, and the one that ends a stream in OpenAI's
/// or Anthropic's dialect. Allocates only where a line comes in pieces.
class EventScanner
{
public:
    /// Of one line; a longer one makes the stream malformed.
    static constexpr std::size_t LineMax = 1024 * 1024;
    /// "@00000123456789012345@": the monotonic time of sending in ns.
    static constexpr std::size_t StampDigits = 20;

    void reset();

    /// Reads on at the front of `input`, which is shortened by what was read, until an event with a stamp is
    /// complete or `input` is empty. Returns the stamp, of several in one event the last.
    std::optional<std::int64_t> take(std::string_view &input);

    /// Whether the event came that ends a stream as it should: `data: [DONE]` or `message_stop`.
    bool hasEnded() const { return m_hasEnded; }
    bool isMalformed() const { return m_isMalformed; }

private:
    void readLine(std::string_view line);

    std::string m_line; ///< what came of a line that is not complete yet
    std::optional<std::int64_t> m_stamp;
    bool m_isEnd = false; ///< the event that is being read
    bool m_hasEnded = false;
    bool m_isMalformed = false;
};

} // namespace weir::load
