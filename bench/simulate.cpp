// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulate.h"

#include "commands/exit_code.h"
#include "request_log.h"
#include "simulator/behaviour.h"
#include "simulator/simulator.h"
#include "stop_signals.h"
#include <array>
#include <cstdio>
#include <limits>
#include <optional>
#include <QCommandLineParser>
#include <QCoreApplication>
#include <QFile>
#include <QHostAddress>

namespace weir::bench {

namespace {

struct Settings
{
    simulator::Options options;
    QString certificateFile;
    QString logFile;
    bool logBodies = false;
};

int complain(int exitCode, const QString &sentence)
{
    std::fprintf(stderr, "weir-bench simulate: %s\n", qPrintable(sentence));
    return exitCode;
}

void addOptions(QCommandLineParser &parser)
{
    const auto add = [&parser](const char *name, const char *description, const char *value = nullptr,
                               const char *standard = nullptr) {
        QCommandLineOption option(QString::fromLatin1(name), QString::fromLatin1(description));
        if (value)
            option.setValueName(QString::fromLatin1(value));
        if (standard)
            option.setDefaultValue(QString::fromLatin1(standard));
        parser.addOption(option);
    };
    add("port", "Listen there; 0 takes any free one.", "PORT", "0");
    add("address", "IP address to listen on.", "ADDRESS", "127.0.0.1");
    add("tls", "Speak TLS with a certificate made at start.");
    add("tls-fault", "What is wrong with TLS: expired, wrong-host, self-signed-unknown, stall or close.",
        "FAULT");
    add("no-http2", "Speak HTTP/1.1 only.");
    add("chunks", "Content events of a streamed reply.", "COUNT", "20");
    add("gap-ms", "Time between two of them.", "MS", "20");
    add("first-byte-ms", "Time before a reply.", "MS", "0");
    add("streams", "Concurrent streams that an HTTP/2 connection is told.", "COUNT", "128");
    add("read-kbps", "kB of requests read per second and connection; 0 reads as fast as they come.", "KBPS",
        "0");
    add("body-max", "Largest request body in bytes.", "BYTES", "67108864");
    add("require-key", "Answer 401 to requests without a credential.");
    add("cert-out", "Write the certificate there, to be trusted by callers; needs --tls.", "FILE");
    add("log", "Append one JSON line per served request to this file.", "FILE");
    add("log-bodies", "Log whole request bodies (base64), not only their SHA-256.");
    parser.addOption({{QStringLiteral("h"), QStringLiteral("help")}, QStringLiteral("Show this help.")});
}

/// A number from `least` to `most`, or nothing after complaining.
std::optional<int> readNumber(const QCommandLineParser &parser, const char *name, std::int64_t least,
                              std::int64_t most)
{
    const QString text = parser.value(QString::fromLatin1(name));
    bool isNumber = false;
    const qlonglong value = text.toLongLong(&isNumber);
    if (isNumber && value >= least && value <= most)
        return int(value);
    complain(UsageError, QStringLiteral("--%1 takes a number from %2 to %3, not \"%4\".")
                             .arg(QString::fromLatin1(name))
                             .arg(least)
                             .arg(most)
                             .arg(text));
    return std::nullopt;
}

struct TlsFaultName
{
    const char *name;
    simulator::TlsFault fault;
};

constexpr std::array TlsFaultNames{
    TlsFaultName{"", simulator::TlsFault::None},
    TlsFaultName{"expired", simulator::TlsFault::Expired},
    TlsFaultName{"wrong-host", simulator::TlsFault::WrongHost},
    TlsFaultName{"self-signed-unknown", simulator::TlsFault::Unknown},
    TlsFaultName{"stall", simulator::TlsFault::Stall},
    TlsFaultName{"close", simulator::TlsFault::Close},
};

std::optional<simulator::TlsFault> tlsFaultNamed(const QString &name)
{
    for (const TlsFaultName &row : TlsFaultNames) {
        if (name == QLatin1String(row.name))
            return row.fault;
    }
    return std::nullopt;
}

struct NumberOption
{
    const char *name;
    std::int64_t least;
    std::int64_t most;
    void (*set)(simulator::Options &, int);
};

constexpr std::array NumberOptions{
    NumberOption{"port", 0, 65535, [](simulator::Options &to, int value) { to.port = quint16(value); }},
    NumberOption{"chunks", 1, simulator::ChunksMax,
                 [](simulator::Options &to, int value) { to.chunkCount = value; }},
    NumberOption{"gap-ms", 0, simulator::DelayMsMax,
                 [](simulator::Options &to, int value) { to.chunkGapMs = value; }},
    NumberOption{"first-byte-ms", 0, simulator::DelayMsMax,
                 [](simulator::Options &to, int value) { to.firstByteMs = value; }},
    NumberOption{"streams", 1, 10'000, [](simulator::Options &to, int value) { to.streamsMax = value; }},
    NumberOption{"read-kbps", 0, 1'000'000, [](simulator::Options &to, int value) { to.readKbps = value; }},
    NumberOption{"body-max", 1, std::numeric_limits<int>::max(),
                 [](simulator::Options &to, int value) { to.bodyMax = value; }},
};

/// The settings, or nothing after complaining.
std::optional<Settings> readSettings(const QCommandLineParser &parser)
{
    Settings settings;
    for (const NumberOption &option : NumberOptions) {
        const auto value = readNumber(parser, option.name, option.least, option.most);
        if (!value)
            return std::nullopt;
        option.set(settings.options, *value);
    }
    const QString tlsFault = parser.value(QStringLiteral("tls-fault"));
    settings.options.tlsFault = tlsFaultNamed(tlsFault).value_or(simulator::TlsFault::None);
    settings.options.address = parser.value(QStringLiteral("address"));
    settings.options.tls = parser.isSet(QStringLiteral("tls"));
    settings.options.http2 = !parser.isSet(QStringLiteral("no-http2"));
    settings.options.requireKey = parser.isSet(QStringLiteral("require-key"));
    settings.certificateFile = parser.value(QStringLiteral("cert-out"));
    settings.logFile = parser.value(QStringLiteral("log"));
    settings.logBodies = parser.isSet(QStringLiteral("log-bodies"));

    QString problem;
    if (!parser.positionalArguments().isEmpty())
        problem = QStringLiteral("\"%1\" is not an option.").arg(parser.positionalArguments().constFirst());
    else if (QHostAddress(settings.options.address).isNull())
        problem = QStringLiteral("--address takes an IP address, not \"%1\".").arg(settings.options.address);
    else if (!tlsFaultNamed(tlsFault))
        problem = QStringLiteral("--tls-fault knows no \"%1\".").arg(tlsFault);
    else if (!tlsFault.isEmpty() && !settings.options.tls)
        problem = QStringLiteral("--tls-fault needs --tls.");
    else if (!settings.certificateFile.isEmpty() && !settings.options.tls)
        problem = QStringLiteral("--cert-out needs --tls.");
    else if (settings.logBodies && settings.logFile.isEmpty())
        problem = QStringLiteral("--log-bodies needs --log.");
    if (problem.isEmpty())
        return settings;
    complain(UsageError, problem);
    return std::nullopt;
}

bool writeFile(const QString &name, const QByteArray &content)
{
    QFile file(name);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size() && file.flush();
}

int run(const Settings &settings)
{
    StopSignals stopSignals;
    QObject::connect(&stopSignals, &StopSignals::received, qApp, &QCoreApplication::quit);

    RequestLog log(settings.logBodies);
    if (!settings.logFile.isEmpty() && !log.open(settings.logFile))
        return complain(RunError,
                        QStringLiteral("cannot write %1: %2.").arg(settings.logFile, log.errorString()));
    simulator::Simulator provider(settings.options);
    if (log.isOpen())
        QObject::connect(&provider, &simulator::Simulator::served, &log, &RequestLog::write);

    const auto port = provider.listen();
    if (!port)
        return complain(RunError, QString::fromStdString(base::describe(port.error())) + QLatin1Char('.'));
    if (!settings.certificateFile.isEmpty() &&
        !writeFile(settings.certificateFile, provider.certificatePem()))
        return complain(RunError, QStringLiteral("cannot write %1.").arg(settings.certificateFile));

    const bool isIpv6 = settings.options.address.contains(QLatin1Char(':'));
    const QString host =
        isIpv6 ? QLatin1Char('[') + settings.options.address + QLatin1Char(']') : settings.options.address;
    std::printf("simulating on %s://%s:%d\n", settings.options.tls ? "https" : "http", qPrintable(host),
                *port);
    std::fflush(stdout);
    return QCoreApplication::exec();
}

} // namespace

int simulate(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Runs the simulated provider: both dialects, JSON and streams, HTTP/1.1 and HTTP/2.\n"
                       "Faults are chosen by a model named sim-…, see core/simulator/README.md."));
    addOptions(parser);
    if (!parser.parse(arguments))
        return complain(UsageError, parser.errorText());
    if (parser.isSet(QStringLiteral("help"))) {
        // Qt's usage line knows nothing of subcommands.
        const QString help =
            parser.helpText().replace(QLatin1String(" [options]"), QLatin1String(" simulate [options]"));
        std::fputs(qPrintable(help), stdout);
        return 0;
    }
    const auto settings = readSettings(parser);
    return settings ? run(*settings) : UsageError;
}

} // namespace weir::bench
