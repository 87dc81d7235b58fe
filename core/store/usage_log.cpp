// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/usage_log.h"

#include "store/database.h"
#include "store/usage_writer.h"
#include <algorithm>
#include <iterator>

namespace weir::store {

UsageLog::UsageLog(const Database &database, QObject *parent)
    : UsageLog([&database](std::span<const UsageRow> rows,
                           const Refusals &refusals) { return writeUsage(database, rows, refusals); },
               parent)
{
}

UsageLog::UsageLog(Write write, QObject *parent) : QObject(parent), m_write(std::move(write)), m_timer(this)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &UsageLog::writeAndGoOn);
}

void UsageLog::append(std::vector<UsageRow> rows, const Refusals &refusals)
{
    m_refusals.add(refusals);
    std::move(rows.begin(), rows.end(), std::back_inserter(m_queue));
    if (m_queue.size() > QueueMax) {
        const std::size_t over = m_queue.size() - QueueMax;
        m_queue.erase(m_queue.begin(), m_queue.begin() + std::ptrdiff_t(over));
        m_dropped += std::int64_t(over);
    }
    if (isEmpty() || !m_isSaving) // the retry is under way already
        return;
    if (m_queue.size() >= BatchMax)
        m_timer.start(0);
    else if (!m_timer.isActive())
        m_timer.start(BatchEvery);
}

bool UsageLog::writeBatch()
{
    const std::size_t count = std::min(m_queue.size(), BatchMax);
    // A deque is not one piece of memory.
    const std::vector<UsageRow> batch(std::make_move_iterator(m_queue.begin()),
                                      std::make_move_iterator(m_queue.begin() + std::ptrdiff_t(count)));
    const auto written = m_write(batch, m_refusals);
    if (written) {
        m_queue.erase(m_queue.begin(), m_queue.begin() + std::ptrdiff_t(count));
        m_refusals = {};
        m_written += *written;
        m_reason.clear();
    } else {
        std::copy(batch.begin(), batch.end(), m_queue.begin());
        m_reason = base::describe(written.error());
    }
    if (m_isSaving != written.has_value()) {
        m_isSaving = written.has_value();
        Q_EMIT savingChanged(m_isSaving);
    }
    return written.has_value();
}

void UsageLog::writeAndGoOn()
{
    if (isEmpty())
        return;
    if (!writeBatch())
        m_timer.start(RetryEvery);
    else if (m_queue.size() >= BatchMax)
        m_timer.start(0); // after what else waits for the store
    else if (!m_queue.empty())
        m_timer.start(BatchEvery);
}

bool UsageLog::flush()
{
    while (!isEmpty()) {
        if (!writeBatch()) {
            m_timer.start(RetryEvery);
            return false;
        }
    }
    m_timer.stop();
    return true;
}

UsageLog::State UsageLog::state() const
{
    return {m_isSaving, m_reason, m_queue.size(), m_written, m_dropped};
}

} // namespace weir::store
