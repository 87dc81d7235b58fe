// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/message.h"
#include "llm/dialect.h"
#include "llm/usage.h"
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::llm {

/// Whether a reply is whole by its dialect's own sign: the end event of a stream, the reason why generating
/// ended, or complete JSON. The world does not keep to dialects, so most of what lacks the sign is whole all
/// the same, if the transport says so; QNetworkAccessManager reports cut replies as success.
enum class Completeness : std::uint8_t
{
    Complete,
    Incomplete, ///< an answer that stops in its middle, whatever the transport says
    Unshown,    ///< no answer of its dialect: empty, text, broken JSON, an error. The transport tells
    Unknown,    ///< not a shape that shows its end (brotli, binary, larger than was looked at, no valid gzip)
};

/// Reads a copy-free view of a passing reply, whatever the Decoder knows included: token usage, served model,
/// first token, end and its reason. Never delays or changes it.
class ReplyMeter
{
public:
    /// JSON replies and events are gathered up to this for reading, large ones as CondensedJson leaves them.
    /// A reply of which more is left stays unread (Completeness::Unknown), such an event is skipped.
    static constexpr std::size_t JsonBytesMax = 4 * 1024 * 1024;

    ReplyMeter(Api api, const http::ResponseHead &head);
    ~ReplyMeter();
    ReplyMeter(ReplyMeter &&) noexcept;
    ReplyMeter &operator=(ReplyMeter &&) noexcept;

    void feed(std::string_view bytes);
    /// Once, after the last byte (also of a broken reply): reads what only the whole shows.
    void finish();

    bool isEventStream() const;
    /// True once a chunk with generated content has passed: what "time to first token" waits for. A JSON
    /// reply shows it when it is finished.
    bool hasSeenContent() const;
    /// True if it came in an encoding that is not read, so that nothing is known of what was in it.
    bool isOpaque() const;
    /// True if what was called a success told of an error: as an event, or in the place of an answer.
    bool hasSeenError() const;
    Completeness completeness() const; ///< meaningful after finish()
    const TokenUsage &usage() const;
    /// An estimate of the output that has passed, for a reply whose provider does not say, or had no time to:
    /// one token for each event with content, and one for every four bytes by which it is larger than the
    /// smallest of them, which is hardly more than an envelope. Of what is no event stream: a quarter of its
    /// bytes, once it is finished.
    std::int64_t streamedTokens() const;
    const std::string &model() const; ///< as the provider named it; "" if unknown
    /// Why generating ended, in the provider's word ("end_turn", "length"); "" if untold. See ReplyFacts.
    const std::string &endReason() const;
    /// The provider's own code or type of an error; "" without one. See ReplyFacts.
    const std::string &errorCode() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace weir::llm
