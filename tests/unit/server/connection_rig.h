// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "server/connection.h"
#include "support/manual_clock.h"
#include "unit/server/fake_handler.h"
#include <array>
#include <cerrno>
#include <functional>
#include <memory>
#include <netinet/in.h>
#include <QDeadlineTimer>
#include <QTcpServer>
#include <QTest>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::server {

/// A connection over a real socket, its client, which reads only when it is told to.
class Rig
{
public:
    /// Little, so that what the client does not read waits in Weir.
    static constexpr int SystemBuffer = 16 * 1024;

    /// `sendBuffer`: what the system takes for the client; 0 = as it likes.
    explicit Rig(int sendBuffer = SystemBuffer)
    {
        m_server.listen(QHostAddress::LocalHost);
        m_client = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        ::setsockopt(m_client, SOL_SOCKET, SO_RCVBUF, &SystemBuffer, sizeof SystemBuffer);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(m_server.serverPort());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::connect(m_client, reinterpret_cast<const sockaddr *>(&address), sizeof address);
        if (!spin([this] { return m_server.hasPendingConnections(); }))
            qFatal("no connection");
        socket = m_server.nextPendingConnection();
        if (sendBuffer > 0)
            socket->setSocketOption(QAbstractSocket::SendBufferSizeSocketOption, sendBuffer);
        connection = std::make_unique<Connection>(socket, options, handler, clock);
        QObject::connect(connection.get(), &Connection::closed, connection.get(),
                         [this] { isClosed = true; });
    }
    ~Rig()
    {
        connection.reset(); // before those whom it borrows
        ::close(m_client);
    }

    void send(QByteArray bytes)
    {
        const bool isSent = spin([&] {
            if (const auto sent =
                    ::send(m_client, bytes.constData(), std::size_t(bytes.size()), MSG_NOSIGNAL);
                sent > 0)
                bytes.remove(0, qsizetype(sent));
            return bytes.isEmpty();
        });
        if (!isSent)
            qFatal("the client cannot send");
    }
    /// Reads what has come, `most` bytes of it.
    void read(qsizetype most = 1 << 30)
    {
        std::array<char, 16'384> part;
        while (most > 0) {
            const auto size =
                ::recv(m_client, part.data(), std::min(part.size(), std::size_t(most)), MSG_DONTWAIT);
            hasEnded = hasEnded || size == 0;
            wasReset = wasReset || (size < 0 && errno == ECONNRESET);
            if (size <= 0)
                return;
            received.append(part.data(), qsizetype(size));
            most -= qsizetype(size);
        }
    }
    bool readUntil(const std::function<bool()> &done)
    {
        return spin([&] {
            read();
            return done();
        });
    }
    bool readUntil(const QByteArray &text)
    {
        return readUntil([&] { return received.contains(text); });
    }
    bool readToTheEnd()
    {
        return readUntil([this] { return hasEnded || wasReset; });
    }
    void leave() { ::shutdown(m_client, SHUT_RDWR); }

    /// Lets time pass, and the sweep find out.
    void wait(base::Duration time)
    {
        clock.advance(time);
        connection->checkDeadlines(clock.now());
    }
    /// Several turns of the event loop: enough for all that is on its way.
    static void settle()
    {
        for (int turn = 0; turn < 50; ++turn)
            QCoreApplication::processEvents();
    }
    /// With the event loop running; false if it takes too long.
    static bool spin(const std::function<bool()> &done)
    {
        constexpr int WaitMs = 20'000;
        const QDeadlineTimer deadline(WaitMs);
        while (!done()) {
            if (deadline.hasExpired())
                return false;
            QCoreApplication::processEvents(QEventLoop::AllEvents);
        }
        return true;
    }

    Options options;
    test::ManualClock clock;
    FakeHandler handler;
    QTcpSocket *socket = nullptr; // the connection's
    std::unique_ptr<Connection> connection;
    bool isClosed = false;
    QByteArray received;
    bool hasEnded = false; // by FIN
    bool wasReset = false;

private:
    QTcpServer m_server;
    int m_client = -1;
};

} // namespace weir::server
