// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "simulator/service.h"
#include "simulator/simulator.h"
#include <optional>
#include <QSslConfiguration>
#include <QTcpServer>

class QSslSocket;
class QTcpSocket;

namespace weir::simulator {

class Connection;

/// Accepts callers, does the TLS handshake and finds out which protocol they speak.
class Acceptor final : public QTcpServer
{
    Q_OBJECT
public:
    /// `service` is borrowed for the acceptor's life. With `tls` every caller has to speak TLS.
    Acceptor(const Options &options, Service &service, std::optional<QSslConfiguration> tls);

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    void greetTls(QSslSocket &socket);
    void greetPlain(QTcpSocket &socket);
    void serve(QTcpSocket &socket, bool http2);
    void serve(Connection *connection);

    const Options m_options;
    Service &m_service;
    std::optional<QSslConfiguration> m_tls;
    int m_callers = 0;
};

} // namespace weir::simulator
