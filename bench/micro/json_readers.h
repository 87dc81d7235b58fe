// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/request_probe.h"
#include "report/report.h"
#include <functional>
#include <optional>
#include <QByteArray>
#include <string>
#include <vector>

namespace weir::micro {

/// What Weir does with a body that it holds, of any size: llm::probeJson().
llm::RequestFacts readWithSimdjson(const QByteArray &body);
/// The same facts out of QJsonDocument.
llm::RequestFacts readWithQt(const QByteArray &body);
/// The model that BodyModel stands for in the two below.
inline constexpr std::string_view OtherModel = "glm-4.6";
/// What the steps do to a body that is held, of which a rule changes the model: read it, choose, edit in
/// place. What is to be sent, in pieces that share the body.
std::vector<QByteArray> changeHeld(const QByteArray &body);
/// The same while a body passes that is too large to be held, in one pass.
std::vector<QByteArray> changePassing(const QByteArray &body);

struct JsonBody
{
    std::string name; ///< "48 KB, Claude Code"
    QByteArray bytes;
};
/// The bodies that are compared, smallest first.
std::vector<JsonBody> jsonBodies();

/// One body's times, one value per repetition, in turns: simdjson, Qt, changeHeld(), changePassing().
struct JsonTimes
{
    std::string name;
    double bytes = 0;
    std::vector<double> simdjsonNs;
    std::vector<double> qtNs;
    std::string broken; ///< the readers disagree: nothing was timed
    std::vector<double> heldNs;
    std::vector<double> passingNs;
};

struct JsonEffort
{
    std::size_t repetitions = 9;
    double seconds = 0.03; ///< of each repetition of each reader, at least
};

/// Checks that both read the same values, then times them. `proceed()` comes before each repetition; false
/// ends it there, with what was measured.
JsonTimes compareReaders(const JsonBody &body, const JsonEffort &effort,
                         const std::function<bool()> &proceed);

/// How many times the time of simdjson Qt takes: the median of the ratios of neighbouring repetitions.
std::optional<double> ratio(const JsonTimes &times);

/// One section per body with the arms "simdjson", "qjsondocument", "change, held" and "change, passing".
report::Section toSection(const JsonTimes &times);

} // namespace weir::micro
