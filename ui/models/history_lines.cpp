// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/history_lines.h"

namespace weir::ui {

namespace {

/// Two points farther apart than this have a gap between them.
constexpr base::WallMs GapMs = 3'000;

std::optional<double> scaled(std::optional<std::int64_t> micros, double divisor)
{
    return micros ? std::optional(double(*micros) / divisor) : std::nullopt;
}

/// Calls `add` with the seconds before now of each point in sight, and with null where there is a gap.
template<typename Add>
void walk(const base::Ring<engine::HistoryPoint> &history, Add add)
{
    if (history.empty())
        return;
    const base::WallMs now = history.newest().at;
    for (std::size_t index = 0; index < history.size(); ++index) {
        const engine::HistoryPoint &point = history[index];
        const double seconds = double(point.at - now) / 1000;
        if (seconds < -PlotWidget::SecondsShown)
            continue;
        if (index > 0 && point.at - history[index - 1].at > GapMs)
            add(double(history[index - 1].at + 1000 - now) / 1000, nullptr);
        add(seconds, &point);
    }
}

} // namespace

HistoryLines historyLines(const base::Ring<engine::HistoryPoint> &history)
{
    HistoryLines lines;
    lines.firstToken.resize(3);
    lines.added.resize(2);
    lines.requests.resize(1);
    const auto add = [&](double seconds, const engine::HistoryPoint *point) {
        const auto put = [&](PlotLine &line, std::optional<double> value) {
            line.points.push_back({seconds, value});
        };
        const metrics::Percentiles none;
        const metrics::Percentiles &firstToken = point ? point->firstToken : none;
        const metrics::Percentiles &added = point ? point->added : none;
        put(lines.firstToken[0], scaled(firstToken.p50Us, 1000));
        put(lines.firstToken[1], scaled(firstToken.p95Us, 1000));
        put(lines.firstToken[2], scaled(firstToken.p99Us, 1000));
        put(lines.added[0], scaled(added.p50Us, 1));
        put(lines.added[1], scaled(added.p99Us, 1));
        put(lines.requests[0], point ? std::optional(point->requestsPerSecond) : std::nullopt);
    };
    walk(history, add);
    return lines;
}

std::vector<PlotLine> poolLines(const base::Ring<engine::HistoryPoint> &history, std::size_t pool)
{
    std::vector<PlotLine> lines(2);
    walk(history, [&](double seconds, const engine::HistoryPoint *point) {
        // Before its first request there was no pool.
        const bool isKnown = point && pool < point->pools.size();
        lines[0].points.push_back(
            {seconds, isKnown ? std::optional<double>(point->pools[pool].inFlight) : std::nullopt});
        lines[1].points.push_back(
            {seconds, isKnown ? std::optional<double>(point->pools[pool].waiting) : std::nullopt});
    });
    return lines;
}

} // namespace weir::ui
