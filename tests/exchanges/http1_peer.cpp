// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/http1_peer.h"

#include "http/message.h"

namespace weir::exchanges {

namespace {

QByteArray lines(const Fields &fields)
{
    QByteArray all;
    for (const auto &[name, value] : fields)
        all += name + ": " + value + "\r\n";
    return all;
}

} // namespace

void Http1Peer::read()
{
    m_reader.feed(m_socket.readAll());
    for (;;) {
        if (m_reader.message().hasHead()) {
            if (!m_current)
                m_current = &arrive();
            m_current->request = m_reader.message();
        }
        if (!m_reader.message().isWhole || m_reader.rest().isEmpty())
            return;
        m_current = nullptr;
        m_reader.start();
    }
}

void Http1Peer::onClosed()
{
    m_reader.finish();
    if (!m_current)
        return;
    m_current->request.isCut = m_reader.message().isCut;
    m_current->isCancelled = true;
}

void Http1Peer::sendHead(Arrival &, const AnswerHead &head, bool)
{
    const std::string_view phrase = http::reasonPhrase(head.status);
    QByteArray bytes = "HTTP/1.1 " + QByteArray::number(head.status) + ' ' +
                       QByteArray(phrase.data(), qsizetype(phrase.size())) + "\r\n" + lines(head.fields);
    if (head.isChunked)
        bytes += "Transfer-Encoding: chunked\r\n";
    if (head.endsByClose)
        bytes += "Connection: close\r\n";
    m_isChunked = head.isChunked;
    m_endsByClose = head.endsByClose;
    sendRaw(bytes + "\r\n");
}

void Http1Peer::sendBody(Arrival &, const QByteArray &piece)
{
    if (m_isChunked)
        sendRaw(QByteArray::number(piece.size(), 16) + "\r\n" + piece + "\r\n");
    else
        sendRaw(piece);
}

void Http1Peer::end(Arrival &, const Fields &trailers)
{
    if (m_isChunked)
        sendRaw("0\r\n" + lines(trailers) + "\r\n");
    m_closes = m_endsByClose;
}

void Http1Peer::flush()
{
    PeerConnection::flush();
    if (m_closes)
        close();
}

} // namespace weir::exchanges
