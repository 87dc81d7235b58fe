// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/http2_stream.h"

#include "http/limits.h"
#include "simulator/http2_connection.h"
#include "simulator/http2_frames.h"
#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace weir::simulator {

namespace {

nghttp2_nv field(std::string_view name, std::string_view value)
{
    // nghttp2 copies both, and takes them as not const for historical reasons. A name that is to stay as it
    // is spelled is not copied: the script lives longer than its head waits.
    const auto bytes = [](std::string_view text) {
        return reinterpret_cast<std::uint8_t *>(const_cast<char *>(text.data()));
    };
    const bool hasCapital =
        std::any_of(name.begin(), name.end(), [](char letter) { return letter >= 'A' && letter <= 'Z'; });
    return {bytes(name), bytes(value), name.size(), value.size(),
            std::uint8_t(hasCapital ? NGHTTP2_NV_FLAG_NO_COPY_NAME : NGHTTP2_NV_FLAG_NONE)};
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
    if (m_request.body.size() + qsizetype(bytes.size()) > m_connection.bodyMax()) {
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
    m_connection.countReply(script.goAwayEvery);
    if (!script.framesBefore.isEmpty())
        m_connection.writeFrames(onStream(script.framesBefore, std::uint32_t(m_id)));
    if (script.interimStatus) {
        const std::string interim = std::to_string(script.interimStatus);
        const nghttp2_nv status = field(":status", interim);
        nghttp2_submit_headers(m_connection.session(), NGHTTP2_FLAG_NONE, m_id, nullptr, &status, 1, nullptr);
    }

    const std::string status =
        script.statusText ? script.statusText->toStdString() : std::to_string(script.head.status);
    const std::string length = std::to_string(script.head.contentLength.value_or(0));
    std::vector<nghttp2_nv> fields;
    fields.reserve(script.head.headers.size() + 3);
    if (!status.empty())
        fields.push_back(field(":status", status));
    for (const auto each : script.head.headers)
        fields.push_back(field(each.name, each.value));
    if (script.head.contentLength)
        fields.push_back(field("content-length", length));

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
    if (!m_hasBegun) {
        m_connection.takeOver(m_id);
        m_connection.writeFrames(onStream(bytes, std::uint32_t(m_id)));
        return;
    }
    m_pending.push_back(bytes);
    m_pendingSize += bytes.size();
}

bool Http2Stream::isFull() const
{
    return m_hasBegun ? m_pendingSize > PendingMax : m_connection.isFull();
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
