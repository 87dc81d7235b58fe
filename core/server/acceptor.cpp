// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/acceptor.h"

#include <cerrno>
#include <sys/socket.h>

namespace weir::server {

using base::Errc;

Acceptor::Acceptor(QObject *parent) : QObject(parent)
{
    m_server.setListenBacklogSize(Backlog);
}

Acceptor::~Acceptor() = default;

base::Result<std::uint16_t> Acceptor::listen(const QHostAddress &address, std::uint16_t port)
{
    if (!m_server.listen(address, port)) {
        const bool isInUse = m_server.serverError() == QAbstractSocket::AddressInUseError;
        std::string where = address.toString().toStdString();
        if (address.protocol() == QAbstractSocket::IPv6Protocol)
            where = "[" + where + "]";
        where += ":" + std::to_string(port);
        if (!isInUse)
            where += " (" + m_server.errorString().toStdString() + ")";
        return base::unexpected(isInUse ? Errc::AddressInUse : Errc::AddressUnavailable, std::move(where));
    }
    m_server.pauseAccepting(); // its notifier makes room for ours
    m_notifier = std::make_unique<QSocketNotifier>(m_server.socketDescriptor(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &Acceptor::acceptSome);
    return std::uint16_t(m_server.serverPort());
}

void Acceptor::close()
{
    m_notifier.reset(); // before its descriptor goes
    m_server.close();
}

void Acceptor::pause()
{
    if (m_notifier)
        m_notifier->setEnabled(false);
}

void Acceptor::resume()
{
    if (m_notifier)
        m_notifier->setEnabled(true);
}

void Acceptor::acceptSome()
{
    // Who is told may pause it.
    for (int count = 0; count < TurnMax && m_notifier->isEnabled(); ++count) {
        const int descriptor =
            ::accept4(int(m_server.socketDescriptor()), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            Q_EMIT accepted(descriptor);
            continue;
        }
        switch (errno) {
        case EAGAIN:
            return;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
            pause();
            Q_EMIT exhausted();
            return;
        default: // a client that has left already; accept(2) hands over its error in its place
            break;
        }
    }
}

} // namespace weir::server
