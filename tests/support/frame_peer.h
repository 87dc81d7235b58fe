// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <QByteArray>
#include <QHostAddress>
#include <QTcpServer>
#include <QTcpSocket>
#include <utility>
#include <vector>

namespace weir::test {

/// An HTTP/2 upstream in cleartext that sends exactly the frames it is told to: well-formed libraries cannot
/// send what must be survived. Serves one connection at a time; earlier ones stay open.
class FramePeer
{
public:
    enum Type : int
    {
        Data = 0,
        Headers = 1,
        RstStream = 3,
        Settings = 4,
        PushPromise = 5,
        Ping = 6,
        GoAway = 7,
        WindowUpdate = 8,
        Continuation = 9,
    };
    static constexpr int EndStream = 1;
    static constexpr int Ack = 1;
    static constexpr int EndHeaders = 4;

    struct Frame
    {
        int type;
        int flags;
        int id;
        QByteArray payload;
        int read; ///< number of the read that brought it
    };
    using Fields = std::vector<std::pair<QByteArray, QByteArray>>;

    FramePeer();

    quint16 port() const { return m_server.serverPort(); }
    QTcpSocket *socket() { return m_socket; }
    void stopListening() { m_server.close(); }

    std::vector<Frame> frames; ///< received
    int connections = 0;
    QByteArray settings; ///< payload sent first
    bool answersPings = true;
    std::function<void(const Frame &)> onFrame;
    /// A request's headers have come.
    std::function<void(int id)> onRequest;

    std::vector<Frame> received(int type, int id) const;
    qsizetype count(int type, int id) const { return qsizetype(received(type, id).size()); }

    static QByteArray number(quint32 value, int bytes);
    static QByteArray setting(quint32 name, quint32 value) { return number(name, 2) + number(value, 4); }
    static QByteArray frame(int type, int flags, int id, const QByteArray &payload);
    /// Every field a literal that is put into no table.
    static QByteArray block(const Fields &fields);

    void sendRaw(const QByteArray &bytes)
    {
        m_socket->write(bytes);
        m_socket->flush();
    }
    void send(int type, int flags, int id, const QByteArray &payload = {})
    {
        sendRaw(frame(type, flags, id, payload));
    }
    void sendHead(int id, const Fields &fields = {{":status", "200"}}, int flags = 0)
    {
        send(Headers, EndHeaders | flags, id, block(fields));
    }
    void sendData(int id, const QByteArray &bytes, int flags = 0) { send(Data, flags, id, bytes); }
    void reset(int id, quint32 code) { send(RstStream, 0, id, number(code, 4)); }
    void goAway(int lastId, quint32 code)
    {
        send(GoAway, 0, 0, number(quint32(lastId), 4) + number(code, 4));
    }
    void widen(int id, quint32 by) { send(WindowUpdate, 0, id, number(by, 4)); }

private:
    /// HPACK integer with a prefix of seven bits.
    static QByteArray length(qsizetype size);

    void accept();

    void read();

    void take(const Frame &came);

    QTcpServer m_server;
    QTcpSocket *m_socket = nullptr; // owned by the server
    QByteArray m_input;
    bool m_prefaceSeen = false;
    int m_reads = 0;
};

} // namespace weir::test
