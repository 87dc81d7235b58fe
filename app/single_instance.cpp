// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/single_instance.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QLocalSocket>
#include <QStandardPaths>
#include <QTimer>

namespace weir::app {

namespace {

/// How long either side waits for the other's word, which is there as soon as its event loop turns.
constexpr int AnswerMs = 1000;
/// Between two looks at a lock that another holds.
constexpr int LookMs = 200;
// What is said on the socket: a wish, or this, of who waits and only looks …
constexpr char Look = '?';
// … and the answer.
constexpr char Runs = 'r';
constexpr char Quits = 'q';

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

SingleInstance::SingleInstance(QObject *parent)
    : QObject(parent)
    , m_path(runtimeFolder() + QStringLiteral("/weir"))
    , m_lock(m_path + QStringLiteral(".lock"))
{
    // Not by age: a lock is stale only when its process is gone.
    m_lock.setStaleLockTime(0);
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket *socket = m_server.nextPendingConnection())
            greet(socket);
    });
}

SingleInstance::Claim SingleInstance::claim(Wish wish, int waitMs)
{
    // Before the event loop runs, so waiting is no harm.
    const QDeadlineTimer deadline(waitMs);
    bool isWaiting = false; // for one that quits, and has shown what it waits for
    for (int look = 0;; look = LookMs) {
        if (m_lock.tryLock(look)) {
            listen();
            return Claim::First;
        }
        const char answer = say(isWaiting ? Look : char(wish));
        if (answer == Runs && !isWaiting)
            return Claim::HandedOver;
        // One that runs now has been faster in taking its place, and has not heard the wish.
        isWaiting = answer == Quits;
        if (deadline.hasExpired())
            return Claim::Refused;
    }
}

/// What the first answers; 0 = nothing.
char SingleInstance::say(char word) const
{
    QLocalSocket socket;
    socket.connectToServer(m_path + QStringLiteral(".socket"));
    char answer = 0;
    if (socket.waitForConnected(AnswerMs) && socket.putChar(word) && socket.waitForReadyRead(AnswerMs))
        socket.getChar(&answer);
    return answer;
}

void SingleInstance::greet(QLocalSocket *socket)
{
    connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
    QTimer::singleShot(AnswerMs, socket, &QObject::deleteLater); // who says nothing
    connect(socket, &QLocalSocket::readyRead, this, [this, socket] {
        char word = 0;
        if (!socket->getChar(&word))
            return;
        socket->putChar(m_isQuitting ? Quits : Runs);
        socket->disconnectFromServer(); // when that is written
        // The window also where it quits: it says what it waits for.
        if (word == char(Wish::Demo) && !m_isQuitting)
            Q_EMIT wanted(Wish::Demo);
        else if (word != Look)
            Q_EMIT wanted(Wish::Window);
    });
}

void SingleInstance::listen()
{
    const QString socket = m_path + QStringLiteral(".socket");
    QLocalServer::removeServer(socket); // left over from a crash: we hold the lock
    m_server.listen(socket);
}

} // namespace weir::app
