// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QTcpSocket>

namespace weir::test {

/// A client that sends exactly the bytes it is told to: well-formed libraries cannot send what must be
/// refused. Blocks with a running event loop; each wait ends after WaitMs at the latest.
class RawClient
{
public:
    static constexpr int WaitMs = 10'000;

    explicit RawClient(quint16 port);

    void send(const QByteArray &bytes);
    /// Waits until what has come holds `text`; false if the connection ends or time runs out first.
    bool waitFor(const QByteArray &text);
    /// Waits until the peer closes; false if it does not.
    bool waitForClose();
    /// Waits for one whole response with a Content-Length or chunked body, and takes it out of received().
    QByteArray takeResponse();
    void close();
    /// Closes with RST instead of FIN.
    void reset();

    const QByteArray &received() const { return m_received; }
    QTcpSocket &socket() { return m_socket; }

private:
    template<typename Done>
    bool spin(Done done);

    QTcpSocket m_socket;
    QByteArray m_received;
};

/// Size of the first response in `bytes`, or -1 while it is not whole. Text "0" alone in a line of a chunked
/// body must not occur.
qsizetype responseSize(const QByteArray &bytes);

/// "POST path HTTP/1.1" with Host, a credential, JSON content type and Content-Length.
QByteArray postRequest(const QByteArray &path, const QByteArray &body, const QByteArray &extraHeaders = {});

} // namespace weir::test
