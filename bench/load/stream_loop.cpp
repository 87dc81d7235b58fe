// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/arm.h"
#include "load/event_scanner.h"
#include "load/generator_thread.h"
#include "load/tally.h"
#include <algorithm>
#include <utility>

namespace weir::load {

namespace {

/// Keeps one stream open on each connection.
class StreamArm final : ArmEvents
{
public:
    StreamArm(const StreamLoop &plan, const Target &target, const Address &address)
        : m_plan(plan)
        , m_begin(monotonicNow())
        , m_end(m_begin + toNanos(plan.seconds))
        , m_arm(target, address, plan.streams, toNanos(plan.timeoutSeconds), *this)
        , m_pulse(plan.patience)
        , m_streams(plan.streams)
    {
    }

    StreamResult run(Reins &reins);

private:
    struct Stream
    {
        EventScanner events;
        std::uint64_t chunks = 0;
        bool hasBadStamp = false;
    };

    void ready(Connection &connection, Nanos now) override;
    void body(Connection &connection, std::string_view piece, Nanos now) override;
    void replied(Connection &connection, Nanos now) override;
    void failed(Connection &, const std::string &kind, Nanos now) override { count(kind, now); }
    void unconnected(Connection &connection, const std::string &kind, Nanos now) override
    {
        count(kind, now);
        closed(connection, false, now);
    }
    void closed(Connection &connection, bool inOrder, Nanos now) override
    {
        if (now < m_end)
            m_arm.open(connection, inOrder ? 0 : now + Arm::ReopenPause);
    }
    void count(const std::string &failure, Nanos now);
    /// "" if the stream was as it should be.
    std::string faultOf(const Stream &stream) const;

    const StreamLoop &m_plan;
    const Nanos m_begin;
    const Nanos m_end;
    Arm m_arm;
    Pulse m_pulse;
    std::vector<Stream> m_streams; ///< by the connection's index
    StreamResult m_result;
};

void StreamArm::count(const std::string &failure, Nanos now)
{
    m_pulse.miss(failure, now);
    m_result.failures.add(failure);
}

void StreamArm::ready(Connection &connection, Nanos now)
{
    if (now >= m_end)
        return;
    Stream &stream = m_streams[connection.index()];
    stream.events.reset();
    stream.chunks = 0;
    stream.hasBadStamp = false;
    m_arm.send(connection, monotonicNow());
}

void StreamArm::body(Connection &connection, std::string_view piece, Nanos now)
{
    Stream &stream = m_streams[connection.index()];
    while (const auto stamp = stream.events.take(piece)) {
        // Neither from the future nor from before the request: such a lag would be made up.
        if (*stamp > now || *stamp < connection.from()) {
            stream.hasBadStamp = true;
            continue;
        }
        if (stream.chunks++ == 0)
            m_result.firstChunk.add(now - connection.from());
        m_result.chunkLag.add(now - *stamp);
        ++m_result.chunks;
        m_result.chunksInTime += now < m_end;
    }
    connection.setDue(now + toNanos(m_plan.timeoutSeconds));
}

std::string StreamArm::faultOf(const Stream &stream) const
{
    if (stream.events.isMalformed())
        return "malformed stream";
    if (stream.hasBadStamp)
        return "wrong stamp";
    if (!stream.events.hasEnded())
        return "cut";
    if (stream.chunks == 0)
        return "no stamp";
    if (m_plan.chunksPerStream > 0 && stream.chunks != m_plan.chunksPerStream)
        return "wrong number of chunks";
    return {};
}

void StreamArm::replied(Connection &connection, Nanos now)
{
    const std::string fault = faultOf(m_streams[connection.index()]);
    if (!fault.empty()) {
        count(fault, now);
        return;
    }
    m_pulse.beat();
    ++m_result.completed;
}

StreamResult StreamArm::run(Reins &reins)
{
    const Nanos cpuBefore = threadTimeUsed();
    for (std::size_t index = 0; index < m_plan.streams; ++index) {
        const double share = double(index) / double(m_plan.streams);
        m_arm.open(m_arm.at(index), m_begin + toNanos(m_plan.staggerSeconds * share));
    }
    const auto mayGoOn = [&] { return !reins.shouldStop() && !m_pulse.isDead(); };
    for (Nanos now = m_begin; now < m_end && mayGoOn(); now = monotonicNow()) {
        m_arm.wait(m_end);
        reins.setShare(double(now - m_begin) / double(m_end - m_begin));
    }
    const Nanos patience = m_end + toNanos(m_plan.graceSeconds);
    while (m_arm.busy() > 0 && monotonicNow() < patience && mayGoOn())
        m_arm.wait(patience);
    const Nanos ended = monotonicNow();
    for (std::size_t left = mayGoOn() ? m_arm.busy() : 0; left > 0; --left)
        count("unfinished", ended);
    m_arm.closeAll();
    m_result.seconds = toSeconds(std::min(ended, m_end) - m_begin);
    m_result.cost = {toSeconds(threadTimeUsed() - cpuBefore), toSeconds(ended - m_begin)};
    m_result.stopped = reins.shouldStop();
    if (m_pulse.isDead())
        m_result.broken = m_pulse.describe();
    m_result.firstChunk.finish();
    m_result.chunkLag.finish();
    return std::move(m_result);
}

} // namespace

base::Result<StreamResult> runStreams(const StreamLoop &plan, const Target &target, const Control &control)
{
    const auto address = findTarget(target, plan.timeoutSeconds);
    if (!address)
        return base::Unexpected{address.error()};
    StreamResult result;
    runInThread(control, [&](Reins &reins) { result = StreamArm(plan, target, *address).run(reins); });
    return result;
}

} // namespace weir::load
