// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "load/run.h"
#include "report/report.h"
#include "subjects/subject.h"
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace weir::bench {

/// What one arm did in one run: figures without runs, distributions, series, and why it counts as dead.
struct ArmRun
{
    report::ArmResult result;
    load::Failures failures;
    bool isPartial = false; ///< ended early from outside
};

/// Measures the same thing on several arms in several runs (A B C A B C …), so that what drifts in the
/// machine hits all alike and the spread of an arm is known. The median of the runs counts. An arm that ends,
/// or that stops answering, is broken: it keeps the reason and loses its figures; the others go on.
class Comparison
{
public:
    /// Measures each of `arms` once: a result for each, in their order; fewer where it was stopped. `step`
    /// says which run it is. Fails if an arm cannot be measured at all.
    using Run = std::function<base::Result<std::vector<ArmRun>>(std::span<subjects::Subject *const> arms,
                                                                const std::string &step)>;

    struct Circumstances
    {
        std::vector<subjects::Subject *> arms; ///< borrowed
        /// Why no arm can answer any more; empty while they can.
        std::function<std::string()> upstreamTroubles;
        std::function<bool()> isStopped; ///< from outside
        int runs = 1;
    };
    explicit Comparison(Circumstances circumstances) : m_with(std::move(circumstances)) {}

    /// Runs one experiment and appends `section`, filled, to `report`; nothing if nothing was measured. Fails
    /// when nothing more can be measured; what was measured until then is appended.
    base::Result<void> measure(report::Report &report, report::Section section, const Run &run) const;

private:
    struct Arm;

    base::Result<void> runOnce(std::vector<Arm> &arms, const std::string &step, const Run &run) const;

    const Circumstances m_with;
};

/// Adds to each run but that of "direct", which is the first, what it takes longer than that one: "added_p50"
/// for "p50". Nothing if the first one is not "direct".
void addRunDifferences(std::span<ArmRun> runs, std::span<const std::string> figures);

} // namespace weir::bench
