// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include <cstdint>
#include <functional>
#include <map>
#include <QObject>
#include <QTimer>

namespace weir::pipeline {

/// What exchanges have to ask another thread, those that began first going first. An inquiry has its
/// exchange's id, an asker that it counts against, a deadline and one receiver. Only a few are with the other
/// thread at a time. The others wait here, where one whose exchange has ended is dropped before it costs
/// anything; so the other thread's own queue stays short, and it need not know of those who have left. Proxy
/// thread.
class Inquiries final : public QObject
{
    Q_OBJECT
public:
    struct Bounds
    {
        std::size_t atOnce; ///< with the other thread
        std::size_t ofOne;  ///< of one asker, those with the other thread included; one more is refused
        std::size_t ofAll;  ///< of all together
    };
    /// How long an answer may take: the other thread may wait for a disk. What is with the other thread keeps
    /// its place until it has really been answered.
    static constexpr std::chrono::milliseconds AnswerWait{10'000};
    static constexpr std::chrono::milliseconds CheckEvery{500};

    /// Hands the inquiry to the other thread, which answers once: then take(). False if there is no need any
    /// more, because its receiver has what it wanted.
    using Send = std::function<bool()>;
    /// Its deadline is over. Called once, and take() tells that nobody waits.
    using Late = std::function<void(base::ExchangeId)>;

    /// `clock` is borrowed for its life.
    Inquiries(Bounds bounds, const base::Clock &clock, Late late);

    /// TooManyQuestions where a bound is reached. An exchange has one inquiry here at a time.
    base::Result<void> ask(base::ExchangeId id, std::int64_t asker, Send send);
    /// The answer has come. True if it is still wanted.
    bool take(base::ExchangeId id);
    /// The exchange has ended.
    void drop(base::ExchangeId id);
    /// Gives up what has waited for too long; called by a timer while there is anything.
    void expire();

    std::size_t waiting() const { return m_waiting.size(); } ///< not yet with the other thread
    std::size_t sent() const { return m_sent.size(); }

private:
    struct Inquiry
    {
        std::int64_t asker = 0;
        base::Instant deadline;
        Send send;
        bool isWanted = true;
    };
    using Line =
        std::map<base::ExchangeId, Inquiry>; // exchanges are numbered in the order of their beginning

    void sendNext();
    void countOff(std::int64_t asker);

    const Bounds m_bounds;
    const base::Clock &m_clock;
    const Late m_late;
    Line m_waiting;
    Line m_sent;
    std::map<std::int64_t, std::size_t> m_ofAsker; // how many in both lines
    QTimer m_check;
};

} // namespace weir::pipeline
