// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::report {

/// Charts as inline SVG, drawn for a width of about 450 px and scaled by the page. Each has a title and a
/// description for those who do not see it; colours and hatchings come from the page (pageDefinitions()).
/// All text is escaped here.

/// One figure of several arms at several loads, e.g. requests per second at 1, 10, 64 at a time. Bars from
/// zero; where the values span more than a factor of BarSpanMax, points on a logarithmic axis.
struct BarChart
{
    static constexpr double BarSpanMax = 60;

    struct Arm
    {
        std::string name;
        std::vector<std::optional<double>> values; ///< one per category, none for what is not known
    };
    std::string title;
    std::string description;
    std::string unit; ///< of the report: "us", "1/s"
    std::string categoryTitle;
    std::vector<std::string> categories;
    std::vector<Arm> arms;
};
std::string toSvg(const BarChart &chart);
/// Whether it is drawn as points.
bool isPoints(const BarChart &chart);

/// Lines over time or over percentiles.
struct LineChart
{
    enum class Axis
    {
        Seconds,
        /// x is the share of samples that are slower, from 1 (all) downwards; shown as 0 %, 90 %, 99 % … with
        /// equal distances, and y is logarithmic.
        Percentiles
    };
    struct Line
    {
        std::string name;
        std::vector<std::pair<double, double>> points; ///< ascending in time, or descending in share
    };
    std::string title;
    std::string description;
    std::string unit;
    Axis axis = Axis::Seconds;
    std::vector<Line> lines;
};
std::string toSvg(const LineChart &chart);

/// How an arm looks in a chart, small, for a legend.
enum class Sample
{
    Bar,
    Point,
    Line
};
std::string sample(std::string_view arm, Sample kind);

/// Hatchings that the charts refer to: once per page.
std::string pageDefinitions();

} // namespace weir::report
