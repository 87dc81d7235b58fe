// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/live_feed.h"
#include "ui/charts/plot_widget.h"

namespace weir::ui {

/// Turns the feed's history into what plots draw. A pause of the engine or of the machine becomes a gap, not
/// a slope.
struct HistoryLines
{
    std::vector<PlotLine> firstToken; ///< p50, p95, p99 in milliseconds
    std::vector<PlotLine> added;      ///< p50, p99 in microseconds
    std::vector<PlotLine> requests;   ///< per second
};

/// Calls in flight and waiting of the pool with this index.
std::vector<PlotLine> poolLines(const base::Ring<engine::HistoryPoint> &history, std::size_t pool);

HistoryLines historyLines(const base::Ring<engine::HistoryPoint> &history);

} // namespace weir::ui
