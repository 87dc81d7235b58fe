// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <QLocalServer>
#include <QLockFile>
#include <QObject>

class QLocalSocket;

namespace weir::app {

/// One desktop program per user. A second start asks the first to come to the front and ends; where the first
/// is quitting it waits for its end and takes its place.
class SingleInstance : public QObject
{
    Q_OBJECT
public:
    /// How long a start waits for one that is quitting: as long as that may wait for its requests, and some.
    static constexpr int QuitWaitMs = 11 * 60 * 1000;

    enum class Claim
    {
        First,      ///< this process is the one
        HandedOver, ///< another is, and shows what was asked for
        Refused,    ///< another is, and neither answered nor ended within the time
    };
    enum class Wish : char
    {
        Window = 'w',
        Demo = 'd',
    };

    explicit SingleInstance(QObject *parent = nullptr);

    /// `wish`: what the first is asked for if there is one. Blocks, at most for `waitMs`.
    Claim claim(Wish wish, int waitMs = QuitWaitMs);
    /// This process is ending: who starts now is told to wait for that.
    void beginQuitting() { m_isQuitting = true; }

Q_SIGNALS:
    /// Another start asked for the window, or for the demo in it.
    void wanted(weir::app::SingleInstance::Wish wish);

private:
    void listen();
    void greet(QLocalSocket *socket);
    char say(char word) const;

    const QString m_path; ///< of lock and socket, in the user's own run-time folder
    QLockFile m_lock;
    QLocalServer m_server;
    bool m_isQuitting = false;
};

} // namespace weir::app
