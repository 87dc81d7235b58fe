// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <chrono>
#include <QThread>

namespace weir::store {

/// The thread in which keychain jobs run, apart from all others because they may block on D-Bus. Its event
/// loop is GLib's even where QT_NO_THREADED_GLIB keeps it from the other threads. Qt reads that variable when
/// a thread starts, so the constructor takes it away meanwhile: where it may be set, make this object in the
/// main thread before any other thread is started.
class SecretsThread
{
public:
    static constexpr std::chrono::milliseconds StopWait{1000};

    SecretsThread();
    /// Ends it. If a job blocks it for longer than StopWait, the thread is left behind: it holds nothing that
    /// the end of the process would not release.
    ~SecretsThread();
    SecretsThread(const SecretsThread &) = delete;
    SecretsThread &operator=(const SecretsThread &) = delete;

    QThread *thread() { return m_thread; }

private:
    QThread *m_thread;
};

} // namespace weir::store
