// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/reply_writer.h"

#include "server/options.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace weir::server {

using http::BodyFraming;

ReplyWriter::ReplyWriter(QTcpSocket &socket, const base::Clock &clock)
    : m_socket(socket), m_clock(clock), m_progressAt(clock.coarseNow())
{
    // Best effort: without it the system's own bound holds.
    ::setsockopt(int(socket.socketDescriptor()), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &UnsentMax,
                 sizeof UnsentMax);
}

void ReplyWriter::begin(std::string_view method, int minorVersion)
{
    m_isHead = method == "HEAD";
    m_canChunk = minorVersion > 0;
}

void ReplyWriter::sendContinue()
{
    write("HTTP/1.1 100 Continue\r\n\r\n");
    flush();
}

bool ReplyWriter::sendHead(const http::ResponseHead &head, bool keepAlive)
{
    if (m_isHead || head.status == 204 || head.status == 304)
        m_framing = BodyFraming::None;
    else if (head.contentLength)
        m_framing = BodyFraming::ContentLength;
    else
        m_framing = m_canChunk ? BodyFraming::Chunked : BodyFraming::UntilClose;
    const bool canGoOn = keepAlive && m_framing != BodyFraming::UntilClose;
    write(http::encodeHead(head, m_framing, canGoOn));
    return canGoOn;
}

void ReplyWriter::sendChunk(const QByteArray &bytes)
{
    if (bytes.isEmpty() || m_framing == BodyFraming::None)
        return;
    write(m_framing == BodyFraming::Chunked ? http::encodeChunk(bytes) : bytes);
    flush();
}

void ReplyWriter::end()
{
    if (m_framing == BodyFraming::Chunked)
        write(http::encodeLastChunk());
    flush();
}

void ReplyWriter::write(const QByteArray &bytes)
{
    if (!m_socket.isOpen())
        return; // the connection is about to hear of it
    if (isEmpty())
        m_progressAt = m_clock.coarseNow();
    m_socket.write(bytes);
}

void ReplyWriter::flush()
{
    m_socket.flush();
    m_isFull = m_isFull || m_socket.bytesToWrite() > HighWatermark;
}

bool ReplyWriter::noteProgress()
{
    m_progressAt = m_clock.coarseNow();
    if (!m_isFull || m_socket.bytesToWrite() > LowWatermark)
        return false;
    m_isFull = false;
    return true;
}

} // namespace weir::server
