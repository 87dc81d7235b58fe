// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/timer_list.h"

#include <algorithm>
#include <limits>

namespace weir::loop {

namespace {

int millisecondsUntil(TimerList::Instant due, TimerList::Instant now)
{
    if (due <= now)
        return 0;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - now).count();
    return int(std::min<std::int64_t>(left, std::numeric_limits<int>::max()));
}

} // namespace

void TimerList::insert(const Timer &timer)
{
    const auto isBefore = [](Instant due, const Timer &other) { return due < other.due; };
    m_timers.insert(std::upper_bound(m_timers.begin(), m_timers.end(), timer.due, isBefore), timer);
}

std::vector<TimerList::Timer>::const_iterator TimerList::find(int id) const
{
    return std::find_if(m_timers.begin(), m_timers.end(),
                        [id](const Timer &timer) { return timer.id == id; });
}

void TimerList::add(int id, std::int64_t interval, Qt::TimerType type, QObject *object, Instant now)
{
    insert({now + std::chrono::milliseconds(interval), id, interval, type, object});
}

bool TimerList::remove(int id)
{
    const auto found = find(id);
    if (found == m_timers.end())
        return false;
    m_timers.erase(found);
    return true;
}

bool TimerList::removeAll(const QObject *object)
{
    return std::erase_if(m_timers, [object](const Timer &timer) { return timer.object == object; }) > 0;
}

QList<TimerList::Info> TimerList::of(const QObject *object) const
{
    QList<Info> infos;
    for (const Timer &timer : m_timers) {
        if (timer.object == object)
            infos.append(Info(timer.id, int(timer.interval), timer.type));
    }
    return infos;
}

int TimerList::remaining(int id, Instant now) const
{
    const auto found = find(id);
    return found == m_timers.end() ? -1 : millisecondsUntil(found->due, now);
}

std::optional<int> TimerList::untilFirst(Instant now) const
{
    if (m_timers.empty())
        return std::nullopt;
    return millisecondsUntil(m_timers.front().due, now);
}

int TimerList::fireDue(Instant now, const std::function<void(int, QObject *)> &fire)
{
    std::vector<int> due; // what is added meanwhile is not among them
    for (auto timer = m_timers.begin(); timer != m_timers.end() && timer->due <= now; ++timer)
        due.push_back(timer->id);
    int fired = 0;
    for (const int id : due) {
        const auto found = find(id);
        const bool isFiring = std::find(m_firing.begin(), m_firing.end(), id) != m_firing.end();
        if (found == m_timers.end() || found->due > now || isFiring)
            continue;
        Timer timer = *found;
        m_timers.erase(found);
        // In step, unless it has missed a beat.
        timer.due += std::chrono::milliseconds(timer.interval);
        if (timer.due <= now)
            timer.due = now + std::chrono::milliseconds(timer.interval);
        insert(timer);
        m_firing.push_back(id);
        fire(id, timer.object);
        m_firing.pop_back();
        ++fired;
    }
    return fired;
}

} // namespace weir::loop
