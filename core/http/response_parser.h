// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "http/body_events.h"
#include "http/message.h"
#include <cstdint>
#include <memory>
#include <string_view>

namespace weir::http {

/// Interim replies (1xx) that are skipped before a final one; further ones are a fault.
inline constexpr int InterimMax = 16;

/// Turns the bytes of one upstream connection into replies (RFC 9112), strictly: what two programs could read
/// differently is a fault of the upstream. llhttp does the grammar; what it lets through is checked here.
/// Errors: UpstreamProtocol, and from finish() UpstreamClosed and UpstreamTruncated.
///
/// One message at a time: after onEnd() nothing is consumed until expect() is called.
class ResponseParser
{
public:
    /// Called from feed() and finish(), in this order: onHead, onBody*, onEnd. Must not call back into the
    /// parser.
    class Events : public BodyEvents
    {
    public:
        /// The final head; interim ones are skipped.
        virtual void onHead(ResponseHead head) = 0;

    protected:
        ~Events() = default;
    };

    /// `events` is borrowed for the parser's life.
    explicit ResponseParser(Events &events);
    ~ResponseParser();
    ResponseParser(const ResponseParser &) = delete;
    ResponseParser &operator=(const ResponseParser &) = delete;

    /// Makes ready for the reply to a request. `toHead`: to HEAD, which has no body whatever its head says.
    void expect(bool toHead);

    /// Consumes bytes until they are used up or the message is complete; returns how many. After an error
    /// nothing more may be fed.
    base::Result<std::size_t> feed(std::string_view data);

    /// The connection has ended, which completes a body that nothing else delimits. Otherwise an error.
    base::Result<void> finish();

    bool isComplete() const;
    /// From onHead on: whether the connection may carry another message after this one.
    bool keepsAlive() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace weir::http
