// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "store/refusals.h"
#include "store/usage_row.h"
#include <deque>
#include <functional>
#include <memory>
#include <QObject>
#include <QTimer>
#include <span>
#include <vector>

namespace weir::store {

class Database;

/// Gathers rows of usage and writes them in batches: BatchMax rows or what came within BatchEvery, whichever
/// is first. A kill loses at most what has not been written by then. Where writing fails (disk full,
/// read-only, damaged), rows wait in memory and are written when it works again; of more than QueueMax the
/// oldest go, and are counted. Refusals are a few counters, which go with the next batch. Lives in the store
/// thread; needs its event loop.
class UsageLog : public QObject
{
    Q_OBJECT

public:
    static constexpr std::size_t BatchMax = 500;
    static constexpr std::chrono::milliseconds BatchEvery{250};
    static constexpr std::chrono::milliseconds RetryEvery{5000};
    static constexpr std::size_t QueueMax = 100'000;

    /// Of everything since it was made.
    struct State
    {
        bool isSaving = true;    ///< the last attempt worked
        std::string reason;      ///< why it did not
        std::size_t waiting = 0; ///< rows in memory
        std::int64_t written = 0;
        std::int64_t dropped = 0; ///< rows that are lost
    };

    /// Writes a batch; for tests that need a disk to fail. Returns how many rows were new.
    using Write = std::function<base::Result<std::int64_t>(std::span<const UsageRow>, const Refusals &)>;

    /// The database is borrowed for its life.
    explicit UsageLog(const Database &database, QObject *parent = nullptr);
    explicit UsageLog(Write write, QObject *parent = nullptr);

    void append(std::vector<UsageRow> rows, const Refusals &refusals = {});
    /// Writes all that waits, now; for the end of the program. False if some of it still waits.
    bool flush();
    State state() const;

Q_SIGNALS:
    /// It stopped working, or works again. Comes once for each change.
    void savingChanged(bool isSaving);

private:
    bool isEmpty() const { return m_queue.empty() && m_refusals.isEmpty(); }
    bool writeBatch();
    void writeAndGoOn();

    const Write m_write;
    std::deque<UsageRow> m_queue;
    Refusals m_refusals;
    QTimer m_timer;
    bool m_isSaving = true;
    std::string m_reason;
    std::int64_t m_written = 0;
    std::int64_t m_dropped = 0;
};

} // namespace weir::store
