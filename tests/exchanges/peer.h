// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "exchanges/document.h"
#include "exchanges/message.h"
#include "simulator/certificate.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <QTcpServer>
#include <QTcpSocket>
#include <vector>

namespace weir::exchanges {

class PeerConnection;

/// A request that an upstream has got.
struct Arrival
{
    Message request;
    PeerConnection *connection = nullptr; ///< borrowed for the peer's life
    std::int32_t stream = 0;              ///< of HTTP/2
    bool isCancelled = false;             ///< Weir has given the call up
};

/// The head of an answer.
struct AnswerHead
{
    int status = 200;
    Fields fields;
    bool isChunked = false; ///< these two over HTTP/1.1: over HTTP/2 frames tell where a body ends
    bool endsByClose = false;
};

/// One connection of Weir's to an upstream, in whatever protocol. What is sent goes out with flush(), all at
/// once; the rest is done when it is told.
class PeerConnection : public QObject
{
public:
    /// Both are borrowed for the connection's life; the socket's end comes first.
    PeerConnection(QTcpSocket &socket, std::vector<std::unique_ptr<Arrival>> &arrivals)
        : m_socket(socket), m_arrivals(arrivals)
    {
    }

    virtual void read() = 0;
    /// Nothing more comes.
    virtual void onClosed() = 0;

    /// The head of an answer, then its body in pieces, then its end. Nothing follows an interim head (1xx)
    /// but another one.
    virtual void sendHead(Arrival &to, const AnswerHead &head, bool hasBody) = 0;
    virtual void sendBody(Arrival &to, const QByteArray &piece) = 0;
    virtual void end(Arrival &to, const Fields &trailers) = 0;
    /// Bytes as they are.
    void sendRaw(const QByteArray &bytes) { m_out += bytes; }
    virtual void flush();

    /// RST_STREAM and GOAWAY, of HTTP/2 only.
    virtual void resetStream(Arrival &to, std::uint32_t code);
    virtual void goAway(std::uint32_t code, int requestsProcessed);

    void close() { m_socket.disconnectFromHost(); }
    /// With RST in place of FIN.
    void reset();

protected:
    Arrival &arrive();

    QTcpSocket &m_socket;
    QByteArray m_out; // not sent yet

private:
    std::vector<std::unique_ptr<Arrival>> &m_arrivals;
};

/// An upstream that gets requests and answers what a script says. Lives in the thread that waits for it.
class Peer : public QTcpServer
{
public:
    /// With a certificate HTTP/2 over TLS; else HTTP/1.1 in cleartext.
    explicit Peer(std::optional<simulator::Certificate> certificate);
    ~Peer() override;

    /// "127.0.0.1:4711", "https://127.0.0.1:4711".
    QByteArray authority() const;
    QByteArray url() const;

    /// In the order in which their heads have come.
    const std::vector<std::unique_ptr<Arrival>> &arrivals() const { return m_arrivals; }
    int openConnections() const { return m_open; }
    /// What went wrong below HTTP, "" if nothing did.
    const QByteArray &fault() const { return m_fault; }

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    void serve(QTcpSocket &socket);

    const std::optional<simulator::Certificate> m_certificate;
    QByteArray m_fault;
    int m_open = 0;
    std::vector<std::unique_ptr<Arrival>> m_arrivals;
    std::vector<std::unique_ptr<PeerConnection>> m_connections;
};

} // namespace weir::exchanges
