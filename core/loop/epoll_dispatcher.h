// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "loop/timer_list.h"
#include <array>
#include <cstdint>
#include <QAbstractEventDispatcher>
#include <QSocketNotifier>
#include <vector>

struct epoll_event;

namespace weir::loop {

/// Qt's event loop over epoll(7). Qt's own dispatchers write to an eventfd whenever an event is posted
/// (GLib's also whenever a socket begins or ends to wait for room), and hand all descriptors to poll(2) each
/// time: at one request at a time that was nine writes, three reads and twice as many polls per request. Here
/// an event that the thread posts to itself sets a flag, and a socket that waits for room and finds it before
/// the loop sleeps costs nothing (docs/adr/0007-event-loop.md has the figures).
///
/// Belongs to the thread whose events it brings; only wakeUp() and interrupt() may be called from others.
class EpollDispatcher final : public QAbstractEventDispatcher
{
    Q_OBJECT
public:
    /// Rounds of posted events before sockets and timers have their turn: what they cause may post more.
    static constexpr int PostedRoundsMax = 4;
    /// Descriptors that are told of in one turn; the others are told of in the next, before these again.
    static constexpr int ReadyMax = 64;

    explicit EpollDispatcher(QObject *parent = nullptr);
    ~EpollDispatcher() override;

    /// False if the kernel gave no descriptors: not to be used then.
    bool isUsable() const { return m_epoll >= 0 && m_wakeUp >= 0; }

    bool processEvents(QEventLoop::ProcessEventsFlags flags) override;
    void registerSocketNotifier(QSocketNotifier *notifier) override;
    void unregisterSocketNotifier(QSocketNotifier *notifier) override;
    void registerTimer(int id, qint64 interval, Qt::TimerType type, QObject *object) override;
    bool unregisterTimer(int id) override;
    bool unregisterTimers(QObject *object) override;
    QList<TimerInfo> registeredTimers(QObject *object) const override;
    int remainingTime(int id) override;
    void wakeUp() override;
    void interrupt() override;

private:
    /// What is wanted of one descriptor, and what the kernel has been told.
    struct Descriptor
    {
        std::array<QSocketNotifier *, 3> notifiers{}; ///< by QSocketNotifier::Type; borrowed
        std::uint32_t told = 0;                       ///< events; 0 = epoll does not know it
        std::uint32_t generation = 0;                 ///< tells a new socket from a closed one of its number
        bool isDirty = false;                         ///< what is wanted may differ from what was told
    };

    std::uint32_t wanted(const Descriptor &descriptor) const;
    void tellKernel();
    int waitForSockets(int timeoutMs);
    bool waitForWakeUp(int timeoutMs);
    void activate(const epoll_event &event);
    void takeWakeUps();

    const base::SystemClock m_clock; // what it waits for is the kernel's time
    const int m_epoll;
    const int m_wakeUp;                    // an eventfd, for other threads
    bool m_isWoken = false;                // this thread has posted something
    bool m_isInterrupted = false;          // this turn is not to wait
    std::vector<Descriptor> m_descriptors; // by number
    std::vector<int> m_dirty;              // of them
    TimerList m_timers;
};

} // namespace weir::loop
