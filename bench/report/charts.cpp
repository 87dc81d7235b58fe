// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/charts.h"
#include "report/axis.h"
#include "report/markup.h"
#include "report/numbers.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace weir::report {

namespace {

constexpr double Width = 460;
constexpr double Height = 270;
constexpr double Left = 66;
constexpr double Right = 24; // half a label at the end of the axis
constexpr double Top = 26;
constexpr double Bottom = 40;
constexpr double PlotWidth = Width - Left - Right;
constexpr double PlotHeight = Height - Top - Bottom;
/// A line is drawn with at most about this many points: more do not show.
constexpr std::size_t LinePointsMax = 600;
/// Percentile curves end here: one sample in a million.
constexpr double ShareLeast = 1e-6;

double yOf(const Axis &axis, double value)
{
    return Top + PlotHeight * (1 - axis.place(value));
}

std::string lineElement(const char *kind, double x1, double y1, double x2, double y2)
{
    return "<line class=\"" + std::string(kind) + "\" x1=\"" + svgNumber(x1) + "\" y1=\"" + svgNumber(y1) +
           "\" x2=\"" + svgNumber(x2) + "\" y2=\"" + svgNumber(y2) + "\"/>";
}

std::string textElement(const char *anchor, double x, double y, const std::string &text)
{
    return "<text text-anchor=\"" + std::string(anchor) + "\" x=\"" + svgNumber(x) + "\" y=\"" +
           svgNumber(y) + "\">" + escaped(text) + "</text>";
}

std::string opening(const std::string &title, const std::string &description)
{
    return "<svg viewBox=\"0 0 460 270\" role=\"img\"><title>" + escaped(title) + "</title><desc>" +
           escaped(description) + "</desc>";
}

std::string verticalAxis(const Axis &axis, std::string_view note)
{
    std::string out;
    for (const Axis::Tick &tick : axis.ticks) {
        const double y = yOf(axis, tick.value);
        out += lineElement(tick.value == 0 ? "base" : "grid", Left, y, Width - Right, y);
        out += textElement("end", Left - 6, y + 4, tick.label);
    }
    std::string text = axis.unit;
    if (!note.empty())
        text += (text.empty() ? "" : ", ") + std::string(note);
    return out + textElement("start", 4, 13, text);
}

/// Each look has its own shape, so that points can be told apart without colour.
std::string marker(int look, double x, double y, const std::string &title)
{
    static constexpr std::array<const char *, ArmLooks> Shapes{
        "m-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0",                                    // circle
        "m-4.5,-4.5h9v9h-9z",                                                      // square
        "m0,-5.5l5.2,9.5h-10.4z",                                                  // triangle
        "m0,-6l6,6l-6,6l-6,-6z",                                                   // diamond
        "m0,5.5l5.2,-9.5h-10.4z",                                                  // triangle upside down
        "m-2,-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",                                      // plus
        "m-5.5,-3l3,-3l2.5,3l2.5,-3l3,3l-3,3l3,3l-3,3l-2.5,-3l-2.5,3l-3,-3l3,-3z", // cross
        "m-6,-2.5h12v5h-12z"};                                                     // bar
    return "<path class=\"mark c" + std::to_string(look) + "\" d=\"M" + svgNumber(x) + "," + svgNumber(y) +
           Shapes[std::size_t(look)] + "\"><title>" + escaped(title) + "</title></path>";
}

std::string bar(int look, double x, double y, double width, double height, const std::string &title)
{
    return "<rect class=\"bar c" + std::to_string(look) + "\" fill=\"url(#h" + std::to_string(look) +
           ")\" x=\"" + svgNumber(x) + "\" y=\"" + svgNumber(y) + "\" width=\"" + svgNumber(width) +
           "\" height=\"" + svgNumber(height) + "\"><title>" + escaped(title) + "</title></rect>";
}

/// The points that still show at this width: of each stretch its lowest and highest, in their order.
std::vector<std::pair<double, double>> thinned(const std::vector<std::pair<double, double>> &points)
{
    if (points.size() <= LinePointsMax)
        return points;
    std::vector<std::pair<double, double>> kept;
    const std::size_t stretch = 2 * ((points.size() + LinePointsMax - 1) / LinePointsMax);
    for (std::size_t begin = 0; begin < points.size(); begin += stretch) {
        const auto first = points.begin() + std::ptrdiff_t(begin);
        const auto last = points.begin() + std::ptrdiff_t(std::min(begin + stretch, points.size()));
        const auto [low, high] = std::minmax_element(
            first, last, [](const auto &a, const auto &b) { return a.second < b.second; });
        kept.push_back(*std::min(low, high));
        if (low != high)
            kept.push_back(*std::max(low, high));
    }
    return kept;
}

struct Extent
{
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void add(double value)
    {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    bool isEmpty() const { return !(low <= high); }
};

Extent extentOf(const BarChart &chart)
{
    Extent extent;
    for (const BarChart::Arm &arm : chart.arms) {
        for (const auto &value : arm.values) {
            if (value && *value > 0)
                extent.add(*value);
        }
    }
    return extent;
}

std::string nothing(const std::string &title)
{
    return opening(title, "no values") + textElement("middle", Width / 2, Height / 2, "no values") + "</svg>";
}

/// "90 %", "99.9 %" for a share of slower ones of 0.1, 0.001.
std::string percentileLabel(int nines)
{
    return nines == 0   ? "0 %"
           : nines == 1 ? "90 %"
           : nines == 2 ? "99 %"
                        : "99." + std::string(std::size_t(nines - 2), '9') + " %";
}

} // namespace

bool isPoints(const BarChart &chart)
{
    const Extent extent = extentOf(chart);
    return !extent.isEmpty() && extent.high > extent.low * BarChart::BarSpanMax;
}

std::string sample(std::string_view arm, Sample kind)
{
    const int look = lookOf(arm);
    std::string out = "<svg viewBox=\"0 0 30 14\" aria-hidden=\"true\">";
    if (kind == Sample::Line)
        out += "<path class=\"line c" + std::to_string(look) + "\" d=\"M1,7H29\"/>";
    else if (kind == Sample::Point)
        out += marker(look, 15, 7, std::string(arm));
    else
        out += bar(look, 4, 1, 22, 12, std::string(arm));
    return out + "</svg>";
}

std::string toSvg(const BarChart &chart)
{
    const Extent extent = extentOf(chart);
    if (extent.isEmpty() || chart.categories.empty())
        return nothing(chart.title);
    const bool isLogarithmic = isPoints(chart);
    const Axis axis = isLogarithmic ? logarithmicAxis(extent.low, extent.high, chart.unit)
                                    : linearAxis(extent.high, chart.unit);
    std::string out =
        opening(chart.title, chart.description) + verticalAxis(axis, isLogarithmic ? "logarithmic" : "");
    const double groupWidth = PlotWidth / double(chart.categories.size());
    const double barWidth = std::min(groupWidth * 0.84 / double(chart.arms.size()), 46.0);
    for (std::size_t category = 0; category < chart.categories.size(); ++category) {
        const double middle = Left + groupWidth * (double(category) + 0.5);
        double x = middle - barWidth * double(chart.arms.size()) / 2;
        for (const BarChart::Arm &arm : chart.arms) {
            const auto value = category < arm.values.size() ? arm.values[category] : std::nullopt;
            if (value && *value > 0) {
                const std::string title =
                    arm.name + ", " + chart.categories[category] + ": " + withUnit(*value, chart.unit);
                const double y = yOf(axis, *value);
                const int look = lookOf(arm.name);
                if (isLogarithmic)
                    out += marker(look, x + barWidth / 2, y, title);
                else
                    out += bar(look, x + 0.75, y, barWidth - 1.5, Top + PlotHeight - y, title);
            }
            x += barWidth;
        }
        out += textElement("middle", middle, Top + PlotHeight + 16, chart.categories[category]);
    }
    return out + textElement("middle", Left + PlotWidth / 2, Height - 6, chart.categoryTitle) + "</svg>";
}

std::string toSvg(const LineChart &chart)
{
    const bool isPercentiles = chart.axis == LineChart::Axis::Percentiles;
    Extent horizontal;
    Extent vertical;
    for (const LineChart::Line &line : chart.lines) {
        for (const auto &[x, y] : line.points) {
            if (!isPercentiles || (x > 0 && y > 0)) {
                horizontal.add(isPercentiles ? std::max(x, ShareLeast) : x);
                vertical.add(y);
            }
        }
    }
    if (vertical.isEmpty())
        return nothing(chart.title);
    const Axis y = isPercentiles ? logarithmicAxis(vertical.low, vertical.high, chart.unit)
                   : vertical.low > vertical.high / 2 ? linearAxis(vertical.low, vertical.high, chart.unit)
                                                      : linearAxis(vertical.high, chart.unit);
    std::string out =
        opening(chart.title, chart.description) + verticalAxis(y, isPercentiles ? "logarithmic"
                                                                  : y.first > 0 ? "not from zero"
                                                                                : "");
    // Percentiles: one unit of `nines` is one more 9.
    const double ninesLast = std::max(1.0, -std::log10(std::max(horizontal.low, ShareLeast)));
    const Axis seconds = linearAxis(isPercentiles ? 1 : std::max(horizontal.high, 1e-3), "s");
    const auto xOf = [&](double x) {
        const double share =
            isPercentiles ? -std::log10(std::clamp(x, ShareLeast, 1.0)) / ninesLast : seconds.place(x);
        return Left + PlotWidth * std::clamp(share, 0.0, 1.0);
    };
    const auto tick = [&](double x, const std::string &label) {
        out += lineElement("grid", x, Top, x, Top + PlotHeight) +
               textElement("middle", x, Top + PlotHeight + 16, label);
    };
    if (isPercentiles) {
        for (int nines = 0; nines <= int(ninesLast); ++nines)
            tick(xOf(std::pow(10, -nines)), percentileLabel(nines));
    } else {
        for (const Axis::Tick &mark : seconds.ticks)
            tick(xOf(mark.value), mark.label);
    }
    for (const LineChart::Line &line : chart.lines) {
        std::string path;
        for (const auto &[first, second] : thinned(line.points)) {
            if (!isPercentiles || (first > 0 && second > 0))
                path += (path.empty() ? "M" : "L") + svgNumber(xOf(first)) + "," + svgNumber(yOf(y, second));
        }
        if (!path.empty())
            out += "<path class=\"line c" + std::to_string(lookOf(line.name)) + "\" d=\"" + path +
                   "\"><title>" + escaped(line.name) + "</title></path>";
    }
    const std::string below = isPercentiles ? "share of samples at most this slow" : "time, " + seconds.unit;
    return out + textElement("middle", Left + PlotWidth / 2, Height - 6, below) + "</svg>";
}

std::string pageDefinitions()
{
    // What is drawn over the arm's colour, so that bars are told apart without seeing it.
    static constexpr std::array<const char *, ArmLooks> Strokes{
        "",
        "M0,0H6V6H0Z", // a paler body inside the outline
        "M-1,1L1,-1M0,6L6,0M5,7L7,5",
        "M0,1.5H6M0,4.5H6",
        "M1.5,0V6M4.5,0V6",
        "M-1,5L1,7M0,0L6,6M5,-1L7,1",
        "M0,3H6M3,0V6",
        "M1.5,1.5h1.5v1.5h-1.5zM4.5,4.5h1.5v1.5h-1.5z"};
    std::string out = "<svg class=\"definitions\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>";
    for (int look = 0; look < ArmLooks; ++look) {
        const std::string number = std::to_string(look);
        out += "<pattern id=\"h" + number +
               "\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"ground c" + number +
               "\" width=\"6\" height=\"6\"/><path class=\"hatch h" + number + "\" d=\"" +
               Strokes[std::size_t(look)] + "\"/></pattern>";
    }
    return out + "</defs></svg>";
}

} // namespace weir::report
