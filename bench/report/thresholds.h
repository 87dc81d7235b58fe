// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "report/report.h"
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::report {

/// A bound on the ratio of two arms within the same run: only ratios mean the same on every machine.
struct Threshold
{
    std::string kind; ///< of the section
    std::vector<std::pair<std::string, std::string>>
        parameters; ///< those the section must have; others are free
    std::string figure;
    std::string arm;
    std::string against;
    std::optional<double> atLeast; ///< one of the two is set, above zero
    std::optional<double> atMost;
    std::string reason;
};

inline constexpr std::size_t ThresholdsMax = 100;

/// Reads a file of `[[threshold]]` tables; bench/thresholds.toml shows and explains the keys. Errors
/// (ConfigInvalid) name the line: what is no TOML, an unknown or missing key, a value of another type,
/// neither or both bounds, a bound that is not above zero, an empty file.
base::Result<std::vector<Threshold>> parseThresholds(std::string_view toml);

/// "weir / nginx, requests_per_second, throughput concurrency 10".
std::string describe(const Threshold &threshold);

/// A threshold and what a report says to it.
struct Outcome
{
    Threshold threshold;
    std::optional<double> value; ///< nullopt where the report does not hold the ratio; that breaks it, too
    std::string trouble;         ///< why there is no value
    bool isBroken = true;

    /// How far from the bound, as a share of it; below zero where it is broken. 0 without a value.
    double margin() const;
};
/// One outcome per threshold, in their order. The ratio of the first matching section counts.
std::vector<Outcome> evaluate(const std::vector<Threshold> &thresholds, const Report &report);
bool anyBroken(const std::vector<Outcome> &outcomes);

/// What a check came to: the outcomes of one run, or of two where the first broke something.
struct CheckResult
{
    std::vector<Outcome> first;
    std::vector<Outcome> second; ///< empty where the first run broke nothing
    std::vector<Report> reports; ///< of each run

    /// Whether a threshold broke in both runs; one that breaks once is noise.
    bool hasFailed() const;
};
/// Measures, and once more if a threshold broke. An error of `measure` is handed on.
base::Result<CheckResult> check(const std::vector<Threshold> &thresholds,
                                const std::function<base::Result<Report>()> &measure);

/// One line per threshold: bound, value, margin; lines end in "\n".
std::string toText(const std::vector<Outcome> &outcomes, int columns);

} // namespace weir::report
