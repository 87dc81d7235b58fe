// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/single_instance.h"

#include <QDir>
#include <QLocalSocket>
#include <QStandardPaths>

namespace weir::app {

namespace {

/// How long the first instance may take to be reached; it only has to accept.
constexpr int ConnectMs = 1000;

QString runtimeFolder()
{
    QString folder = QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation);
    if (folder.isEmpty())
        folder = QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation);
    folder += QStringLiteral("/weir");
    QDir().mkpath(folder);
    return folder;
}

} // namespace

SingleInstance::SingleInstance(const QString &name, QObject *parent)
    : QObject(parent), m_path(runtimeFolder() + QLatin1Char('/') + name)
{
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket *socket = m_server.nextPendingConnection())
            socket->deleteLater();
        Q_EMIT windowWanted();
    });
}

bool SingleInstance::claim()
{
    m_lock = std::make_unique<QLockFile>(m_path + QStringLiteral(".lock"));
    // Not by age: a lock is stale only when its process is gone.
    m_lock->setStaleLockTime(0);
    if (m_lock->tryLock(0)) {
        listen();
        return true;
    }
    // Before the event loop runs, so waiting is no harm.
    QLocalSocket socket;
    socket.connectToServer(m_path + QStringLiteral(".socket"));
    socket.waitForConnected(ConnectMs);
    return false;
}

void SingleInstance::listen()
{
    const QString socket = m_path + QStringLiteral(".socket");
    QLocalServer::removeServer(socket); // left over from a crash: we hold the lock
    m_server.listen(socket);
}

} // namespace weir::app
