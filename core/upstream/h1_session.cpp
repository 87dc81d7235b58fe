// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/h1_session.h"

#include "upstream/h1_call.h"
#include <algorithm>

namespace weir::upstream {

using base::Errc;
using base::Error;

namespace {

void append(QByteArray &out, std::string_view text)
{
    out.append(text.data(), qsizetype(text.size()));
}

/// Methods whose receivers expect to be told that there is no body (RFC 9110 §8.6).
bool expectsBody(std::string_view method)
{
    return method == "POST" || method == "PUT" || method == "PATCH";
}

} // namespace

H1Session::H1Session(QTcpSocket &socket, QObject &lane, const Origin &origin)
    : Session(socket, lane, origin), m_authority(authorityOf(origin)), m_parser(*this)
{
    m_parser.expect(false);
}

H1Session::~H1Session()
{
    if (m_call)
        m_call->cancel();
}

// ── the request

std::unique_ptr<Call> H1Session::start(const CallRequest &request, CallSink &sink)
{
    auto call = std::make_unique<H1Call>(*this, request, sink);
    m_call = call.get();
    m_request = Request::Idle;
    m_chunked = request.hasBody && !request.bodySize;
    m_toHead = request.method == "HEAD";
    m_headSeen = false;
    encodeHead(request);
    askForTurn();
    return call;
}

void H1Session::encodeHead(const CallRequest &request)
{
    QByteArray head;
    qsizetype size = qsizetype(request.method.size() + request.target.size() + m_authority.size() + 96);
    for (const auto [name, value] : request.headers)
        size += qsizetype(name.size() + value.size() + 4);
    head.reserve(size);
    append(head, request.method);
    head.append(' ');
    append(head, request.target);
    append(head, " HTTP/1.1\r\nHost: ");
    append(head, m_authority);
    append(head, "\r\n");
    for (const auto [name, value] : request.headers) {
        append(head, name);
        append(head, ": ");
        append(head, value);
        append(head, "\r\n");
    }
    if (m_chunked)
        append(head, "Transfer-Encoding: chunked\r\n");
    else if (request.hasBody || expectsBody(request.method))
        append(head, "Content-Length: " + std::to_string(request.bodySize.value_or(0)) + "\r\n");
    append(head, "\r\n");
    m_head = std::move(head);
}

void H1Session::write()
{
    setBlocked(false);
    if (!m_call || m_call->isEnding() || m_request == Request::Sent)
        return;
    if (m_request == Request::Idle && hasUnread())
        return; // it answers nothing, and must be seen before something is asked
    QByteArray out;
    if (m_request == Request::Idle) {
        if (isHungUp()) {
            fail(Errc::UpstreamClosed, "while it was idle");
            return;
        }
        m_parser.expect(m_toHead);
        m_request = Request::Sending;
        out = std::exchange(m_head, {});
    }
    appendBody(out);
    if (!out.isEmpty()) {
        budget().countWritten(out.size());
        socket().write(out);
        flush();
    }
    const bool wantsMore = m_call->takeBodyWanted();
    if (m_request == Request::Sent)
        m_call->tellSent();
    else if (wantsMore)
        m_call->tellBodyWanted();
}

void H1Session::appendBody(QByteArray &out)
{
    const qint64 pending = pendingBytes();
    ByteQueue &body = m_call->body();
    while (!body.isEmpty()) {
        if (!budget().mayWrite()) {
            budget().leaveRest();
            return;
        }
        const qsizetype room = qsizetype(OutgoingMax - pending) - out.size();
        if (room <= 0) {
            setBlocked(true);
            return;
        }
        // What the socket holds nobody counts, so a body that came whole goes out in parts.
        const QByteArray piece = body.takeFirst(room);
        if (m_chunked)
            out.append(QByteArray::number(piece.size(), 16)).append("\r\n").append(piece).append("\r\n");
        else
            out.append(piece);
    }
    if (!m_call->isBodyEnded())
        return;
    if (m_chunked)
        out.append("0\r\n\r\n");
    m_request = Request::Sent;
}

// ── the reply

void H1Session::take(std::string_view bytes)
{
    if (!m_call || m_request == Request::Idle || m_parser.isComplete()) {
        takeSurplus();
        return;
    }
    const auto used = m_parser.feed(bytes);
    if (!used)
        fail(error(used.error().code, used.error().detail));
    else if (*used < bytes.size())
        takeSurplus();
}

/// Bytes that answer nothing: they must not be taken for the next reply.
void H1Session::takeSurplus()
{
    m_dirty = true;
    closeForCalls();
    dropBlock();
    if (m_call && m_request == Request::Idle)
        m_call->end(error(Errc::UpstreamClosed, "it answered before it was asked"), Processed::No);
}

bool H1Session::holdsBack() const
{
    return m_call && m_call->isPaused() && m_headSeen;
}

void H1Session::onHead(http::ResponseHead head)
{
    budget().countPiece();
    m_headSeen = true;
    m_call->addHead(std::move(head));
}

void H1Session::onBody(std::string_view bytes)
{
    budget().countPiece();
    const bool isNext = bytes.data() == m_bodyAt.data() + m_bodyAt.size();
    if (!isNext)
        keepBody();
    m_bodyAt = isNext ? std::string_view(m_bodyAt.data(), m_bodyAt.size() + bytes.size()) : bytes;
}

void H1Session::keepBody()
{
    if (!m_bodyAt.empty())
        m_call->addBytes(std::exchange(m_bodyAt, {}));
}

void H1Session::blockTaken(const QByteArray &block)
{
    // The whole block is handed on without a copy; a part of it has to become a buffer of its own.
    if (qsizetype(m_bodyAt.size()) != block.size()) {
        keepBody();
    } else {
        m_bodyAt = {};
        m_call->addBlock(block);
    }
}

void H1Session::onEnd()
{
    keepBody();
    if (!m_parser.keepsAlive() || m_request != Request::Sent) {
        m_dirty = m_dirty || m_request != Request::Sent;
        closeForCalls();
    }
    m_call->end();
}

void H1Session::deliver()
{
    m_isDue = m_isDue && m_call;
    while (m_isDue && budget().mayMove())
        m_isDue = m_call->deliverNext() && m_call;
    if (m_isDue)
        budget().leaveRest();
}

// ── ends

void H1Session::callLeft(bool cancelled)
{
    const bool isReplyRead = m_call->isEnding();
    m_call = nullptr;
    if (cancelled && !isReplyRead && m_request != Request::Idle) {
        m_dirty = true;
        closeForCalls();
    }
    m_isDue = false;
    m_head.clear();
    m_request = Request::Idle;
    askForTurn();
}

void H1Session::connectionLost(const Error &why)
{
    closeForCalls();
    if (!m_call || m_call->isEnding())
        return;
    if (m_request == Request::Idle) {
        m_call->end(why, Processed::No);
        return;
    }
    if (fault()) {
        m_call->end(why);
        return;
    }
    const auto finished = m_parser.finish();
    if (!finished)
        m_call->end(error(finished.error().code, finished.error().detail));
}

void H1Session::close()
{
    if (m_dirty)
        socket().abort();
    else
        socket().disconnectFromHost();
}

} // namespace weir::upstream
