// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/next_turn.h"
#include "http/request_parser.h"
#include "server/handler.h"
#include "server/options.h"
#include "server/reply_writer.h"
#include "server/upload_clock.h"
#include <optional>
#include <QObject>
#include <QTcpSocket>

namespace weir::server {

/// One client connection: bytes -> requests for the handler, replies -> bytes. One exchange at a time;
/// pipelined requests wait in the socket's buffer, also while the client does not read the replies it has.
/// Proxy thread. Owned by the Listener, which calls checkDeadlines().
class Connection final : public QObject, private Reply, private http::RequestParser::Events
{
    Q_OBJECT
public:
    /// Takes the socket over. `options`, `handler` and `clock` are borrowed for the connection's life.
    Connection(QTcpSocket *socket, const Options &options, Handler &handler, const base::Clock &clock);
    ~Connection() override;

    /// Ends the connection if the client was too slow in the phase it is in.
    void checkDeadlines(base::Instant now);
    /// No further request is read: an idle connection closes now, a busy one after its exchange.
    void closeWhenIdle();
    /// Closes at once; a running exchange is abandoned.
    void abort(const base::Error &why);
    /// Answers the refusal for `why` and closes, without reading anything.
    void refuseAndClose(const base::Error &why);
    /// Since when no request has been in work, and no byte has come or waited to go; nothing while it is
    /// busy.
    std::optional<base::Instant> idleSince() const;
    /// Closes an idle connection at once. False if it is busy, or has sent what has not been looked at yet.
    bool makeRoom();

Q_SIGNALS:
    /// The socket is closed; nothing follows.
    void closed();

private:
    enum class Phase
    {
        Idle,      ///< between two requests
        Head,      ///< part of a head has come
        Exchange,  ///< the handler works on a request
        Lingering, ///< everything is said; waiting for the client to close, so that it can read the reply
        Closing,   ///< the socket closes once what has been written has left, or has closed
    };

    // Reply
    void sendHead(http::ResponseHead head) override;
    void sendChunk(QByteArray bytes) override;
    void end() override;
    void cut() override;
    void continueBody() override;
    void pauseBody() override;
    void resumeBody() override;
    bool isFull() const override;
    // RequestParser::Events
    void onHead(http::RequestHead head) override;
    void onBody(std::string_view bytes) override;
    void onEnd() override;

    void readSocket();
    void parse();
    bool mayRead() const;
    bool hasInput();
    void beginExchange();
    void giveBody();
    void finishExchange();
    void refuse(const base::Error &why);
    void linger();
    void socketWrote();
    void clientReads();
    void socketClosed();
    void abandonExchange(const base::Error &why);

    QTcpSocket *m_socket; // child
    const Options &m_options;
    Handler &m_handler;
    const base::Clock &m_clock;
    http::RequestParser m_parser;
    ReplyWriter m_writer;

    QByteArray m_input;     // read, not yet parsed
    qsizetype m_parsed = 0; // of m_input
    bool m_parsing = false;
    Phase m_phase = Phase::Idle;
    base::Instant m_phaseSince;
    base::Instant m_heardAt{}; // when the client's last byte came
    bool m_keepAlive = true;
    int m_begun = 0; // exchanges since others had their turn

    // The exchange in work.
    std::optional<http::RequestHead> m_head; // from onHead until begin()
    Arrival m_arrival;
    Intake *m_intake = nullptr; // borrowed until end(), cut() or abandon()
    bool m_replying = false;    // between begin() and end()/cut()
    bool m_awaitsContinue = false;
    bool m_bodyEnded = false;
    QByteArray m_body; // of what has just been read
    UploadClock m_upload;

    base::NextTurn m_goOn{[this] {
        m_begun = 0;
        parse();
    }};
    base::NextTurn m_drained{[this] { clientReads(); }}; // whoever wrote is still on the stack
};

} // namespace weir::server
