// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/markup.h"
#include "report/numbers.h"
#include "report/page_parts.h"
#include "report/ratios.h"
#include <algorithm>
#include <array>
#include <cmath>

namespace weir::report {

namespace {

constexpr std::string_view Own = "weir";
constexpr std::size_t CardsMax = 8;
/// Ratios closer to 1 than this are called level.
constexpr double LevelShare = 0.05;
/// The bars end at this factor to either side.
constexpr double TrackFactor = 10;

/// What people ask for first. Of these come the cards; figures that are not here follow in the report's
/// order.
constexpr std::array<std::string_view, 12> Headlines{"requests_per_second",
                                                     "p50",
                                                     "p99",
                                                     "added_p50",
                                                     "added_p99",
                                                     "cpu_per_request",
                                                     "chunk_lag_p50",
                                                     "first_chunk_p50",
                                                     "rss",
                                                     "chunk_lag_p99",
                                                     "added_first_chunk_p50",
                                                     "time_per_body"};

/// One ratio of Weir.
struct Comparison
{
    const Section *section = nullptr;
    Column column;
    std::string reference;
    double ratio = 1;
    double own = 0;
    double other = 0;

    /// Above 1: so many times better than the reference.
    double advantage() const { return column.better == Better::Higher ? ratio : 1 / ratio; }
};

std::size_t rank(const std::string &figure)
{
    return std::size_t(std::find(Headlines.begin(), Headlines.end(), figure) - Headlines.begin());
}

std::vector<Comparison> comparisonsOf(const Report &report)
{
    std::vector<Comparison> list;
    for (const Section &section : report.sections) {
        const ArmResult *const own = findArm(section, Own);
        if (!own || !own->broken.empty())
            continue;
        for (const ArmResult *const reference : referencesOf(section)) {
            for (const Column &column : columnsOf(section)) {
                if (const auto ratio = ratioOf(*own, *reference, column.figure))
                    list.push_back({&section, column, reference->arm, *ratio, *valueOf(*own, column.figure),
                                    *valueOf(*reference, column.figure)});
            }
        }
    }
    return list;
}

const char *verdict(double advantage)
{
    return advantage > 1 + LevelShare ? "better" : advantage < 1 / (1 + LevelShare) ? "worse" : "level";
}

/// "▲ 1.3× better", "▼ 2× worse", "● level": the sign and the word say what the colour says.
std::string words(double advantage)
{
    const std::string kind = verdict(advantage);
    if (kind == "level")
        return "<span class=\"level\">● level</span>";
    const double factor = advantage > 1 ? advantage : 1 / advantage;
    return "<span class=\"" + kind + "\">" + (advantage > 1 ? "▲ " : "▼ ") + escaped(ratioText(factor)) +
           " " + kind + "</span>";
}

std::string rangeText(const std::vector<double> &ratios)
{
    const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
    const std::string first = ratioText(*low);
    const std::string last = ratioText(*high);
    return first == last ? first : first.substr(0, first.size() - std::string_view("×").size()) + "–" + last;
}

std::string card(const std::string &figure, const std::vector<Comparison> &all)
{
    std::string out;
    for (const std::string_view reference : {"nginx", "direct"}) {
        std::vector<double> ratios;
        double best = 0;
        double worst = 0;
        for (const Comparison &one : all) {
            if (one.column.figure != figure || one.reference != reference)
                continue;
            best = ratios.empty() ? one.advantage() : std::max(best, one.advantage());
            worst = ratios.empty() ? one.advantage() : std::min(worst, one.advantage());
            ratios.push_back(one.ratio);
        }
        if (ratios.empty())
            continue;
        const std::string against = (reference == "nginx" ? "of nginx" : "of the upstream alone");
        if (out.empty()) {
            out = "<li><span class=\"name\">" + escaped(capitalised(labelOf(figure))) +
                  "</span><span class=\"ratio\">" + escaped(rangeText(ratios)) +
                  "</span><span class=\"against\">" + escaped(against) + " · ";
            out += std::string(verdict(worst)) == verdict(best)
                       ? words(ratios.size() == 1 ? best : std::sqrt(best * worst))
                       : words(worst) + " to " + words(best);
            out += "</span><span class=\"more\">over " + std::to_string(ratios.size()) +
                   (ratios.size() == 1 ? " experiment" : " experiments");
        } else {
            out += "; " + escaped(rangeText(ratios)) + " " + escaped(against);
        }
    }
    return out.empty() ? out : out + "</span></li>";
}

std::string cards(const std::vector<Comparison> &all)
{
    std::vector<std::string> figures;
    for (const Comparison &one : all) {
        if (std::find(figures.begin(), figures.end(), one.column.figure) == figures.end())
            figures.push_back(one.column.figure);
    }
    std::stable_sort(figures.begin(), figures.end(),
                     [](const std::string &a, const std::string &b) { return rank(a) < rank(b); });
    figures.resize(std::min(figures.size(), CardsMax));
    std::string out;
    for (const std::string &figure : figures)
        out += card(figure, all);
    return "<ul class=\"cards\">" + out + "</ul>";
}

std::string track(double advantage)
{
    const double reach = std::clamp(std::log(advantage) / std::log(TrackFactor), -1.0, 1.0) * 50;
    const std::string left = svgNumber(reach < 0 ? 50 + reach : 50);
    return "<td class=\"track\"><div><i class=\"" + std::string(reach < 0 ? "worse" : "better") +
           "\" style=\"left:" + left + "%;width:" + svgNumber(std::abs(reach)) + "%\"></i><b></b></div></td>";
}

std::string rows(const std::vector<Comparison> &all, const std::string &reference)
{
    std::string out;
    const Section *last = nullptr;
    for (const Comparison &one : all) {
        if (one.reference != reference || rank(one.column.figure) == Headlines.size())
            continue;
        if (one.section != last)
            out += std::string(last ? "</tbody>" : "") +
                   "<tbody><tr><th class=\"group\" scope=\"rowgroup\" colspan=\"5\">" +
                   escaped(one.section->title) + "</th></tr>";
        last = one.section;
        out += "<tr><th scope=\"row\">" + escaped(capitalised(labelOf(one.column.figure))) + "</th><td>" +
               escaped(withUnit(one.own, one.column.unit)) + "</td><td>" +
               escaped(withUnit(one.other, one.column.unit)) + "</td>" + track(one.advantage()) +
               "<td class=\"words\">" + words(one.advantage()) + "</td></tr>";
    }
    return last ? out + "</tbody>" : out;
}

} // namespace

std::string summaryPart(const Report &report)
{
    const std::vector<Comparison> all = comparisonsOf(report);
    if (all.empty())
        return {};
    std::string out =
        "<section><h2>At a glance</h2><p class=\"lead\">Weir as a multiple of what it is compared with, "
        "measured in the same run on "
        "the same machine. Less is better for times, CPU and memory, more is better for requests.</p>" +
        cards(all);
    for (const auto &[reference, title] :
         {std::pair{"nginx", "Weir against nginx"}, std::pair{"direct", "Weir against the upstream alone"}}) {
        const std::string body = rows(all, reference);
        if (body.empty())
            continue;
        out += "<h3>" + std::string(title) +
               "</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + title +
               "\"><table><thead><tr><th scope=\"col\">Figure</th><th scope=\"col\">Weir</th><th "
               "scope=\"col\">" +
               reference +
               "</th><th scope=\"col\" class=\"track\">worse ← → better<small>logarithmic, 10× at the "
               "ends</small></th>"
               "<th scope=\"col\" class=\"words\">Weir is</th></tr></thead>" +
               body + "</table></div>";
    }
    return out + "</section>";
}

} // namespace weir::report
