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

/// What Weir does with a body: llm::probeRequest(). Above llm::ProbeBytesMax, where Weir does not look, the
/// same reader as if it did.
llm::RequestFacts readWithSimdjson(const QByteArray &body);
/// The same facts out of QJsonDocument.
llm::RequestFacts readWithQt(const QByteArray &body);

struct JsonBody
{
    std::string name; ///< "48 KB, Claude Code"
    QByteArray bytes;
};
/// The bodies that are compared, smallest first.
std::vector<JsonBody> jsonBodies();

/// One body's times, one value per repetition, in turns: simdjson, Qt, simdjson, Qt.
struct JsonTimes
{
    std::string name;
    double bytes = 0;
    std::vector<double> simdjsonNs;
    std::vector<double> qtNs;
    std::string broken; ///< the readers disagree: nothing was timed
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

/// One section per body with the arms "simdjson" and "qjsondocument".
report::Section toSection(const JsonTimes &times);

} // namespace weir::micro
