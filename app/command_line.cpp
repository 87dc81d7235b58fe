// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line.h"

#include "base/result.h"
#include "config/config_source.h"
#include "llm/providers.h"
#include <optional>
#include <QCommandLineParser>
#include <QFile>
#include <QProcessEnvironment>
#include <QStandardPaths>

namespace weir::app {

namespace {

/// A larger file is not a configuration.
constexpr qint64 ConfigFileMax = 1024 * 1024;
constexpr int ExitFailure = 1;
constexpr int ExitUsage = 2;

struct Options
{
    QCommandLineOption port{QStringLiteral("port"),
                            QStringLiteral("Listen on this port; 0 takes any free one."),
                            QStringLiteral("PORT")};
    QCommandLineOption config{
        QStringLiteral("config"),
        QStringLiteral("Read settings from FILE instead of weir.toml in the user's folder."),
        QStringLiteral("FILE")};
    QCommandLineOption set{
        QStringLiteral("set"),
        QStringLiteral("Set one setting, e.g. --set route.anthropic=zai. May be repeated."),
        QStringLiteral("section.key=value")};
    QCommandLineOption demo{QStringLiteral("demo"),
                            QStringLiteral("Run against a built-in simulated provider: no key, no network.")};
    QCommandLineOption minimized{QStringLiteral("minimized"), QStringLiteral("Start in the tray.")};
    QCommandLineOption help{{QStringLiteral("h"), QStringLiteral("help")}, QStringLiteral("Show this help.")};
    QCommandLineOption version{{QStringLiteral("v"), QStringLiteral("version")},
                               QStringLiteral("Show the version.")};
};

Invocation exitWith(int code, const QString &output)
{
    Invocation invocation;
    invocation.action = Invocation::Action::Exit;
    invocation.exitCode = code;
    invocation.output = output;
    return invocation;
}

QString defaultConfigFile()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) +
           QStringLiteral("/weir/weir.toml");
}

/// The text of the file; nothing if it is the default one and does not exist.
base::Result<std::optional<std::string>> readConfigFile(const QString &path, bool isNamed)
{
    QFile file(path);
    if (!isNamed && !file.exists())
        return std::optional<std::string>();
    const auto refused = [&](const QString &why) {
        return base::unexpected(base::Errc::FileUnreadable,
                                (path + QStringLiteral(": ") + why).toStdString());
    };
    if (!file.open(QIODevice::ReadOnly))
        return refused(file.errorString());
    // A pipe or a device does not tell its size.
    const QByteArray text = file.read(ConfigFileMax + 1);
    if (file.error() != QFile::NoError)
        return refused(file.errorString());
    if (text.size() > ConfigFileMax)
        return refused(QStringLiteral("larger than %1 bytes").arg(ConfigFileMax));
    return std::optional(text.toStdString());
}

config::Sources makeSources()
{
    config::Sources sources;
    for (const llm::BuiltInProvider &provider : llm::builtInProviders()) {
        sources.builtIns.push_back({std::string(provider.name), std::string(provider.openAiBase),
                                    std::string(provider.anthropicBase),
                                    std::string(provider.baseEnvironment)});
    }
    const QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString &name : environment.keys())
        sources.environment.emplace(name.toStdString(), environment.value(name).toStdString());
    return sources;
}

/// What the file names decides where keys are sent.
bool canOthersWrite(const QString &path)
{
    return QFile::permissions(path).testFlag(QFileDevice::WriteOther);
}

QString describe(const config::Problem &problem)
{
    return QString::fromStdString(problem.where + ": " + problem.what);
}

} // namespace

Invocation readCommandLine(Program program, const QStringList &arguments)
{
    const bool isDesktop = program == Program::Desktop;
    const QString name = isDesktop ? QStringLiteral("weir") : QStringLiteral("weir-headless");
    const Options options;
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Local low-latency proxy for LLM APIs.\n\n"
                       "Commands, each with a --help of its own:\n"
                       "  %1 usage    tells what has been used\n"
                       "  %1 keys     makes, lists and changes the access keys that tools send\n"
                       "  %1 backup   writes all that is kept into one file\n"
                       "  %1 restore  puts such a file in its place")
            .arg(name));
    parser.addOptions(
        {options.port, options.config, options.set, options.demo, options.help, options.version});
    if (isDesktop)
        parser.addOption(options.minimized);

    const auto usage = [&](QString why) {
        if (why.endsWith(QLatin1Char('.'))) // as the parser's own sentences do
            why.chop(1);
        return exitWith(ExitUsage, name + QStringLiteral(": ") + why + QStringLiteral(" (see --help)"));
    };
    if (!parser.parse(arguments))
        return usage(parser.errorText());
    if (parser.isSet(options.help))
        return exitWith(0, parser.helpText());
    if (parser.isSet(options.version)) {
        return exitWith(0, QStringLiteral("%1 %2 (Qt %3)")
                               .arg(name, QStringLiteral(WEIR_VERSION), QString::fromLatin1(qVersion())));
    }
    if (!parser.positionalArguments().isEmpty())
        return usage(
            QStringLiteral("unexpected argument '%1'").arg(parser.positionalArguments().constFirst()));

    config::Sources sources = makeSources();
    for (const QString &assignment : parser.values(options.set)) {
        const qsizetype equals = assignment.indexOf(QLatin1Char('='));
        if (equals <= 0)
            return usage(QStringLiteral("--set needs section.key=value, not '%1'").arg(assignment));
        const std::string key = assignment.left(equals).toStdString();
        sources.assignments.push_back({"--set " + key, key, assignment.mid(equals + 1).toStdString()});
    }
    if (parser.isSet(options.port))
        sources.assignments.push_back({"--port", "listen.port", parser.value(options.port).toStdString()});

    Invocation invocation;
    const bool isNamed = parser.isSet(options.config);
    invocation.configFile = isNamed ? parser.value(options.config) : defaultConfigFile();
    auto text = readConfigFile(invocation.configFile, isNamed);
    if (!text)
        return exitWith(ExitFailure,
                        name + QStringLiteral(": ") + QString::fromStdString(base::describe(text.error())));
    sources.fileName = invocation.configFile.toStdString();
    sources.fileText = std::move(*text);

    config::Loaded loaded = config::load(sources);
    if (!loaded.config) {
        QStringList lines{name + QStringLiteral(": the configuration is not valid, nothing was started:")};
        for (const config::Problem &problem : loaded.problems)
            lines += QStringLiteral("  ") + describe(problem);
        return exitWith(ExitFailure, lines.join(QLatin1Char('\n')));
    }
    for (const config::Problem &notice : loaded.notices)
        invocation.notices += describe(notice);
    if (sources.fileText && canOthersWrite(invocation.configFile)) {
        invocation.notices += invocation.configFile +
                              QStringLiteral(": other users of this machine can change this file and so send "
                                             "your keys elsewhere; chmod 600 it");
    }
    invocation.config = std::make_shared<const config::Config>(std::move(*loaded.config));
    invocation.demo = parser.isSet(options.demo);
    invocation.minimized = isDesktop && parser.isSet(options.minimized);
    return invocation;
}

} // namespace weir::app
