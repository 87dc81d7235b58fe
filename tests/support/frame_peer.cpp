// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/frame_peer.h"

namespace weir::test {

FramePeer::FramePeer()
{
    m_server.listen(QHostAddress::LocalHost);
    QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] { accept(); });
}

std::vector<FramePeer::Frame> FramePeer::received(int type, int id) const
{
    std::vector<Frame> found;
    for (const Frame &frame : frames) {
        if (frame.type == type && frame.id == id)
            found.push_back(frame);
    }
    return found;
}

QByteArray FramePeer::number(quint32 value, int bytes)
{
    QByteArray text;
    for (int at = bytes - 1; at >= 0; --at)
        text += char((value >> (8 * at)) & 0xFF);
    return text;
}

QByteArray FramePeer::frame(int type, int flags, int id, const QByteArray &payload)
{
    return number(quint32(payload.size()), 3) + number(quint32(type), 1) + number(quint32(flags), 1) +
           number(quint32(id), 4) + payload;
}

QByteArray FramePeer::block(const Fields &fields)
{
    QByteArray out;
    for (const auto &[name, value] : fields)
        out += '\0' + length(name.size()) + name + length(value.size()) + value;
    return out;
}

QByteArray FramePeer::length(qsizetype size)
{
    if (size < 127)
        return QByteArray(1, char(size));
    QByteArray out(1, char(127));
    for (size -= 127; size >= 128; size >>= 7)
        out += char((size & 0x7F) | 0x80);
    return out += char(size);
}

void FramePeer::accept()
{
    m_socket = m_server.nextPendingConnection();
    m_input.clear();
    m_prefaceSeen = false;
    ++connections;
    QObject::connect(m_socket, &QTcpSocket::readyRead, m_socket, [this, from = m_socket] {
        if (from == m_socket)
            read();
        else
            from->readAll();
    });
    send(Settings, 0, 0, settings);
}

void FramePeer::read()
{
    constexpr int PrefaceSize = 24;
    constexpr int HeaderSize = 9;
    m_input += m_socket->readAll();
    ++m_reads;
    if (!m_prefaceSeen) {
        if (m_input.size() < PrefaceSize)
            return;
        m_input.remove(0, PrefaceSize);
        m_prefaceSeen = true;
    }
    const auto byte = [this](qsizetype at) { return int(static_cast<unsigned char>(m_input[at])); };
    while (m_input.size() >= HeaderSize) {
        const int size = byte(0) << 16 | byte(1) << 8 | byte(2);
        if (m_input.size() < HeaderSize + size)
            return;
        const Frame came{byte(3), byte(4), byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8),
                         m_input.mid(HeaderSize, size), m_reads};
        m_input.remove(0, HeaderSize + size);
        take(came);
    }
}

void FramePeer::take(const Frame &came)
{
    frames.push_back(came);
    if (came.type == Settings && !(came.flags & Ack))
        send(Settings, Ack, 0);
    if (came.type == Ping && !(came.flags & Ack) && answersPings)
        send(Ping, Ack, 0, came.payload);
    if (came.type == Headers && onRequest)
        onRequest(came.id);
    if (onFrame)
        onFrame(came);
}

} // namespace weir::test
