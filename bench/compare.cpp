// SPDX-License-Identifier: GPL-3.0-or-later
#include "compare.h"
#include "load/run.h"
#include "simulate.h"
#include "subject.h"
#include <array>
#include <cstdio>
#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDateTime>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSysInfo>
#include <thread>
#include <unistd.h>

namespace weir::bench {

namespace {

constexpr int Failure = 1;
/// Of the JSON file; raised when a field changes its meaning.
constexpr int SchemaVersion = 1;
constexpr std::array Shares{0.5, 0.95, 0.99, 0.999, 1.0};
constexpr std::array ShareNames{"p50", "p95", "p99", "p99.9", "max"};

int complain(int code, const QString &what)
{
    std::fprintf(stderr, "weir-bench: %s\n", qPrintable(what));
    return code;
}

/// A small chat request as an SDK sends it; `padding` bytes of prompt.
std::string makeRequest(int padding)
{
    const std::string body = R"({"model":"sim-ok","max_tokens":64,"messages":[{"role":"user","content":")" +
                             std::string(std::size_t(padding), 'x') + "\"}]}";
    return "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: bench\r\nanthropic-version: "
           "2023-06-01\r\n"
           "Content-Type: application/json\r\nUser-Agent: weir-bench\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

QString micros(std::optional<std::int64_t> nanos)
{
    return nanos ? QString::number(double(*nanos) / 1000, 'f', 0) : QStringLiteral("–");
}

QJsonObject describeArm(const char *name, const load::RequestResult &arm)
{
    QJsonObject object{{QStringLiteral("name"), QString::fromLatin1(name)},
                       {QStringLiteral("samples"), qint64(arm.latency.count())},
                       {QStringLiteral("failures"), qint64(arm.failures.count)}};
    for (std::size_t index = 0; index < Shares.size(); ++index) {
        if (const auto value = arm.latency.percentile(Shares[index]))
            object[QString::fromLatin1(ShareNames[index]) + QStringLiteral("_ns")] = qint64(*value);
    }
    QJsonArray raw;
    for (const load::Bucket &bucket : arm.latency.distribution())
        raw.append(QJsonArray{qint64(bucket.upTo), qint64(bucket.count)});
    object[QStringLiteral("buckets_ns")] = raw;
    return object;
}

QJsonObject describeRun(const char *kind)
{
    return {{QStringLiteral("schema"), SchemaVersion},
            {QStringLiteral("kind"), QString::fromLatin1(kind)},
            {QStringLiteral("date"), QDateTime::currentDateTimeUtc().toString(Qt::ISODate)},
            {QStringLiteral("version"), QStringLiteral(WEIR_VERSION)},
            {QStringLiteral("machine"),
             QJsonObject{{QStringLiteral("os"), QSysInfo::prettyProductName()},
                         {QStringLiteral("kernel"), QSysInfo::kernelVersion()},
                         {QStringLiteral("cpu"), QSysInfo::currentCpuArchitecture()},
                         {QStringLiteral("threads"), int(std::thread::hardware_concurrency())}}}};
}

/// Options that both subcommands have, and the subject they start.
class Command
{
public:
    explicit Command(const char *description)
    {
        m_parser.setApplicationDescription(QString::fromUtf8(description));
        m_parser.addOptions(
            {{QStringLiteral("seconds"), QStringLiteral("How long each arm is measured."),
              QStringLiteral("N"), QStringLiteral("10")},
             {QStringLiteral("body"), QStringLiteral("Bytes of prompt in each request."), QStringLiteral("N"),
              QStringLiteral("2000")},
             {QStringLiteral("weir"), QStringLiteral("The weir-headless to measure."), QStringLiteral("FILE"),
              QCoreApplication::applicationDirPath() + QStringLiteral("/weir-headless")},
             {QStringLiteral("json"), QStringLiteral("Write everything measured to FILE."),
              QStringLiteral("FILE")},
             {QStringLiteral("help"), QStringLiteral("Show this help.")}});
    }

    QCommandLineParser &parser() { return m_parser; }

    /// The exit code if there is nothing to run.
    std::optional<int> read(const QStringList &arguments)
    {
        if (!m_parser.parse(arguments))
            return complain(UsageError, m_parser.errorText());
        if (m_parser.isSet(QStringLiteral("help"))) {
            std::fputs(qPrintable(m_parser.helpText()), stdout);
            return 0;
        }
        if (!m_parser.positionalArguments().isEmpty())
            return complain(
                UsageError,
                QStringLiteral("\"%1\" is not an option.").arg(m_parser.positionalArguments().constFirst()));
        return std::nullopt;
    }

    /// A number of at least `least`, or nothing after complaining.
    std::optional<double> number(const char *name, double least)
    {
        const QString text = m_parser.value(QString::fromLatin1(name));
        bool isNumber = false;
        const double value = text.toDouble(&isNumber);
        if (isNumber && value >= least)
            return value;
        complain(UsageError, QStringLiteral("--%1 takes a number of at least %2, not \"%3\".")
                                 .arg(QString::fromLatin1(name))
                                 .arg(least)
                                 .arg(text));
        return std::nullopt;
    }

    std::optional<int> startSubject()
    {
        const auto started = subject.start(m_parser.value(QStringLiteral("weir")));
        if (!started)
            return complain(Failure, QString::fromStdString(base::describe(started.error())));
        return std::nullopt;
    }

    /// Writes the report where --json says; the exit code.
    int write(const QJsonObject &report)
    {
        const QString name = m_parser.value(QStringLiteral("json"));
        if (name.isEmpty())
            return 0;
        QFile file(name);
        const QByteArray json = QJsonDocument(report).toJson(QJsonDocument::Compact);
        if (!file.open(QIODevice::WriteOnly) || file.write(json) != json.size())
            return complain(Failure, QStringLiteral("cannot write %1: %2").arg(name, file.errorString()));
        return 0;
    }

    Subject subject;

private:
    QCommandLineParser m_parser;
};

void printLatency(const load::RequestResult &direct, const load::RequestResult &weir)
{
    std::printf("%-8s %10s", "µs", "n");
    for (const char *name : ShareNames)
        std::printf(" %9s", name);
    std::printf(" %9s\n", "failed");
    for (const load::RequestResult *arm : {&direct, &weir}) {
        std::printf("%-7s %10zu", arm == &direct ? "direct" : "weir", std::size_t(arm->latency.count()));
        for (const double share : Shares)
            std::printf(" %9s", qUtf8Printable(micros(arm->latency.percentile(share))));
        std::printf(" %9zu\n", std::size_t(arm->failures.count));
    }
    std::printf("%-7s %10s", "added", "");
    for (const double share : Shares) {
        const auto with = weir.latency.percentile(share);
        const auto without = direct.latency.percentile(share);
        // A difference of two maxima says nothing.
        const bool isMeaningful = with && without && share < 1;
        std::printf(" %9s",
                    qUtf8Printable(micros(isMeaningful ? std::optional(*with - *without) : std::nullopt)));
    }
    std::printf("\n");
}

} // namespace

int latency(QStringList arguments)
{
    Command command("Measures what Weir adds to a request: open loop, direct and through Weir by turns.");
    command.parser().addOption({QStringLiteral("rate"), QStringLiteral("Requests per second."),
                                QStringLiteral("N"), QStringLiteral("200")});
    if (const auto code = command.read(arguments))
        return *code;
    load::OpenLoop plan;
    const auto seconds = command.number("seconds", 1);
    const auto rate = command.number("rate", 1);
    const auto body = command.number("body", 0);
    if (!seconds || !rate || !body)
        return UsageError;
    plan.seconds = *seconds;
    plan.rate = {{0, *rate}};
    if (const auto code = command.startSubject())
        return *code;

    const std::string request = makeRequest(int(*body));
    const std::array targets{load::Target{"direct", "127.0.0.1", command.subject.directPort(), request},
                             load::Target{"weir", "127.0.0.1", command.subject.weirPort(), request}};
    // Connections, caches and clocks of the processor are warm before anything counts.
    load::OpenLoop warm = plan;
    warm.seconds = 1;
    const bool isTerminal = ::isatty(STDERR_FILENO) != 0;
    load::Control control;
    control.progress = [isTerminal](double share) {
        if (isTerminal && share < 1)
            std::fprintf(stderr, "\r%3.0f %%", share * 100);
        else if (isTerminal)
            std::fputs("\r      \r", stderr);
    };
    const auto warmed = load::runOpenLoop(warm, targets, {});
    const auto ran = warmed ? load::runOpenLoop(plan, targets, control) : warmed;
    if (!ran)
        return complain(Failure, QString::fromStdString(base::describe(ran.error())));
    const load::RequestResult &direct = ran->front();
    const load::RequestResult &weir = ran->back();
    printLatency(direct, weir);

    QJsonObject report = describeRun("latency");
    report[QStringLiteral("rate_per_second")] = *rate;
    report[QStringLiteral("seconds")] = plan.seconds;
    report[QStringLiteral("body_bytes")] = *body;
    report[QStringLiteral("weir_rss_bytes")] = qint64(command.subject.weirRssBytes());
    report[QStringLiteral("arms")] = QJsonArray{describeArm("direct", direct), describeArm("weir", weir)};
    const int written = command.write(report);
    return direct.failures.count + weir.failures.count > 0 ? Failure : written;
}

int throughput(QStringList arguments)
{
    Command command(
        "Measures requests per second with a fixed number always in flight, direct and through Weir.");
    if (const auto code = command.read(arguments))
        return *code;
    const auto seconds = command.number("seconds", 1);
    const auto body = command.number("body", 0);
    if (!seconds || !body)
        return UsageError;
    if (const auto code = command.startSubject())
        return *code;

    const std::string request = makeRequest(int(*body));
    QJsonArray rows;
    std::printf("%11s %14s %14s %8s %16s\n", "concurrency", "direct req/s", "weir req/s", "ratio",
                "weir CPU µs/req");
    for (const std::size_t concurrency : {1, 10, 50, 100}) {
        load::ClosedLoop plan;
        plan.concurrency = concurrency;
        plan.seconds = *seconds;
        const auto direct =
            load::runClosedLoop(plan, {"direct", "127.0.0.1", command.subject.directPort(), request}, {});
        const double cpuBefore = command.subject.weirCpuSeconds();
        const auto weir =
            load::runClosedLoop(plan, {"weir", "127.0.0.1", command.subject.weirPort(), request}, {});
        const double cpu = command.subject.weirCpuSeconds() - cpuBefore;
        if (!direct || !weir)
            return complain(Failure,
                            QString::fromStdString(base::describe((direct ? weir : direct).error())));
        if (direct->failures.count + weir->failures.count > 0)
            return complain(
                Failure, QStringLiteral("%1 direct and %2 Weir requests failed; nothing is shown for them.")
                             .arg(direct->failures.count)
                             .arg(weir->failures.count));
        const double cpuMicros = cpu * 1e6 / double(weir->latency.count());
        std::printf("%11zu %14.0f %14.0f %8.2f %16.0f\n", concurrency, direct->perSecond(), weir->perSecond(),
                    weir->perSecond() / direct->perSecond(), cpuMicros);
        std::fflush(stdout);
        rows.append(QJsonObject{{QStringLiteral("concurrency"), qint64(concurrency)},
                                {QStringLiteral("direct_per_second"), direct->perSecond()},
                                {QStringLiteral("weir_per_second"), weir->perSecond()},
                                {QStringLiteral("weir_cpu_us_per_request"), cpuMicros},
                                {QStringLiteral("arms"),
                                 QJsonArray{describeArm("direct", *direct), describeArm("weir", *weir)}}});
    }
    QJsonObject report = describeRun("throughput");
    report[QStringLiteral("seconds")] = *seconds;
    report[QStringLiteral("body_bytes")] = *body;
    report[QStringLiteral("weir_rss_bytes")] = qint64(command.subject.weirRssBytes());
    report[QStringLiteral("rows")] = rows;
    return command.write(report);
}

} // namespace weir::bench
