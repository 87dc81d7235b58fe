// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "micro/cases.h"
#include "report/report.h"
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weir::micro {

/// Repetitions below which a median says nothing and is not shown.
inline constexpr std::size_t RepetitionsMin = 3;

/// The middle value, of an even number the mean of the two; absent with fewer than RepetitionsMin.
std::optional<double> median(std::vector<double> values);
/// Half the distance between the smallest and the largest, in percent of the median: how far to believe it.
std::optional<double> spreadPercent(const std::vector<double> &values);

/// What was measured of one case: one value per repetition.
struct Measured
{
    std::string room;
    std::string name;
    std::vector<double> wallNs; ///< per operation
    std::vector<double> cpuNs;
    std::vector<double> p99Ns;        ///< where the case tells it
    std::uint64_t iterations = 0;     ///< all repetitions together
    std::optional<double> bytesPerOp; ///< where the case moves a known number of bytes
    std::string broken;               ///< why there is nothing to be read into it; "" = all is well
};

/// Takes what Google Benchmark reports of one case. Prints nothing.
class Collector final : public benchmark::BenchmarkReporter
{
public:
    /// `into` is borrowed for the collector's life.
    explicit Collector(Measured &into) : m_into(into) {}
    bool ReportContext(const Context &) override { return true; }
    void ReportRuns(const std::vector<Run> &runs) override;

private:
    Measured &m_into;
};

struct Effort
{
    std::size_t repetitions = 5;
    double seconds = 0.05; ///< of each repetition of each case, at least
};

/// Runs the cases by turns, one repetition of each after the other, so that a drift of the machine hits all
/// of them alike; a first round does not count. `proceed(done, total)` comes before each repetition; false
/// ends it there, with what was measured. A broken case is not repeated.
std::vector<Measured> measure(const Cases &cases, const Effort &effort,
                              const std::function<bool(std::size_t done, std::size_t total)> &proceed);

/// One section per room, one arm per case.
std::vector<report::Section> toSections(const std::vector<Measured> &measured, const Effort &effort);

} // namespace weir::micro
