// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/thresholds.h"
#include "report/numbers.h"
#include "report/ratios.h"
#include "report/text.h"
#include <algorithm>
#include <cmath>
#include <toml++/toml.h>

namespace weir::report {

namespace {

base::Unexpected invalid(const toml::node &node, const std::string &what)
{
    return base::unexpected(base::Errc::ConfigInvalid,
                            "line " + std::to_string(node.source().begin.line) + ": " + what);
}

/// "64" of 64 and of "64".
std::optional<std::string> parameterText(const toml::node &node)
{
    if (const auto text = node.value_exact<std::string>())
        return text;
    if (const auto number = node.value_exact<std::int64_t>())
        return std::to_string(*number);
    return std::nullopt;
}

base::Result<void> readParameters(const toml::node &node, Threshold &threshold)
{
    const toml::table *const table = node.as_table();
    if (!table)
        return invalid(node, "parameters takes a table such as { concurrency = 10 }");
    for (const auto &[key, value] : *table) {
        const auto text = parameterText(value);
        if (!text)
            return invalid(value, std::string(key.str()) + " takes text or a whole number");
        threshold.parameters.emplace_back(key.str(), *text);
    }
    return {};
}

base::Result<void> readKey(std::string_view key, const toml::node &node, Threshold &threshold)
{
    const std::pair<std::string_view, std::string *> texts[]{{"section", &threshold.kind},
                                                             {"figure", &threshold.figure},
                                                             {"arm", &threshold.arm},
                                                             {"against", &threshold.against},
                                                             {"reason", &threshold.reason}};
    for (const auto &[name, field] : texts) {
        if (key != name)
            continue;
        const auto text = node.value_exact<std::string>();
        if (!text || text->empty())
            return invalid(node, std::string(key) + " takes a text that is not empty");
        *field = *text;
        return {};
    }
    if (key == "parameters")
        return readParameters(node, threshold);
    if (key != "at_least" && key != "at_most")
        return invalid(
            node, "there is no key \"" + std::string(key) +
                      "\"; there are section, parameters, figure, arm, against, at_least, at_most, reason");
    const auto bound = node.is_number() ? node.value<double>() : std::nullopt;
    if (!bound || !std::isfinite(*bound) || !(*bound > 0))
        return invalid(node, std::string(key) + " takes a number above zero");
    (key == "at_least" ? threshold.atLeast : threshold.atMost) = *bound;
    return {};
}

base::Result<Threshold> readThreshold(const toml::table &table)
{
    Threshold threshold;
    for (const auto &[key, node] : table) {
        if (const auto read = readKey(key.str(), node, threshold); !read)
            return base::Unexpected{read.error()};
    }
    for (const auto &[name, text] : {std::pair{"section", &threshold.kind},
                                     {"figure", &threshold.figure},
                                     {"arm", &threshold.arm},
                                     {"against", &threshold.against},
                                     {"reason", &threshold.reason}}) {
        if (text->empty())
            return invalid(table, std::string(name) + " is missing");
    }
    if (threshold.atLeast.has_value() == threshold.atMost.has_value())
        return invalid(table, "a threshold has either at_least or at_most");
    if (threshold.arm == threshold.against)
        return invalid(table, "arm and against are the same");
    return threshold;
}

bool matches(const Threshold &threshold, const Section &section)
{
    return section.kind == threshold.kind &&
           std::all_of(threshold.parameters.begin(), threshold.parameters.end(),
                       [&section](const auto &wanted) {
                           return std::find(section.parameters.begin(), section.parameters.end(), wanted) !=
                                  section.parameters.end();
                       });
}

/// The ratio, or why there is none.
std::optional<double> read(const Section &section, const Threshold &threshold, std::string &trouble)
{
    const ArmResult *arms[2]{};
    const std::string *const names[2]{&threshold.arm, &threshold.against};
    for (int side = 0; side < 2; ++side) {
        arms[side] = findArm(section, *names[side]);
        if (!arms[side])
            trouble = *names[side] + " took no part";
        else if (!arms[side]->broken.empty())
            trouble = *names[side] + " is broken: " + arms[side]->broken;
        else if (!findFigure(*arms[side], threshold.figure))
            trouble = *names[side] + " has no figure \"" + threshold.figure + "\"";
        else if (!valueOf(*arms[side], threshold.figure))
            trouble = *names[side] + " has too few samples for " + threshold.figure;
        if (!trouble.empty())
            return std::nullopt;
    }
    const double own = *valueOf(*arms[0], threshold.figure);
    const double other = *valueOf(*arms[1], threshold.figure);
    if (!(own > 0) || !(other > 0)) {
        trouble = "a ratio needs two values above zero";
        return std::nullopt;
    }
    return own / other;
}

Outcome evaluate(const Threshold &threshold, const Report &report)
{
    Outcome outcome{threshold, std::nullopt, {}, true};
    const auto section =
        std::find_if(report.sections.begin(), report.sections.end(),
                     [&threshold](const Section &candidate) { return matches(threshold, candidate); });
    if (section == report.sections.end()) {
        outcome.trouble = "the run has no such section";
        return outcome;
    }
    outcome.value = read(*section, threshold, outcome.trouble);
    if (outcome.value)
        outcome.isBroken =
            threshold.atLeast ? *outcome.value < *threshold.atLeast : *outcome.value > *threshold.atMost;
    return outcome;
}

} // namespace

base::Result<std::vector<Threshold>> parseThresholds(std::string_view toml)
{
    toml::table root;
    try {
        root = toml::parse(toml);
    } catch (const toml::parse_error &error) { // the library's way to say it; ours is a value
        return base::unexpected(base::Errc::ConfigInvalid, "line " +
                                                               std::to_string(error.source().begin.line) +
                                                               ": " + std::string(error.description()));
    }
    for (const auto &[key, node] : root) {
        if (key.str() != "threshold")
            return invalid(node, "there is no key \"" + std::string(key.str()) +
                                     "\"; there are [[threshold]] tables");
    }
    const toml::node *const node = root.get("threshold");
    if (!node)
        return base::unexpected(base::Errc::ConfigInvalid,
                                "there is no [[threshold]]: nothing would be checked");
    const toml::array *const list = node->as_array();
    if (!list)
        return invalid(*node, "threshold takes [[threshold]] tables");
    if (list->size() > ThresholdsMax)
        return invalid(*node, "more than " + std::to_string(ThresholdsMax) + " thresholds");
    std::vector<Threshold> thresholds;
    for (const toml::node &entry : *list) {
        if (!entry.is_table())
            return invalid(entry, "threshold takes [[threshold]] tables");
        base::Result<Threshold> threshold = readThreshold(*entry.as_table());
        if (!threshold)
            return base::Unexpected{threshold.error()};
        thresholds.push_back(std::move(*threshold));
    }
    if (thresholds.empty())
        return invalid(*node, "there is no [[threshold]]: nothing would be checked");
    return thresholds;
}

std::string describe(const Threshold &threshold)
{
    std::string text =
        threshold.arm + " / " + threshold.against + ", " + threshold.figure + ", " + threshold.kind;
    for (const auto &[name, value] : threshold.parameters)
        text += " " + name + " " + value;
    return text;
}

double Outcome::margin() const
{
    if (!value)
        return 0;
    return threshold.atLeast ? *value / *threshold.atLeast - 1 : 1 - *value / *threshold.atMost;
}

std::vector<Outcome> evaluate(const std::vector<Threshold> &thresholds, const Report &report)
{
    std::vector<Outcome> outcomes;
    for (const Threshold &threshold : thresholds)
        outcomes.push_back(evaluate(threshold, report));
    return outcomes;
}

bool anyBroken(const std::vector<Outcome> &outcomes)
{
    return std::any_of(outcomes.begin(), outcomes.end(),
                       [](const Outcome &outcome) { return outcome.isBroken; });
}

bool CheckResult::hasFailed() const
{
    for (std::size_t index = 0; index < std::min(first.size(), second.size()); ++index) {
        if (first[index].isBroken && second[index].isBroken)
            return true;
    }
    return false;
}

base::Result<CheckResult> check(const std::vector<Threshold> &thresholds,
                                const std::function<base::Result<Report>()> &measure)
{
    CheckResult result;
    for (std::vector<Outcome> *const outcomes : {&result.first, &result.second}) {
        base::Result<Report> report = measure();
        if (!report)
            return base::Unexpected{report.error()};
        *outcomes = evaluate(thresholds, *report);
        result.reports.push_back(std::move(*report));
        if (!anyBroken(*outcomes))
            break;
    }
    return result;
}

std::string toText(const std::vector<Outcome> &outcomes, int columns)
{
    std::string out;
    for (const Outcome &outcome : outcomes) {
        const Threshold &threshold = outcome.threshold;
        addWrapped(out, outcome.isBroken ? "BROKEN  " : "ok      ", describe(threshold), columns);
        std::string bound = threshold.atLeast ? "at least " + ratioText(*threshold.atLeast)
                                              : "at most " + ratioText(*threshold.atMost);
        if (outcome.value)
            addWrapped(out, "        ",
                       ratioText(*outcome.value) + ", " + bound + ", margin " + percentText(outcome.margin()),
                       columns);
        else
            addWrapped(out, "        ", bound + ", but " + outcome.trouble, columns);
        if (outcome.isBroken)
            addWrapped(out, "        ", threshold.reason, columns);
    }
    return out;
}

} // namespace weir::report
