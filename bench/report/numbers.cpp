// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/numbers.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

namespace weir::report {

namespace {

struct Step
{
    double factor;
    const char *unit;
};

constexpr std::array TimeSteps{Step{1, "ns"}, Step{1e3, "µs"}, Step{1e6, "ms"}, Step{1e9, "s"}};
constexpr std::array SizeSteps{Step{1, "B"}, Step{1e3, "kB"}, Step{1e6, "MB"}, Step{1e9, "GB"}};
constexpr std::array RateSteps{Step{1, "B/s"}, Step{1e3, "kB/s"}, Step{1e6, "MB/s"}, Step{1e9, "GB/s"}};

/// A family of units, and what one of the report's unit is in its smallest.
template<std::size_t Size>
Step largestBelow(const std::array<Step, Size> &steps, double inSmallest, double smallest)
{
    Step chosen = steps.front();
    for (const Step &step : steps) {
        if (step.factor <= smallest * inSmallest)
            chosen = step;
    }
    return {chosen.factor / inSmallest, chosen.unit};
}

std::optional<Step> stepFor(std::string_view unit, double smallest)
{
    if (unit == "ns")
        return largestBelow(TimeSteps, 1, smallest);
    if (unit == "us")
        return largestBelow(TimeSteps, 1e3, smallest);
    if (unit == "ms")
        return largestBelow(TimeSteps, 1e6, smallest);
    if (unit == "s")
        return largestBelow(TimeSteps, 1e9, smallest);
    if (unit == "bytes")
        return largestBelow(SizeSteps, 1, smallest);
    if (unit == "bytes/s")
        return largestBelow(RateSteps, 1, smallest);
    return std::nullopt;
}

std::string withSeparators(std::string digits)
{
    const std::size_t end = std::min(digits.find('.'), digits.size());
    const std::size_t begin = digits.starts_with('-') ? 1 : 0;
    for (std::size_t place = end; place > begin + 3;) {
        place -= 3;
        digits.insert(place, ",");
    }
    return digits;
}

std::string fixed(double value, int decimals)
{
    std::array<char, 64> buffer{};
    if (!std::isfinite(value) || std::abs(value) > 1e30)
        return "–";
    std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
    std::string digits = buffer.data();
    if (digits.find_first_not_of("-0.") == std::string::npos && digits.starts_with('-'))
        digits.erase(0, 1); // no minus before a zero
    return withSeparators(std::move(digits));
}

int decimalsFor(double magnitude)
{
    return magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3;
}

} // namespace

Scale scaleFor(std::string_view unit, const std::vector<double> &values)
{
    double smallest = 0;
    double largest = 0;
    bool isWhole = true;
    for (const double value : values) {
        const double magnitude = std::abs(value);
        if (!std::isfinite(magnitude))
            continue;
        isWhole = isWhole && magnitude == std::floor(magnitude);
        largest = std::max(largest, magnitude);
        if (magnitude > 0 && (smallest == 0 || magnitude < smallest))
            smallest = magnitude;
    }
    // Where the column spans more than four decades, its large end decides: else it would be all digits.
    const double typical = largest > 0 ? std::max(smallest, largest / 1e4) : 1;
    Scale scale{1, std::string(unit == "1/s" ? "/s" : unit), 0};
    if (const std::optional<Step> step = stepFor(unit, typical)) {
        scale.factor = step->factor;
        scale.unit = step->unit;
        isWhole = isWhole && scale.factor == 1;
    }
    if (!isWhole) {
        scale.decimals = decimalsFor(typical / scale.factor);
        if (largest / scale.factor >= 1000)
            scale.decimals = std::min(scale.decimals, 1);
    }
    return scale;
}

std::string inScale(double value, const Scale &scale)
{
    return fixed(value / scale.factor, scale.decimals);
}

std::string withUnit(double value, std::string_view unit)
{
    const Scale scale = scaleFor(unit, {value});
    const std::string number = inScale(value, scale);
    if (scale.unit.empty())
        return number;
    return number + (scale.unit == "/s" ? "" : " ") + scale.unit;
}

std::string ratioText(double ratio)
{
    return fixed(ratio, std::abs(ratio) >= 100 ? 0 : std::abs(ratio) >= 10 ? 1 : 2) + "×";
}

std::string percentText(double share)
{
    const double percent = share * 100;
    const std::string number = fixed(percent, std::abs(percent) >= 10 ? 0 : 1);
    return (percent > 0 && number != "0.0" ? "+" : "") + number + " %";
}

std::string capitalised(std::string text)
{
    const auto isSmall = [&text](std::size_t index) { return text[index] >= 'a' && text[index] <= 'z'; };
    if (text.size() > 1 && isSmall(0) && isSmall(1))
        text[0] = char(text[0] - 'a' + 'A');
    return text;
}

std::string labelOf(std::string_view figure)
{
    struct Label
    {
        std::string_view figure;
        std::string_view label;
    };
    static constexpr std::array Labels{
        Label{"requests_per_second", "Requests"},
        Label{"cpu_per_request", "CPU/request"},
        Label{"rss", "RSS"},
        Label{"pss", "PSS"},
        Label{"ttfb", "first byte"},
        Label{"samples", "samples"},
    };
    for (const Label &label : Labels) {
        if (label.figure == figure)
            return std::string(label.label);
    }
    // "added_p50" → "added p50"; the abbreviations of this trade in capitals.
    std::string text(figure);
    std::replace(text.begin(), text.end(), '_', ' ');
    for (const auto &[small, large] :
         {std::pair{"rss", "RSS"}, {"pss", "PSS"}, {"cpu", "CPU"}, {"tls", "TLS"}}) {
        const std::size_t place = text.find(small);
        const bool isWord = place != std::string::npos && (place == 0 || text[place - 1] == ' ') &&
                            (place + 3 == text.size() || text[place + 3] == ' ');
        if (isWord)
            text.replace(place, 3, large);
    }
    return text;
}

} // namespace weir::report
