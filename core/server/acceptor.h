// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <cstdint>
#include <memory>
#include <QHostAddress>
#include <QObject>
#include <QSocketNotifier>
#include <QTcpServer>

namespace weir::server {

/// A listening socket that stands still when descriptors run out. QTcpServer only binds it: its engine keeps
/// the first error that accept(2) gave it, which is EAGAIN, so it never hears of EMFILE and is woken again at
/// once, for as long as a client waits.
class Acceptor final : public QObject
{
    Q_OBJECT
public:
    /// Connections that wait in the kernel while the event loop is busy.
    static constexpr int Backlog = 512;
    /// Connections taken in one turn of the event loop; the rest waits for the next, after those already
    /// there.
    static constexpr int TurnMax = 64;

    explicit Acceptor(QObject *parent = nullptr);
    ~Acceptor() override;

    /// Binds the address, port 0 to any free one, and begins to accept; returns the port.
    base::Result<std::uint16_t> listen(const QHostAddress &address, std::uint16_t port);
    void close();
    /// Leaves clients in the backlog, until resume().
    void pause();
    void resume();

Q_SIGNALS:
    /// A new connection's descriptor, which belongs to whoever is told; it does not block.
    void accepted(int descriptor);
    /// The system has no descriptor, or no memory, for the next client. It is paused.
    void exhausted();

private:
    void acceptSome();

    QTcpServer m_server;
    std::unique_ptr<QSocketNotifier> m_notifier; // null while not listening
};

} // namespace weir::server
