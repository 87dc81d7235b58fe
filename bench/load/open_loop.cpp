// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/arm.h"
#include "load/generator_thread.h"
#include "load/tally.h"
#include <algorithm>
#include <deque>
#include <memory>

namespace weir::load {

namespace {

/// For the connections that are opened before the first request.
constexpr Nanos ConnectPatience = NanosPerSecond;
/// A thread that sleeps wakes up tens of microseconds late, so it stays awake for the last ones before a
/// request is due. Not where requests follow each other so closely that this would take a tenth of a core.
constexpr Nanos AwakeBefore = 60'000;
constexpr Nanos AwakeGapMin = 10 * AwakeBefore;

/// Carries requests that are due whenever they are due: on a free connection, a new one, or as soon as one
/// becomes free.
class OpenArm final : ArmEvents
{
public:
    OpenArm(const OpenLoop &plan, const Target &target, const Address &address, Nanos begin)
        : m_plan(plan)
        , m_timeout(toNanos(plan.timeoutSeconds))
        , m_arm(target, address, plan.connectionsMax, m_timeout, *this)
        , m_tally(plan.patience, begin, plan.intervalSeconds)
    {
        for (std::size_t index = m_arm.connectionsMax(); index > 0; --index)
            m_closed.push_back(&m_arm.at(index - 1));
        for (std::size_t count = 0; count < plan.connections; ++count)
            openOne();
        // A first request that waits for its connection would be no picture of the others.
        const Nanos patience = monotonicNow() + ConnectPatience;
        while (m_arm.connecting() > 0 && monotonicNow() < patience)
            m_arm.wait(patience);
    }

    /// For `seconds`, and until all is answered or the grace is over.
    void runSlice(double seconds, Reins &reins, const std::function<void(double)> &tellShare);
    void settle(Reins &reins);
    bool isDead() const { return m_tally.isDead(); }
    RequestResult finish() { return m_tally.finish(); }

private:
    void request(Nanos intended);
    void openOne();
    void expireWaiting(Nanos now);
    std::size_t outstanding() const { return m_arm.busy() + m_waiting.size(); }

    void ready(Connection &connection, Nanos now) override;
    void replied(Connection &connection, Nanos now) override;
    void failed(Connection &connection, const std::string &kind, Nanos now) override;
    void unconnected(Connection &connection, const std::string &kind, Nanos now) override;
    void closed(Connection &connection, bool inOrder, Nanos now) override;

    const OpenLoop &m_plan;
    const Nanos m_timeout;
    Arm m_arm;
    Tally m_tally;
    std::vector<Connection *> m_free; ///< the last one is the warmest
    std::vector<Connection *> m_closed;
    std::deque<Nanos> m_waiting; ///< intended times, ascending
    Nanos m_sliceEnd = 0;
};

void OpenArm::openOne()
{
    if (m_closed.empty())
        return;
    Connection *connection = m_closed.back();
    m_closed.pop_back();
    m_arm.open(*connection);
}

void OpenArm::request(Nanos intended)
{
    if (!m_free.empty()) {
        Connection *connection = m_free.back();
        m_free.pop_back();
        m_tally.late(monotonicNow() - intended);
        m_arm.send(*connection, intended);
        return;
    }
    if (m_waiting.size() >= m_plan.waitingMax) {
        m_tally.failed("too many waiting", monotonicNow());
        return;
    }
    m_waiting.push_back(intended);
    if (m_arm.connecting() < m_waiting.size())
        openOne();
}

void OpenArm::ready(Connection &connection, Nanos)
{
    if (m_waiting.empty()) {
        m_free.push_back(&connection);
        return;
    }
    const Nanos intended = m_waiting.front();
    m_waiting.pop_front();
    m_arm.send(connection, intended);
}

void OpenArm::replied(Connection &connection, Nanos now)
{
    ++m_tally.result().answered;
    m_tally.result().ended += now <= m_sliceEnd;
    m_tally.ended(now - connection.from(), now);
}

void OpenArm::failed(Connection &, const std::string &kind, Nanos now)
{
    m_tally.failed(kind, now);
}

void OpenArm::unconnected(Connection &connection, const std::string &kind, Nanos now)
{
    m_closed.push_back(&connection);
    // The one that the connection was for. The others make attempts of their own (expireWaiting).
    if (m_waiting.empty())
        return;
    m_waiting.pop_front();
    m_tally.failed(kind, now);
}

void OpenArm::closed(Connection &connection, bool, Nanos)
{
    std::erase(m_free, &connection);
    m_closed.push_back(&connection);
    if (m_arm.connecting() < m_waiting.size())
        openOne();
}

void OpenArm::expireWaiting(Nanos now)
{
    while (!m_waiting.empty() && now - m_waiting.front() >= m_timeout) {
        m_waiting.pop_front();
        m_tally.failed("timeout", now);
    }
    // One for each that waits; what cannot be opened fails one of them, so this ends.
    for (auto missing = m_waiting.size(); m_arm.connecting() < missing && !m_closed.empty(); --missing)
        openOne();
}

void OpenArm::runSlice(double seconds, Reins &reins, const std::function<void(double)> &tellShare)
{
    m_arm.wait(0); // idle connections may have been closed meanwhile
    Schedule schedule(m_plan.rate, seconds);
    const Nanos cpuBefore = threadTimeUsed();
    const Nanos begin = monotonicNow();
    m_sliceEnd = begin + toNanos(seconds);
    Nanos last = begin;
    for (auto next = schedule.next(); !reins.shouldStop() && !isDead();) {
        const Nanos now = monotonicNow();
        for (; next && begin + toNanos(*next) <= now; next = schedule.next()) {
            last = begin + toNanos(*next);
            request(last);
        }
        if (now >= m_sliceEnd)
            break;
        const Nanos due = next ? begin + toNanos(*next) : m_sliceEnd;
        m_arm.wait(due - last >= AwakeGapMin ? due - AwakeBefore : due);
        expireWaiting(now);
        tellShare(double(now - begin) / double(m_sliceEnd - begin));
    }
    m_tally.result().seconds += toSeconds(std::min(monotonicNow(), m_sliceEnd) - begin);
    settle(reins);
    m_tally.result().cost.cpuSeconds += toSeconds(threadTimeUsed() - cpuBefore);
    m_tally.result().cost.seconds += toSeconds(monotonicNow() - begin);
}

/// The next arm must not be measured against this one's tail.
void OpenArm::settle(Reins &reins)
{
    const Nanos patience = m_sliceEnd + toNanos(m_plan.graceSeconds);
    while (outstanding() > 0 && monotonicNow() < patience && !reins.shouldStop() && !isDead()) {
        m_arm.wait(patience);
        expireWaiting(monotonicNow());
    }
    if (outstanding() == 0)
        return;
    // What is cut off because the run ends early has not failed.
    const bool isCutOff = reins.shouldStop() || isDead();
    for (std::size_t left = isCutOff ? 0 : outstanding(); left > 0; --left)
        m_tally.failed("unanswered", monotonicNow());
    m_waiting.clear();
    m_free.clear();
    m_closed.clear();
    m_arm.closeAll();
    for (std::size_t index = m_arm.connectionsMax(); index > 0; --index)
        m_closed.push_back(&m_arm.at(index - 1));
}

} // namespace

base::Result<std::vector<RequestResult>> runOpenLoop(const OpenLoop &plan, std::span<const Target> targets,
                                                     const Control &control)
{
    std::vector<Address> addresses;
    for (const Target &target : targets) {
        const auto address = findTarget(target, plan.timeoutSeconds);
        if (!address)
            return base::Unexpected{address.error()};
        addresses.push_back(*address);
    }
    std::vector<RequestResult> results;
    runInThread(control, [&](Reins &reins) {
        std::vector<std::unique_ptr<OpenArm>> arms;
        for (std::size_t index = 0; index < targets.size(); ++index)
            arms.push_back(std::make_unique<OpenArm>(plan, targets[index], addresses[index], monotonicNow()));
        const double slice = plan.rate.size() > 1 ? plan.seconds : std::min(plan.seconds, plan.sliceSeconds);
        const auto rounds = std::max<std::size_t>(1, std::size_t(plan.seconds / slice + 1e-9));
        const double turns = double(rounds * arms.size());
        std::size_t turn = 0;
        for (std::size_t round = 0; round < rounds; ++round) {
            for (const auto &arm : arms) {
                if (!reins.shouldStop() && !arm->isDead())
                    arm->runSlice(slice, reins,
                                  [&](double share) { reins.setShare((double(turn) + share) / turns); });
                ++turn;
            }
        }
        for (const auto &arm : arms) {
            results.push_back(arm->finish());
            results.back().stopped = reins.shouldStop();
        }
    });
    return results;
}

} // namespace weir::load
