// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QSocketNotifier>

namespace weir::app {

/// Turns the signals that other programs and terminals send into Qt signals, each time one comes; none ends
/// the process by itself. What each means is in told(). One instance per process, until the process ends.
class SignalWatcher : public QObject
{
    Q_OBJECT
public:
    explicit SignalWatcher(QObject *parent = nullptr);
    /// From here on the process is ending, and the signals are ignored.
    ~SignalWatcher() override;

Q_SIGNALS:
    void terminationRequested();

private:
    void readSignals();
    void told(int signal);

    QSocketNotifier *m_notifier = nullptr;
};

} // namespace weir::app
