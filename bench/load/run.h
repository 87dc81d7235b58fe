// SPDX-License-Identifier: GPL-3.0-or-later
// The three kinds of load. Each run has a thread of its own for the load and returns when it is over; the
// caller's thread meanwhile only serves `Control`. HTTP/1.1 in cleartext, to numeric addresses.
#pragma once
#include "base/result.h"
#include "load/clock.h"
#include "load/interval_log.h"
#include "load/samples.h"
#include "load/schedule.h"
#include "load/target.h"
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace weir::load {

/// How a run is watched and ended from outside. Both may be empty. Called in the thread that called run…().
struct Control
{
    std::function<void(double share)> progress; ///< now and then, the share that is done (0–1)
    std::function<bool()> shouldStop;           ///< polled at least ten times a second
};

/// What went wrong, by kind ("connection refused", "status 502", "cut", "timeout", …).
struct Failures
{
    std::uint64_t count = 0;
    std::map<std::string, std::uint64_t> kinds;

    void add(const std::string &kind)
    {
        ++count;
        ++kinds[kind];
    }
};

/// When a target counts as dead and its run ends: nothing but failures, for so long and so many.
struct Patience
{
    double seconds = 1;
    std::uint64_t failuresMin = 20;
};

/// What generating the load itself has cost, to tell whether the generator was what limited it.
struct GeneratorCost
{
    double cpuSeconds = 0;
    double seconds = 0; ///< by the clock; near cpuSeconds the generator was the limit

    double share() const { return seconds > 0 ? cpuSeconds / seconds : 0; }
};

/// What a load of plain requests did on one target.
struct RequestResult
{
    Samples latency;   ///< ns: from the intended time in the open loop, from sending in the closed one
    Samples lateness;  ///< ns: how late the generator itself sent (open loop), waiting for a connection aside
    Failures failures; ///< not among the samples
    double seconds = 0;              ///< for which requests were sent
    std::uint64_t ended = 0;         ///< replies within these seconds
    std::uint64_t answered = 0;      ///< all replies, those before and after included; for CPU per request
    std::vector<Interval> intervals; ///< if the plan asks for them
    GeneratorCost cost;
    bool stopped = false; ///< Control::shouldStop ended it early
    /// Why the target counts as dead, in words; then no figure is to be trusted. Empty: it ran to its end.
    std::string broken;

    double perSecond() const { return seconds > 0 ? double(ended) / seconds : 0; }
};

/// Requests at intended times fixed in advance, whatever the answers do: a stall shows in every request that
/// was meant to be sent during it (no coordinated omission). The targets take turns in slices (A B A B …), so
/// that what drifts in the machine hits all of them alike.
struct OpenLoop
{
    RateCourse rate{{0, 200}};        ///< with several points one slice is the whole course
    double seconds = 10;              ///< for each target
    double sliceSeconds = 0.5;        ///< of one turn
    double graceSeconds = 5;          ///< for what is outstanding at the end of a slice; the rest has failed
    double timeoutSeconds = 30;       ///< of a request, from its intended time
    double intervalSeconds = 0;       ///< of RequestResult::intervals; 0 = none
    std::size_t connections = 4;      ///< opened before the first request
    std::size_t connectionsMax = 256; ///< per target; requests beyond wait, and their waiting counts
    std::size_t waitingMax = 100'000; ///< requests that wait for a connection; beyond, they fail
    Patience patience;
};
/// One result per target, in their order. Fails if a target cannot be connected to at the beginning.
base::Result<std::vector<RequestResult>> runOpenLoop(const OpenLoop &plan, std::span<const Target> targets,
                                                     const Control &control);

/// A fixed number of requests always in flight: what a target can carry at most.
struct ClosedLoop
{
    std::size_t concurrency = 1;
    double seconds = 3;
    double warmSeconds = 0.2; ///< before anything counts, failures excepted
    double graceSeconds = 5;
    double timeoutSeconds = 30;
    double intervalSeconds = 0;
    Patience patience;
};
base::Result<RequestResult> runClosedLoop(const ClosedLoop &plan, const Target &target,
                                          const Control &control);

/// A fixed number of event streams always open; a stream that ends is followed by another one. The provider
/// puts the monotonic time of sending into each content event (model "sim-stamp+…"), so the lag is one-way.
struct StreamLoop
{
    std::size_t streams = 1;
    double seconds = 3;
    double graceSeconds = 5; ///< for the streams that are open at the end
    double timeoutSeconds = 30;
    double staggerSeconds = 0.1;       ///< over which the first ones begin, lest all beat as one
    std::uint64_t chunksPerStream = 0; ///< a stream with another number of them has failed; 0 = any
    Patience patience;
};
struct StreamResult
{
    Samples firstChunk;             ///< ns from sending the request to the first event with content
    Samples chunkLag;               ///< ns from the provider's sending of an event to its last byte here
    Failures failures;              ///< streams that did not end as they should
    double seconds = 0;             ///< for which streams were begun
    std::uint64_t chunks = 0;       ///< all, those after these seconds included
    std::uint64_t chunksInTime = 0; ///< within these seconds
    std::uint64_t completed = 0;    ///< streams
    GeneratorCost cost;
    bool stopped = false;
    std::string broken; ///< as in RequestResult

    double chunksPerSecond() const { return seconds > 0 ? double(chunksInTime) / seconds : 0; }
};
base::Result<StreamResult> runStreams(const StreamLoop &plan, const Target &target, const Control &control);

} // namespace weir::load
