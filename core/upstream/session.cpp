// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/session.h"

#include <poll.h>
#include <QCoreApplication>
#include <QSslSocket>

namespace weir::upstream {

QEvent::Type Session::turnEvent()
{
    static const auto type = QEvent::Type(QEvent::registerEventType());
    return type;
}

void Session::askForTurn()
{
    if (!std::exchange(m_turnAsked, true) && !m_inTurns)
        QCoreApplication::postEvent(&m_lane, new QEvent(turnEvent()));
}

void Session::endTurns()
{
    m_inTurns = false;
    if (takeTurn())
        askForTurn();
}

qint64 Session::pendingBytes() const
{
    const auto *tls = qobject_cast<const QSslSocket *>(&m_socket);
    return m_socket.bytesToWrite() + (tls ? tls->encryptedBytesToWrite() : 0);
}

void Session::flush()
{
    m_socket.flush();
    // The kernel may take all at once, and Qt does not tell of that from within bytesWritten().
    if (m_blocked && pendingBytes() <= OutgoingMax)
        askForTurn();
}

bool Session::isHungUp() const
{
#ifdef POLLRDHUP
    pollfd descriptor{int(m_socket.socketDescriptor()), POLLRDHUP, 0};
    return ::poll(&descriptor, 1, 0) > 0;
#else
    return false;
#endif
}

void Session::fail(base::Error why)
{
    if (!m_fault)
        m_fault = std::move(why);
    askForTurn();
}

base::Error Session::error(base::Errc code, std::string_view reason) const
{
    return {code, m_origin + " (" + std::string(reason) + ")"};
}

std::string Session::authorityOf(const Origin &origin)
{
    std::string text = origin.text();
    text.erase(0, text.find("//") + 2);
    const std::string_view ownPort = origin.tls ? ":443" : ":80";
    if (text.ends_with(ownPort))
        text.resize(text.size() - ownPort.size());
    return text;
}

} // namespace weir::upstream
