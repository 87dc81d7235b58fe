// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/compare.h"
#include "commands/experiments.h"
#include <algorithm>

namespace weir::bench {

namespace {

const QStringList Parts{QStringLiteral("throughput"), QStringLiteral("latency"), QStringLiteral("stream")};
const QStringList Transports{QStringLiteral("auto"), QStringLiteral("direct"), QStringLiteral("qnam")};

/// So much longer than requests streams are measured: at one every 5 ms it takes six seconds until the lags
/// of a single stream have a 99th percentile.
constexpr double StreamsLonger = 3;

struct Plan
{
    QStringList parts;
    std::vector<std::size_t> concurrencies;
    std::vector<std::size_t> streams;
    double seconds = 2;
    double rate = 500;
    double timeoutSeconds = 30;
    int runs = 3;
    std::size_t promptBytes = 2000;
};

/// The plan, or nothing after complaining.
std::optional<Plan> readPlan(Command &command)
{
    Plan plan;
    const auto concurrencies = command.numbers("concurrency", 1, 10'000);
    const auto streams = concurrencies ? command.numbers("streams", 1, 10'000) : std::nullopt;
    const auto seconds = streams ? command.seconds("seconds", 0.1, 3600) : std::nullopt;
    const auto rate = seconds ? command.number("rate", 1, 1e6) : std::nullopt;
    const auto runs = rate ? command.number("runs", 1, 100) : std::nullopt;
    if (!runs)
        return std::nullopt;
    plan.parts = command.text("only").split(QLatin1Char(','));
    for (const QString &part : std::as_const(plan.parts)) {
        if (Parts.contains(part))
            continue;
        command.refuse(QStringLiteral("--only takes %1 or several of them separated by commas, not \"%2\".")
                           .arg(Parts.join(QStringLiteral(", ")), part));
        return std::nullopt;
    }
    const QString transport = command.text("transport");
    if (!transport.isEmpty() && !Transports.contains(transport)) {
        command.refuse(QStringLiteral("--transport takes %1, not \"%2\".")
                           .arg(Transports.join(QStringLiteral(", ")), transport));
        return std::nullopt;
    }
    plan.concurrencies = *concurrencies;
    plan.streams = *streams;
    plan.seconds = *seconds;
    plan.rate = *rate;
    plan.runs = int(*runs);
    plan.timeoutSeconds = *command.seconds("timeout", 0.1, 3600);
    plan.promptBytes = std::size_t(*command.number("body", 0, 64e6));
    return plan;
}

/// Those that are installed, if none was named; who is missing is said in `notes`.
void choosePeers(subjects::RigPlan &rig, std::vector<std::string> &notes)
{
    if (!rig.peers.empty())
        return;
    for (const subjects::KnownPeer &peer : subjects::knownPeers()) {
        const std::string name(peer.name);
        if (subjects::findProgram(name).empty())
            notes.push_back(name + " is not installed and was left out (Debian: apt-get install " +
                            std::string(peer.package) + ").");
        else if (auto choice = subjects::readPeer(name))
            rig.peers.push_back(std::move(*choice));
    }
}

report::Section sectionOf(const Plan &plan, const char *kind, std::string title)
{
    report::Section section;
    section.kind = kind;
    section.title = std::move(title);
    section.parameters = {{"body", std::to_string(plan.promptBytes)}};
    return section;
}

base::Result<void> compareThroughput(Command &command, const Comparison &comparison, const Plan &plan)
{
    for (const std::size_t concurrency : plan.concurrencies) {
        auto section =
            sectionOf(plan, "throughput", "Throughput, " + std::to_string(concurrency) + " at a time");
        section.parameters.emplace_back("concurrency", std::to_string(concurrency));
        ClosedExperiment experiment;
        experiment.concurrency = concurrency;
        experiment.seconds = plan.seconds;
        experiment.timeoutSeconds = plan.timeoutSeconds;
        experiment.shape.promptBytes = plan.promptBytes;
        if (const auto measured =
                comparison.measure(command.report(), std::move(section), closedLoop(command, experiment));
            !measured)
            return measured;
    }
    return {};
}

base::Result<void> compareLatency(Command &command, const Comparison &comparison, const Plan &plan)
{
    const std::string rate = QString::number(plan.rate).toStdString();
    auto section = sectionOf(plan, "latency", "Latency at " + rate + " requests per second");
    section.parameters.emplace_back("rate", rate);
    section.notes.push_back("Open loop: latency counts from the intended time of each request; the arms take "
                            "turns every half second.");
    OpenExperiment experiment;
    experiment.rate = plan.rate;
    experiment.seconds = plan.seconds;
    experiment.timeoutSeconds = plan.timeoutSeconds;
    experiment.shape.promptBytes = plan.promptBytes;
    return comparison.measure(command.report(), std::move(section), openLoop(command, experiment));
}

base::Result<void> compareStreams(Command &command, const Comparison &comparison, const Plan &plan)
{
    for (const std::size_t streams : plan.streams) {
        StreamExperiment experiment;
        experiment.streams = streams;
        experiment.seconds = plan.seconds * StreamsLonger;
        experiment.timeoutSeconds = plan.timeoutSeconds;
        experiment.promptBytes = plan.promptBytes;
        auto section = sectionOf(plan, "stream",
                                 std::to_string(streams) + (streams == 1 ? " stream" : " streams") +
                                     ", a chunk every " + std::to_string(experiment.gapMs) + " ms");
        section.parameters.emplace_back("streams", std::to_string(streams));
        section.parameters.emplace_back("gap_ms", std::to_string(experiment.gapMs));
        section.parameters.emplace_back("chunks", std::to_string(experiment.chunks));
        if (const auto measured =
                comparison.measure(command.report(), std::move(section), streamLoop(command, experiment));
            !measured)
            return measured;
    }
    return {};
}

} // namespace

int compare(const QStringList &arguments)
{
    Command command(
        "compare",
        "Measures Weir, the upstream without it, and other proxies side by side. Without --peer: nginx, "
        "haproxy "
        "and caddy, as far as they are installed.",
        {{"only", "Only these parts of throughput, latency and stream, separated by commas.", "PARTS",
          "throughput,latency,stream"},
         {"concurrency", "Requests at a time, separated by commas.", "LIST", "1,10,64,256", "1,64"},
         {"streams", "Event streams at a time, separated by commas.", "LIST", "1,50"},
         {"rate", "Requests per second of the open loop.", "N", "500"},
         {"seconds", "How long each run of an arm lasts.", "SECONDS", "2", "0.5"},
         {"runs", "Runs of each arm, by turns; their median is told.", "N", "3", "1"},
         {"transport", "How each Weir reaches the provider: auto, direct or qnam.", "NAME", ""}});
    if (const auto code = command.read(arguments))
        return *code;
    const auto plan = readPlan(command);
    if (!plan)
        return UsageError;
    std::vector<std::string> notes;
    choosePeers(command.plan(), notes);
    if (const QString transport = command.text("transport"); !transport.isEmpty()) {
        for (subjects::WeirChoice &weir : command.plan().weirs)
            weir.settings.push_back("provider.sim.transport=" + transport.toStdString());
    }
    if (const auto code = command.start())
        return *code;

    const Comparison comparison({command.subjects(), [&command] { return command.rig().troubles(); },
                                 [&command] { return command.isStopped(); }, plan->runs});
    base::Result<void> measured;
    if (plan->parts.contains(QLatin1String("throughput")))
        measured = compareThroughput(command, comparison, *plan);
    if (measured && plan->parts.contains(QLatin1String("latency")))
        measured = compareLatency(command, comparison, *plan);
    if (measured && plan->parts.contains(QLatin1String("stream")))
        measured = compareStreams(command, comparison, *plan);
    if (!command.report().sections.empty()) {
        auto &first = command.report().sections.front().notes;
        first.insert(first.end(), notes.begin(), notes.end());
    }
    const int code = command.finish(); // what was measured until then is shown in any case
    return measured ? code : command.fail(measured.error());
}

} // namespace weir::bench
