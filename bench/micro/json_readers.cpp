// SPDX-License-Identifier: GPL-3.0-or-later
#include "micro/json_readers.h"

#include "llm/json_fields.h"
#include "micro/bodies.h"
#include "micro/runner.h"
#include <algorithm>
#include <chrono>
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::micro {

namespace {

using Reader = llm::RequestFacts (*)(const QByteArray &);

/// Time of one reading, averaged over as many as fill `seconds`.
double timeOnce(Reader read, const QByteArray &body, double seconds)
{
    using Clock = std::chrono::steady_clock;
    const auto least = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    const auto begin = Clock::now();
    auto now = begin;
    std::int64_t readings = 0;
    // The clock is read between batches, or it would weigh in on the small bodies.
    constexpr qsizetype BatchBytes = 64 * 1024;
    const qsizetype batch = std::max<qsizetype>(1, BatchBytes / std::max<qsizetype>(1, body.size()));
    do {
        for (qsizetype number = 0; number < batch; ++number)
            benchmark::DoNotOptimize(read(body));
        readings += batch;
        now = Clock::now();
    } while (now - begin < least);
    return std::chrono::duration<double, std::nano>(now - begin).count() / double(readings);
}

report::ArmResult toArm(const char *name, double bytes, const std::vector<double> &runs)
{
    using report::Better;
    report::ArmResult arm;
    arm.arm = name;
    const auto time = median(runs);
    arm.figures.push_back({"time_per_body", "ns", Better::Lower, time, runs});
    const auto rate = time ? std::optional(bytes * 1e9 / *time) : std::nullopt;
    arm.figures.push_back({"throughput", "bytes/s", Better::Higher, rate, {}});
    return arm;
}

} // namespace

llm::RequestFacts readWithSimdjson(const QByteArray &body)
{
    if (body.size() <= llm::ProbeBytesMax)
        return llm::probeRequest(body);
    llm::RequestFacts facts;
    llm::JsonText text({body.constData(), std::size_t(body.size())});
    text.readFields([&facts](std::string_view key, simdjson::ondemand::value field) {
        std::string_view model;
        if (key == "model" && !field.get_string().get(model))
            facts.model = model;
        else if (key == "stream" && field.get_bool().get(facts.stream))
            facts.stream = false;
    });
    return facts;
}

llm::RequestFacts readWithQt(const QByteArray &body)
{
    const QJsonObject object = QJsonDocument::fromJson(body).object();
    llm::RequestFacts facts;
    facts.model = object.value(QLatin1String("model")).toString().toStdString();
    if (facts.model.size() > llm::ModelNameMax)
        facts.model.clear();
    facts.stream = object.value(QLatin1String("stream")).toBool();
    return facts;
}

std::vector<JsonBody> jsonBodies()
{
    return {{"1 KB, one question", chatRequest(Kilobyte)},
            {"48 KB, Claude Code", claudeCodeRequest(48 * Kilobyte)},
            {"400 KB, Claude Code", claudeCodeRequest(400 * Kilobyte)},
            {"10 MB, model last", claudeCodeRequest(10 * Megabyte, ModelAt::Last)}};
}

JsonTimes compareReaders(const JsonBody &body, const JsonEffort &effort, const std::function<bool()> &proceed)
{
    JsonTimes times;
    times.name = body.name;
    times.bytes = double(body.bytes.size());
    const llm::RequestFacts ours = readWithSimdjson(body.bytes);
    const llm::RequestFacts theirs = readWithQt(body.bytes);
    if (ours.model.empty() || ours.model != theirs.model || ours.stream != theirs.stream) {
        times.broken = "simdjson read model \"" + ours.model + "\", QJsonDocument \"" + theirs.model + '"';
        return times;
    }
    for (std::size_t repetition = 0; repetition < effort.repetitions && proceed(); ++repetition) {
        times.simdjsonNs.push_back(timeOnce(readWithSimdjson, body.bytes, effort.seconds));
        times.qtNs.push_back(timeOnce(readWithQt, body.bytes, effort.seconds));
    }
    return times;
}

std::optional<double> ratio(const JsonTimes &times)
{
    std::vector<double> ratios;
    for (std::size_t index = 0; index < std::min(times.qtNs.size(), times.simdjsonNs.size()); ++index)
        ratios.push_back(times.qtNs[index] / times.simdjsonNs[index]);
    return median(std::move(ratios));
}

report::Section toSection(const JsonTimes &times)
{
    report::Section section;
    section.kind = "json";
    section.title = "Reading model and stream out of " + times.name;
    section.parameters = {{"body", times.name}};
    section.arms = {toArm("simdjson", times.bytes, times.simdjsonNs),
                    toArm("qjsondocument", times.bytes, times.qtNs)};
    if (!times.broken.empty()) {
        for (report::ArmResult &arm : section.arms) {
            arm.broken = times.broken;
            arm.failures = 1;
            arm.figures.clear();
        }
    }
    if (times.bytes > double(llm::ProbeBytesMax))
        section.notes.push_back("Weir does not look into a body of this size; measured is its reader, as if "
                                "it did.");
    return section;
}

} // namespace weir::micro
