// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/run.h"
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <sys/epoll.h>
#include <unistd.h>

namespace weir::load {

namespace {

using Nanos = Arm::Nanos;
constexpr Nanos NanosPerSecond = 1'000'000'000;
/// Connections that stand before the first request is timed.
constexpr std::size_t OpenAtStart = 4;

Nanos toNanos(double seconds)
{
    return Nanos(seconds * double(NanosPerSecond));
}

class Epoll
{
public:
    Epoll() : m_descriptor(::epoll_create1(EPOLL_CLOEXEC)) {}
    ~Epoll() { ::close(m_descriptor); }
    Epoll(const Epoll &) = delete;
    Epoll &operator=(const Epoll &) = delete;

    int descriptor() const { return m_descriptor; }

    /// Waits until `deadline` at most and hands each ready descriptor to `visit`.
    template<typename Visit>
    void wait(Nanos deadline, Visit visit)
    {
        const Nanos left = std::max<Nanos>(0, deadline - monotonicNow());
        const timespec timeout{time_t(left / NanosPerSecond), long(left % NanosPerSecond)};
        std::array<epoll_event, 256> events;
        const int count = ::epoll_pwait2(m_descriptor, events.data(), int(events.size()), &timeout, nullptr);
        for (int index = 0; index < count; ++index)
            visit(events[std::size_t(index)].data.fd);
    }

private:
    const int m_descriptor;
};

} // namespace

base::Result<void> run(const OpenLoop &plan, std::span<Arm *const> arms, const Progress &progress)
{
    Epoll epoll;
    for (Arm *arm : arms) {
        if (const auto opened = arm->open(epoll.descriptor(), OpenAtStart); !opened)
            return opened;
    }
    const Nanos gap = toNanos(1 / plan.ratePerSecond);
    const auto slices = std::max(1, int(plan.seconds / plan.sliceSeconds));
    for (int slice = 0; slice < slices; ++slice) {
        for (Arm *arm : arms) {
            // Of all arms: an idle connection of another one may be closed meanwhile.
            const auto visit = [arms](int descriptor) {
                for (Arm *each : arms) {
                    if (each->owns(descriptor))
                        each->received(descriptor);
                }
            };
            const Nanos begin = monotonicNow();
            const Nanos end = begin + toNanos(plan.sliceSeconds);
            for (Nanos intended = begin; intended < end; intended += gap) {
                while (monotonicNow() < intended)
                    epoll.wait(intended, visit);
                arm->request(intended);
            }
            // The next arm must not be measured against this one's tail.
            const Nanos patience = end + toNanos(plan.graceSeconds);
            while (arm->outstanding() > 0 && monotonicNow() < patience)
                epoll.wait(patience, visit);
        }
        if (!progress(double(slice + 1) / slices))
            break;
    }
    for (Arm *arm : arms) {
        arm->giveUp();
        arm->samples().finish();
    }
    return {};
}

base::Result<Throughput> run(const ClosedLoop &plan, Arm &arm)
{
    Epoll epoll;
    if (const auto opened = arm.open(epoll.descriptor(), plan.concurrency); !opened)
        return base::Unexpected{opened.error()};
    const Nanos begin = monotonicNow();
    const Nanos end = begin + toNanos(plan.seconds);
    for (std::size_t count = 0; count < plan.concurrency; ++count)
        arm.request(monotonicNow());
    std::size_t ended = 0;
    while (monotonicNow() < end && arm.outstanding() > 0) {
        epoll.wait(end, [&](int descriptor) {
            if (arm.owns(descriptor) && arm.received(descriptor) > 0) {
                ++ended;
                arm.request(monotonicNow());
            }
        });
    }
    const double seconds = double(monotonicNow() - begin) / double(NanosPerSecond);
    const Nanos patience = monotonicNow() + toNanos(plan.graceSeconds);
    while (arm.outstanding() > 0 && monotonicNow() < patience) {
        epoll.wait(patience, [&](int descriptor) {
            if (arm.owns(descriptor))
                arm.received(descriptor);
        });
    }
    arm.giveUp();
    arm.samples().finish();
    return Throughput{double(ended) / seconds};
}

} // namespace weir::load
