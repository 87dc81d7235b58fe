// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/http2_stream.h"

#include "http/limits.h"
#include "simulator/http2_connection.h"
#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace weir::simulator {

namespace {

nghttp2_nv field(std::string_view name, std::string_view value)
{
    // nghttp2 copies both, and takes them as not const for historical reasons.
    const auto bytes = [](std::string_view text) {
        return reinterpret_cast<std::uint8_t *>(const_cast<char *>(text.data()));
    };
    return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

} // namespace

Http2Stream::Http2Stream(Http2Connection &connection, Service &service, std::int32_t id)
    : QObject(&connection), m_connection(connection), m_exchange(service, *this), m_id(id)
{
    m_request.http2 = true;
    m_request.tls = connection.isTls();
}

void Http2Stream::addField(std::string_view name, std::string_view value)
{
    http::RequestHead &head = m_request.head;
    if (name == ":method")
        head.method = value;
    else if (name == ":path")
        head.target = value;
    else if (name == ":authority")
        head.headers.add("host", value);
    else if (!name.starts_with(':'))
        head.headers.add(name, value);
}

void Http2Stream::addBody(std::string_view bytes)
{
    // More than the bound is refused by a reset: the caller may still be sending.
    if (m_request.body.size() + qsizetype(bytes.size()) > http::BodyMaxDefault) {
        nghttp2_submit_rst_stream(m_connection.session(), NGHTTP2_FLAG_NONE, m_id, NGHTTP2_CANCEL);
        return;
    }
    m_request.body.append(bytes.data(), qsizetype(bytes.size()));
}

void Http2Stream::answer()
{
    m_exchange.start(std::move(m_request));
}

void Http2Stream::begin(const Script &script)
{
    m_hasBegun = true;
    if (script.goAwayFirst)
        nghttp2_submit_goaway(m_connection.session(), NGHTTP2_FLAG_NONE, m_id, NGHTTP2_NO_ERROR, nullptr, 0);

    const std::string status =
        script.headFault == HeadFault::GarbageStatus ? "banana" : std::to_string(script.head.status);
    const std::string length = std::to_string(script.head.contentLength.value_or(0));
    std::vector<nghttp2_nv> fields;
    fields.reserve(script.head.headers.size() + 3);
    fields.push_back(field(":status", status));
    for (const auto each : script.head.headers)
        fields.push_back(field(each.name, each.value));
    if (script.head.contentLength)
        fields.push_back(field("content-length", length));
    if (script.headFault == HeadFault::InjectedField)
        fields.push_back(field("x-simulated", "one\r\nx-injected: two"));

    nghttp2_data_provider body{};
    body.source.ptr = this;
    body.read_callback = [](nghttp2_session *, std::int32_t, std::uint8_t *to, std::size_t size,
                            std::uint32_t *flags, nghttp2_data_source *source, void *) {
        return static_cast<Http2Stream *>(source->ptr)->readData(to, size, flags);
    };
    nghttp2_submit_response(m_connection.session(), m_id, fields.data(), fields.size(), &body);
}

void Http2Stream::write(const QByteArray &bytes)
{
    if (bytes.isEmpty())
        return;
    m_pending.push_back(bytes);
    m_pendingSize += bytes.size();
}

void Http2Stream::flush()
{
    // Refused if the stream is not waiting for data: it is going to be asked then in any case.
    nghttp2_session_resume_data(m_connection.session(), m_id);
    m_connection.send();
}

void Http2Stream::end(Ending ending)
{
    m_ending = ending;
    m_hasEnded = true;
    if (!m_hasBegun)
        m_connection.breakOff(*this);
    flush();
}

ssize_t Http2Stream::readData(std::uint8_t *to, std::size_t size, std::uint32_t *flags)
{
    qsizetype copied = 0;
    while (!m_pending.empty() && copied < qsizetype(size)) {
        const QByteArray &first = m_pending.front();
        const qsizetype part = std::min(first.size() - m_pendingAt, qsizetype(size) - copied);
        std::memcpy(to + copied, first.constData() + m_pendingAt, std::size_t(part));
        copied += part;
        m_pendingAt += part;
        if (m_pendingAt == first.size()) {
            m_pending.pop_front();
            m_pendingAt = 0;
        }
    }
    m_pendingSize -= copied;
    if (!isFull())
        m_exchange.resume();
    if (!m_pending.empty() || (!m_hasEnded && copied > 0))
        return copied;
    if (m_hasEnded && (m_ending == Ending::Regular || m_ending == Ending::CutShort)) {
        m_isSent = true;
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        return copied;
    }
    if (copied > 0)
        return copied; // the ending comes with the next call
    if (m_hasEnded)
        m_connection.breakOff(*this);
    return NGHTTP2_ERR_DEFERRED;
}

} // namespace weir::simulator
