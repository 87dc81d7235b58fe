// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include <cstdint>
#include <functional>
#include <optional>
#include <QAbstractEventDispatcher>
#include <QList>
#include <vector>

namespace weir::loop {

/// The timers of one thread in the order in which they are due. Knows no clock: it is told what time it is.
/// All are as exact as milliseconds are, whatever their type: the loop has few of them.
class TimerList
{
public:
    using Instant = base::Instant;
    using Info = QAbstractEventDispatcher::TimerInfo;

    /// Due `interval` ms from `now` on, and then every `interval` ms. `object` is borrowed.
    void add(int id, std::int64_t interval, Qt::TimerType type, QObject *object, Instant now);
    bool remove(int id);
    bool removeAll(const QObject *object);
    QList<Info> of(const QObject *object) const;
    /// Ms until it is due, rounded up; 0 if it is overdue, -1 if there is none.
    int remaining(int id, Instant now) const;
    /// The same of the first; absent without one.
    std::optional<int> untilFirst(Instant now) const;

    /// Calls `fire` once for each that is due, apart from those whose call has not returned yet, and returns
    /// how many these were. What `fire` does to the list is allowed; what it adds waits for the next time.
    int fireDue(Instant now, const std::function<void(int id, QObject *object)> &fire);

private:
    struct Timer
    {
        Instant due;
        int id;
        std::int64_t interval;
        Qt::TimerType type;
        QObject *object;
    };

    void insert(const Timer &timer);
    std::vector<Timer>::const_iterator find(int id) const;

    std::vector<Timer> m_timers; // the next one first
    std::vector<int> m_firing;   // ids, innermost last
};

} // namespace weir::loop
