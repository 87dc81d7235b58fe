// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/arm.h"
#include "load/generator_thread.h"
#include "load/tally.h"
#include <algorithm>

namespace weir::load {

namespace {

/// Keeps one request in flight on each connection.
class ClosedArm final : ArmEvents
{
public:
    ClosedArm(const ClosedLoop &plan, const Target &target, const Address &address)
        : m_plan(plan)
        , m_countFrom(monotonicNow() + toNanos(plan.warmSeconds))
        , m_end(m_countFrom + toNanos(plan.seconds))
        , m_arm(target, address, plan.concurrency, toNanos(plan.timeoutSeconds), *this)
        , m_tally(plan.patience, m_countFrom, plan.intervalSeconds)
    {
    }

    RequestResult run(Reins &reins);

private:
    void ready(Connection &connection, Nanos now) override
    {
        if (now < m_end)
            m_arm.send(connection, monotonicNow());
    }
    void replied(Connection &connection, Nanos now) override
    {
        ++m_tally.result().answered;
        if (now < m_countFrom || now >= m_end)
            return;
        ++m_tally.result().ended;
        m_tally.ended(now - connection.from(), now);
    }
    void failed(Connection &, const std::string &kind, Nanos now) override { m_tally.failed(kind, now); }
    void unconnected(Connection &connection, const std::string &kind, Nanos now) override
    {
        m_tally.failed(kind, now);
        closed(connection, false, now);
    }
    void closed(Connection &connection, bool inOrder, Nanos now) override
    {
        if (now < m_end)
            m_arm.open(connection, inOrder ? 0 : now + Arm::ReopenPause);
    }

    const ClosedLoop &m_plan;
    const Nanos m_countFrom;
    const Nanos m_end;
    Arm m_arm;
    Tally m_tally;
};

RequestResult ClosedArm::run(Reins &reins)
{
    for (std::size_t index = 0; index < m_arm.connectionsMax(); ++index)
        m_arm.open(m_arm.at(index));
    const auto mayGoOn = [&] { return !reins.shouldStop() && !m_tally.isDead(); };
    while (monotonicNow() < m_countFrom && mayGoOn())
        m_arm.wait(m_countFrom);
    const Nanos cpuBefore = threadTimeUsed();
    const Nanos begin = monotonicNow();
    for (Nanos now = begin; now < m_end && mayGoOn(); now = monotonicNow()) {
        m_arm.wait(m_end);
        reins.setShare(double(now - begin) / double(m_end - begin));
    }
    RequestResult &result = m_tally.result();
    const Nanos ended = monotonicNow();
    result.seconds = toSeconds(std::max<Nanos>(0, std::min(ended, m_end) - m_countFrom));
    result.cost = {toSeconds(threadTimeUsed() - cpuBefore), toSeconds(ended - begin)};
    const Nanos patience = m_end + toNanos(m_plan.graceSeconds);
    while (m_arm.busy() > 0 && monotonicNow() < patience && mayGoOn())
        m_arm.wait(patience);
    // What is cut off by ending early has not failed.
    for (std::size_t left = mayGoOn() ? m_arm.busy() : 0; left > 0; --left)
        m_tally.failed("unanswered", monotonicNow());
    m_arm.closeAll();
    result.stopped = reins.shouldStop();
    return m_tally.finish();
}

} // namespace

base::Result<RequestResult> runClosedLoop(const ClosedLoop &plan, const Target &target,
                                          const Control &control)
{
    const auto address = findTarget(target, plan.timeoutSeconds);
    if (!address)
        return base::Unexpected{address.error()};
    RequestResult result;
    runInThread(control, [&](Reins &reins) { result = ClosedArm(plan, target, *address).run(reins); });
    return result;
}

} // namespace weir::load
