// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "report/report.h"
#include <QByteArray>
#include <string>
#include <vector>

namespace weir::report {

/// What became of one figure of one arm between two reports.
struct Change
{
    enum class Verdict
    {
        WithinNoise,
        Better,
        Worse,
        Moved,        ///< beyond the noise, but neither direction is better
        NoiseUnknown, ///< differs, and one of the reports has a single run: nobody can say
    };

    std::string section; ///< its title in the newer report
    std::string arm;
    std::string figure;
    std::string unit;
    double before = 0;
    double after = 0;
    /// How far the runs lie from the value at most, in its unit; nullopt with fewer than NoiseRunsMin runs.
    std::optional<double> noiseBefore;
    std::optional<double> noiseAfter;
    Verdict verdict = Verdict::WithinNoise;

    /// Relative to `before`; 0 where that is 0.
    double share() const;
};

/// Two reports, compared. Sections are the same where kind and parameters are; of several alike, the first
/// with the first and so on.
struct Diff
{
    /// A figure has moved where it changed by more than the noise of both reports together (the ranges of
    /// their runs do not even touch) and by at least this share. With fewer runs than NoiseRunsMin the noise
    /// is unknown; such a figure is told apart where it differs by UnknownShareLeast.
    static constexpr double MovedShareLeast = 0.01;
    static constexpr double UnknownShareLeast = 0.1;
    static constexpr std::size_t NoiseRunsMin = 3;

    struct Fact
    {
        std::string name;
        std::string before;
        std::string after;
    };
    std::vector<Fact> subjects;          ///< date, version, commit: what is compared
    std::vector<Fact> differentGround;   ///< machine, build, command: what makes the comparison doubtful
    std::vector<Change> changes;         ///< in the order of the newer report
    std::vector<std::string> onlyBefore; ///< "Throughput, 64 at a time · weir · p99"
    std::vector<std::string> onlyAfter;
    std::vector<std::string> troubles; ///< arms that broke or whose failures differ, as sentences
};

Diff compare(const Report &before, const Report &after);

/// For a terminal of that many columns, lines end in "\n".
std::string toText(const Diff &diff, int columns);
QByteArray toHtml(const Diff &diff);

} // namespace weir::report
