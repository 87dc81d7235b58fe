// SPDX-License-Identifier: GPL-3.0-or-later
#include "micro/json_readers.h"

#include "llm/body_bytes.h"
#include "llm/json_edit.h"
#include "llm/json_string.h"
#include "llm/model_rule.h"
#include "llm/model_stream.h"
#include "micro/bodies.h"
#include "micro/runner.h"
#include <algorithm>
#include <chrono>
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::micro {

namespace {

/// Time of one reading, averaged over as many as fill `seconds`.
template<typename Reader>
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
    const std::string_view json = llm::viewOf(body);
    llm::JsonProbe probe = llm::probeJson(json);
    return {std::move(probe.modelName).value_or(std::string()),
            llm::boolAt(json, probe.stream).value_or(false)};
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

namespace {

const llm::ModelRules &rules()
{
    static const llm::ModelRules rules{
        {{"gpt-5*", "none", ""}, {"claude-sonnet-*", std::string(OtherModel), ""}}, {}};
    return rules;
}

/// Keeps what passes, its model changed.
class Passed final : public llm::ModelStream::Output
{
public:
    void onBytes(QByteArray bytes) override { pieces.push_back(std::move(bytes)); }
    std::optional<std::string> onModel(std::string_view model) override
    {
        const auto choice = llm::chooseModel(rules(), model);
        return choice ? std::optional(std::string(choice->model)) : std::nullopt;
    }
    std::optional<std::string> onNoModel() override { return std::nullopt; }
    std::vector<QByteArray> pieces;
};

} // namespace

std::vector<QByteArray> changeHeld(const QByteArray &body)
{
    const llm::JsonProbe probe = llm::probeJson(llm::viewOf(body));
    const auto choice = llm::chooseModel(rules(), probe);
    if (!choice)
        return {};
    llm::JsonEdit edit(body);
    edit.replace(probe.model, llm::jsonString(choice->model));
    return edit.pieces();
}

std::vector<QByteArray> changePassing(const QByteArray &body)
{
    constexpr qsizetype SocketRead = 64 * 1024;
    Passed passed;
    llm::ModelStream stream(passed);
    for (qsizetype at = 0; at < body.size(); at += SocketRead)
        stream.feed(llm::sliceOf(body, std::size_t(at), std::size_t(std::min(SocketRead, body.size() - at))));
    stream.finish();
    return std::move(passed.pieces);
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
        times.heldNs.push_back(timeOnce(changeHeld, body.bytes, effort.seconds));
        times.passingNs.push_back(timeOnce(changePassing, body.bytes, effort.seconds));
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
                    toArm("qjsondocument", times.bytes, times.qtNs),
                    toArm("change, held", times.bytes, times.heldNs),
                    toArm("change, passing", times.bytes, times.passingNs)};
    if (!times.broken.empty()) {
        for (report::ArmResult &arm : section.arms) {
            arm.broken = times.broken;
            arm.failures = 1;
            arm.figures.clear();
        }
    }
    section.notes.push_back(
        "\"change\": a rule changes the model; held, the body is read, the rule chosen and "
        "the edit made; passing, all of it in one pass over pieces of 64 KB.");
    if (times.bytes > double(llm::ProbeBytesMax))
        section.notes.push_back("Without a rule Weir does not look into a body of this size.");
    return section;
}

} // namespace weir::micro
