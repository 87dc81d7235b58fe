// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "load/run.h"
#include "report/report.h"
#include "subjects/subject.h"
#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weir::bench {

// What the load generator and the subjects yield, as figures of a report.

/// `value` in the figure's unit.
void addFigure(report::ArmResult &arm, const std::string &name, const std::string &unit,
               report::Better better, std::optional<double> value);
/// The median of several runs, which are kept beside it. Absent if there are none.
void addMedian(report::ArmResult &arm, const std::string &name, const std::string &unit,
               report::Better better, std::vector<double> runs);
/// A percentile's name and share.
using Percentile = std::pair<const char *, double>;
/// Those that are told. Two maxima differ by chance, so "max" is told and never compared.
inline constexpr std::array Percentiles{Percentile{"p50", 0.5}, Percentile{"p95", 0.95},
                                        Percentile{"p99", 0.99}, Percentile{"p99.9", 0.999},
                                        Percentile{"max", 1.0}};
/// `prefix` + "p50", … in us for each of `percentiles`, and the distribution `name`.
void addPercentiles(report::ArmResult &arm, const load::Samples &samples, const std::string &prefix,
                    const std::string &name, std::span<const Percentile> percentiles = Percentiles);
/// For each arm but "direct": "added_" + name, what it has over "direct". None without one that ran.
void addDifferences(report::Section &section, const std::vector<std::string> &names);

/// Counts them, and says in the section's notes of which kinds they were.
void addFailures(report::Section &section, report::ArmResult &arm, const load::Failures &failures);
/// "The generator used 31 % of a core …": whether it was what limited the figures.
std::string noteOf(const std::string &arm, const load::GeneratorCost &cost);

/// Seconds of processor time between two readings; absent if one of them is.
std::optional<double> cpuBetween(const subjects::Usage &before, const subjects::Usage &after);

/// Why the figures of an arm are not to be trusted: its process has ended, or the load saw it die. Empty if
/// neither.
std::string brokenBy(subjects::Subject &subject, const std::string &seenByLoad);

} // namespace weir::bench
