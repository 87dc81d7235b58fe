// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <QLocalServer>
#include <QLockFile>
#include <QObject>

namespace weir::app {

/// One desktop program per user and name. A second start asks the first to come to the front and ends.
class SingleInstance : public QObject
{
    Q_OBJECT
public:
    /// `name` tells apart what may run side by side ("weir", "weir-demo").
    explicit SingleInstance(const QString &name, QObject *parent = nullptr);

    /// True if this process is the first. Else the first has been asked to show its window.
    bool claim();

Q_SIGNALS:
    /// Another start asked for the window.
    void windowWanted();

private:
    void listen();

    const QString m_path; ///< of lock and socket, in the user's own run-time folder
    std::unique_ptr<QLockFile> m_lock;
    QLocalServer m_server;
};

} // namespace weir::app
