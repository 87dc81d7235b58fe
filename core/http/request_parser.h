// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/error.h"
#include "base/result.h"
#include "http/body_events.h"
#include "http/message.h"
#include <cstdint>
#include <memory>
#include <string_view>

namespace weir::http {

/// Turns the bytes of one client connection into requests (RFC 9112), strictly: what two servers could read
/// differently is refused. llhttp does the grammar; what it lets through is checked here.
///
/// One message at a time: after onEnd() the parser consumes nothing until next() is called, so pipelined
/// requests wait in the caller's buffer.
class RequestParser
{
public:
    /// Called from feed(), in this order: onHead, onBody*, onEnd. Must not call back into the parser.
    class Events : public BodyEvents
    {
    public:
        virtual void onHead(RequestHead head) = 0;

    protected:
        ~Events() = default;
    };

    /// `events` is borrowed for the parser's life. `bodyMax` in bytes.
    RequestParser(Events &events, std::int64_t bodyMax);
    ~RequestParser();
    RequestParser(const RequestParser &) = delete;
    RequestParser &operator=(const RequestParser &) = delete;

    /// Consumes bytes until they are used up, the head is complete (once: returns right after onHead, and
    /// onEnd of a request without a body, so that the caller may refuse before any body byte is looked at),
    /// or the message is complete; returns how many. After an error nothing more may be fed: answer and
    /// close.
    base::Result<std::size_t> feed(std::string_view data);

    /// Makes ready for the next message on the same connection.
    void next();

    /// The method of a request whose head is not complete or not valid, as far as it has come: "" before the
    /// blank that ends it. What such a request is answered depends on it.
    std::string_view method() const;

    /// True between two messages: nothing of the next one has been seen.
    bool isIdle() const;
    /// True from onHead until onEnd.
    bool isInBody() const;
    bool isComplete() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace weir::http
