// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/epoll_dispatcher.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <QCoreApplication>
#include <QThread>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace weir::loop {

namespace {

/// What each type of notifier waits for, and what wakes it: an error is told to whoever asks.
struct Interest
{
    std::uint32_t asked;
    std::uint32_t wakes;
};
constexpr std::uint32_t Broken = EPOLLERR | EPOLLHUP;
constexpr std::array<Interest, 3> Interests{{
    {EPOLLIN, EPOLLIN | Broken},   // QSocketNotifier::Read
    {EPOLLOUT, EPOLLOUT | Broken}, // Write
    {EPOLLPRI, EPOLLPRI | Broken}, // Exception
}};

constexpr int WakeUpMark = -1; // in the place of a descriptor's number

std::uint64_t pack(int descriptor, std::uint32_t generation)
{
    return std::uint64_t(generation) << 32 | std::uint32_t(descriptor);
}

} // namespace

EpollDispatcher::EpollDispatcher(QObject *parent)
    : QAbstractEventDispatcher(parent)
    , m_epoll(::epoll_create1(EPOLL_CLOEXEC))
    , m_wakeUp(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
{
    if (!isUsable())
        return;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = pack(WakeUpMark, 0);
    ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_wakeUp, &event);
}

EpollDispatcher::~EpollDispatcher()
{
    for (const int descriptor : {m_epoll, m_wakeUp}) {
        if (descriptor >= 0)
            ::close(descriptor);
    }
}

// ── a turn

bool EpollDispatcher::processEvents(QEventLoop::ProcessEventsFlags flags)
{
    m_isInterrupted = false;
    Q_EMIT awake();
    bool hasDoneAny = false;
    for (int round = 0; round == 0 || (m_isWoken && round < PostedRoundsMax); ++round) {
        hasDoneAny = std::exchange(m_isWoken, false) || hasDoneAny;
        QCoreApplication::sendPostedEvents();
    }

    const bool withTimers = !(flags & QEventLoop::X11ExcludeTimers);
    int timeoutMs = 0;
    const auto mayWait = [this] { return !m_isWoken && !m_isInterrupted; };
    if ((flags & QEventLoop::WaitForMoreEvents) && mayWait()) {
        Q_EMIT aboutToBlock();
        if (mayWait()) // those who heard of it may have posted something
            timeoutMs = withTimers ? m_timers.untilFirst(m_clock.now()).value_or(-1) : -1;
    }
    if (flags & QEventLoop::ExcludeSocketNotifiers)
        hasDoneAny = waitForWakeUp(timeoutMs) || hasDoneAny;
    else
        hasDoneAny = waitForSockets(timeoutMs) > 0 || hasDoneAny;

    if (withTimers && m_timers.untilFirst(m_clock.now()) == 0) {
        const auto fire = [](int id, QObject *object) {
            QTimerEvent event(id);
            QCoreApplication::sendEvent(object, &event);
        };
        hasDoneAny = m_timers.fireDue(m_clock.now(), fire) > 0 || hasDoneAny;
    }
    return hasDoneAny;
}

int EpollDispatcher::waitForSockets(int timeoutMs)
{
    tellKernel();
    std::array<epoll_event, ReadyMax> ready; // not a member: what one causes may run a loop of its own
    const int count = ::epoll_wait(m_epoll, ready.data(), ReadyMax, timeoutMs);
    for (int index = 0; index < count; ++index)
        activate(ready[std::size_t(index)]);
    return count; // negative if a signal came
}

bool EpollDispatcher::waitForWakeUp(int timeoutMs)
{
    pollfd descriptor{m_wakeUp, POLLIN, 0};
    if (::poll(&descriptor, 1, timeoutMs) <= 0)
        return false;
    takeWakeUps();
    return true;
}

void EpollDispatcher::activate(const epoll_event &event)
{
    const int number = int(std::uint32_t(event.data.u64));
    if (number == WakeUpMark) {
        takeWakeUps();
        return;
    }
    const auto generation = std::uint32_t(event.data.u64 >> 32);
    for (std::size_t type = 0; type < Interests.size(); ++type) {
        // Looked up anew each time: what is told of first may have closed or changed what comes after it.
        const Descriptor &descriptor = m_descriptors[std::size_t(number)];
        if (descriptor.generation != generation)
            return;
        if (QSocketNotifier *notifier = descriptor.notifiers[type];
            notifier && (event.events & Interests[type].wakes)) {
            QEvent activation(QEvent::SockAct);
            QCoreApplication::sendEvent(notifier, &activation);
        }
    }
}

// ── sockets

std::uint32_t EpollDispatcher::wanted(const Descriptor &descriptor) const
{
    std::uint32_t events = 0;
    for (std::size_t type = 0; type < Interests.size(); ++type)
        events |= descriptor.notifiers[type] ? Interests[type].asked : 0;
    return events;
}

void EpollDispatcher::registerSocketNotifier(QSocketNotifier *notifier)
{
    const auto number = std::size_t(notifier->socket());
    if (m_descriptors.size() <= number)
        m_descriptors.resize(number + 1);
    Descriptor &descriptor = m_descriptors[number];
    descriptor.notifiers[std::size_t(notifier->type())] = notifier;
    if (!std::exchange(descriptor.isDirty, true))
        m_dirty.push_back(int(number));
}

void EpollDispatcher::unregisterSocketNotifier(QSocketNotifier *notifier)
{
    const auto number = std::size_t(notifier->socket());
    if (m_descriptors.size() <= number)
        return;
    Descriptor &descriptor = m_descriptors[number];
    QSocketNotifier *&known = descriptor.notifiers[std::size_t(notifier->type())];
    if (known != notifier)
        return;
    known = nullptr;
    if (wanted(descriptor) == 0) {
        // At once: the descriptor may be closed now, and its number belong to another one before the next
        // turn.
        if (descriptor.told)
            ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, int(number), nullptr);
        descriptor.told = 0;
        ++descriptor.generation;
    } else if (!std::exchange(descriptor.isDirty, true)) {
        m_dirty.push_back(int(number));
    }
}

/// Not at once: most sockets that begin to wait for room have found it before the loop sleeps.
void EpollDispatcher::tellKernel()
{
    for (const int number : m_dirty) {
        Descriptor &descriptor = m_descriptors[std::size_t(number)];
        descriptor.isDirty = false;
        const std::uint32_t events = wanted(descriptor);
        if (events == descriptor.told)
            continue;
        epoll_event event{};
        event.events = events;
        event.data.u64 = pack(number, descriptor.generation);
        if (::epoll_ctl(m_epoll, descriptor.told ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, number, &event) == 0)
            descriptor.told = events;
        else
            qWarning("epoll refuses descriptor %d: %s", number, qPrintable(qt_error_string(errno)));
    }
    m_dirty.clear();
}

// ── timers

void EpollDispatcher::registerTimer(int id, qint64 interval, Qt::TimerType type, QObject *object)
{
    m_timers.add(id, interval, type, object, m_clock.now());
}

bool EpollDispatcher::unregisterTimer(int id)
{
    return m_timers.remove(id);
}

bool EpollDispatcher::unregisterTimers(QObject *object)
{
    return m_timers.removeAll(object);
}

QList<QAbstractEventDispatcher::TimerInfo> EpollDispatcher::registeredTimers(QObject *object) const
{
    return m_timers.of(object);
}

int EpollDispatcher::remainingTime(int id)
{
    return m_timers.remaining(id, m_clock.now());
}

// ── waking

void EpollDispatcher::wakeUp()
{
    if (QThread::currentThread() == thread()) {
        m_isWoken = true;
        return;
    }
    const std::uint64_t one = 1;
    while (::write(m_wakeUp, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

void EpollDispatcher::interrupt()
{
    // Whoever runs the loop looks after each turn whether it is to end.
    if (QThread::currentThread() == thread())
        m_isInterrupted = true;
    else
        wakeUp();
}

void EpollDispatcher::takeWakeUps()
{
    std::uint64_t count = 0;
    while (::read(m_wakeUp, &count, sizeof count) < 0 && errno == EINTR) {
    }
}

} // namespace weir::loop
