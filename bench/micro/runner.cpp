// SPDX-License-Identifier: GPL-3.0-or-later
#include "micro/runner.h"

#include "llm/request_probe.h"
#include "micro/bodies.h"
#include <algorithm>

namespace weir::micro {

std::optional<double> median(std::vector<double> values)
{
    if (values.size() < RepetitionsMin)
        return std::nullopt;
    std::sort(values.begin(), values.end());
    const std::size_t upper = values.size() / 2;
    return values.size() % 2 ? values[upper] : (values[upper - 1] + values[upper]) / 2;
}

std::optional<double> spreadPercent(const std::vector<double> &values)
{
    const auto middle = median(values);
    if (!middle || *middle <= 0)
        return std::nullopt;
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    return (*most - *least) / 2 / *middle * 100;
}

namespace {

/// Why a run was given up, nullptr if it was not. Google Benchmark 1.8 gave both members other names.
template<typename Run>
const std::string *whyBroken(const Run &run)
{
    if constexpr (requires { run.error_occurred; })
        return run.error_occurred ? &run.error_message : nullptr;
    else
        return run.skipped ? &run.skip_message : nullptr;
}

} // namespace

void Collector::ReportRuns(const std::vector<Run> &runs)
{
    for (const Run &run : runs) {
        if (run.run_type != Run::RT_Iteration)
            continue; // means and the like are ours to make
        if (const std::string *why = whyBroken(run)) {
            m_into.broken = *why;
            continue;
        }
        const double perOp = 1e9 / double(std::max<std::int64_t>(run.iterations, 1));
        m_into.wallNs.push_back(run.real_accumulated_time * perOp);
        m_into.cpuNs.push_back(run.cpu_accumulated_time * perOp);
        m_into.iterations += std::uint64_t(run.iterations);
        if (const auto p99 = run.counters.find(P99Counter); p99 != run.counters.end())
            m_into.p99Ns.push_back(p99->second.value);
        const auto rate = run.counters.find("bytes_per_second");
        if (rate != run.counters.end())
            m_into.bytesPerOp = rate->second.value * run.cpu_accumulated_time / double(run.iterations);
    }
}

namespace {

/// Brings the processor into the state in which the proxy thread works, that of a thread that has read a
/// request: simdjson clears the upper halves of the wide registers when it is done. Where a process has left
/// them dirty since its start, SSE code runs slower on some processors, until that happens: parsing a head
/// took 3.4 µs instead of 2.1 when no other case came before it.
void settle()
{
    static const QByteArray body = chatRequest(Kilobyte);
    benchmark::DoNotOptimize(llm::probeRequest(body));
}

} // namespace

std::vector<Measured> measure(const Cases &cases, const Effort &effort,
                              const std::function<bool(std::size_t, std::size_t)> &proceed)
{
    std::vector<Measured> measured;
    for (const Case &one : cases)
        measured.push_back({one.room, one.name, {}, {}, {}, 0, {}, {}});
    // One round more than counts: what runs first finds cold caches and a slow processor.
    const std::size_t rounds = effort.repetitions + 1;
    const std::size_t total = cases.size() * rounds;
    std::size_t done = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t index = 0; index < cases.size(); ++index, ++done) {
            if (!proceed(done, total))
                return measured;
            if (!measured[index].broken.empty())
                continue;
            Measured warmUp;
            Collector collector(round == 0 ? warmUp : measured[index]);
            // Google Benchmark repeats a case before it goes to the next; it only ever knows one here.
            benchmark::ClearRegisteredBenchmarks();
            benchmark::RegisterBenchmark(cases[index].fullName().c_str(), cases[index].work)
                ->MinTime(effort.seconds);
            settle();
            benchmark::RunSpecifiedBenchmarks(&collector, ".");
            measured[index].broken += warmUp.broken;
        }
    }
    benchmark::ClearRegisteredBenchmarks();
    return measured;
}

namespace {

report::ArmResult toArm(const Measured &measured)
{
    using report::Better;
    report::ArmResult arm;
    arm.arm = measured.name;
    arm.broken = measured.broken;
    if (!arm.broken.empty()) {
        arm.failures = 1;
        return arm;
    }
    const auto wall = median(measured.wallNs);
    arm.figures.push_back({"time_per_op", "ns", Better::Lower, wall, measured.wallNs});
    arm.figures.push_back({"cpu_per_op", "ns", Better::Lower, median(measured.cpuNs), measured.cpuNs});
    arm.figures.push_back({"spread", "%", Better::Lower, spreadPercent(measured.wallNs), {}});
    if (!measured.p99Ns.empty())
        arm.figures.push_back({"p99", "ns", Better::Lower, median(measured.p99Ns), measured.p99Ns});
    if (measured.bytesPerOp) {
        const auto rate = wall ? std::optional(*measured.bytesPerOp * 1e9 / *wall) : std::nullopt;
        arm.figures.push_back({"throughput", "bytes/s", Better::Higher, rate, {}});
    }
    arm.figures.push_back({"operations", "", Better::Neither, double(measured.iterations), {}});
    return arm;
}

} // namespace

std::vector<report::Section> toSections(const std::vector<Measured> &measured, const Effort &effort)
{
    std::vector<report::Section> sections;
    for (const Measured &one : measured) {
        if (sections.empty() || sections.back().parameters[0].second != one.room) {
            report::Section section;
            section.kind = "micro";
            section.title = "One operation of " + one.room;
            section.parameters = {{"room", one.room}};
            section.notes = {"Median of up to " + std::to_string(effort.repetitions) +
                             " repetitions, the cases by turns; one thread, everything in the caches."};
            sections.push_back(std::move(section));
        }
        sections.back().arms.push_back(toArm(one));
    }
    return sections;
}

} // namespace weir::micro
