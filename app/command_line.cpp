// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line.h"

#include "base/result.h"
#include "llm/providers.h"
#include <algorithm>
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
constexpr const char *PortKey = "listen.port";

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
                            QStringLiteral("Run against a built-in simulated provider: no key, no network. "
                                           "Listens on any free port unless --port names one.")};
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
    const auto refused = [](const QString &why) {
        return base::unexpected(base::Errc::FileUnreadable, why.toStdString());
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

/// What Qt takes for itself when the window is made, after these arguments have been read.
QList<QCommandLineOption> guiOptions()
{
    QList<QCommandLineOption> options;
    const auto add = [&](const char *name, bool hasValue) {
        QCommandLineOption option(QString::fromLatin1(name), QString(),
                                  hasValue ? QStringLiteral("value") : QString());
        option.setFlags(QCommandLineOption::HiddenFromHelp);
        options += option;
    };
    for (const char *name :
         {"platform", "platformpluginpath", "platformtheme", "plugin", "style", "stylesheet", "session",
          "display", "geometry", "icon", "title", "qwindowgeometry", "qwindowicon", "qwindowtitle"})
        add(name, true);
    for (const char *name : {"reverse", "widgetcount", "nograb", "dograb"})
        add(name, false);
    return options;
}

/// What can be run where the configuration cannot: without the file, and if that is not enough, without
/// anything that was set.
std::shared_ptr<const config::Config> defaultConfig(config::Sources sources)
{
    sources.fileText.reset();
    config::Loaded loaded = config::load(sources);
    if (!loaded.config) {
        sources.environment.clear();
        sources.assignments.clear();
        loaded = config::load(sources);
    }
    return std::make_shared<const config::Config>(std::move(*loaded.config));
}

/// `wanted` is what would have been run.
Invocation withProblems(const Invocation &wanted, const config::Sources &sources,
                        std::vector<config::Problem> problems, const QString &output)
{
    Invocation fallback = wanted;
    fallback.config = defaultConfig(sources);
    fallback.notices = {
        wanted.configFile +
        QStringLiteral(": not in use, because something is wrong with the configuration; Weir "
                       "runs with its defaults")};
    Invocation invocation = exitWith(ExitFailure, output);
    invocation.configFile = wanted.configFile;
    invocation.problems = std::move(problems);
    invocation.fallback = std::make_shared<const Invocation>(std::move(fallback));
    return invocation;
}

/// Reads what `wanted` names and fills in the rest of it.
Invocation load(Invocation wanted, config::Sources sources, const QString &program, bool isNamed)
{
    auto text = readConfigFile(wanted.configFile, isNamed);
    if (!text) {
        base::Error error = text.error();
        const config::Problem problem{wanted.configFile.toStdString(), base::describe(error)};
        error.detail = problem.where + ": " + error.detail;
        return withProblems(wanted, sources, {problem},
                            program + QStringLiteral(": ") + QString::fromStdString(base::describe(error)));
    }
    sources.fileName = wanted.configFile.toStdString();
    sources.fileText = std::move(*text);

    config::Loaded loaded = config::load(sources);
    if (!loaded.config) {
        QStringList lines{program + QStringLiteral(": the configuration is not valid, nothing was started:")};
        for (const config::Problem &problem : loaded.problems)
            lines += QStringLiteral("  ") + describe(problem);
        return withProblems(wanted, sources, std::move(loaded.problems), lines.join(QLatin1Char('\n')));
    }
    for (const config::Problem &notice : loaded.notices)
        wanted.notices += describe(notice);
    if (sources.fileText && canOthersWrite(wanted.configFile)) {
        wanted.notices += wanted.configFile +
                          QStringLiteral(": other users of this machine can change this file and so send "
                                         "your keys elsewhere; chmod 600 it");
    }
    wanted.config = std::make_shared<const config::Config>(std::move(*loaded.config));
    return wanted;
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
    if (isDesktop) {
        parser.addOption(options.minimized);
        parser.addOptions(guiOptions());
        parser.setSingleDashWordOptionMode(QCommandLineParser::ParseAsLongOptions); // as Qt writes its own
    }

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

    Invocation wanted;
    config::Sources sources = makeSources();
    for (const QString &assignment : parser.values(options.set)) {
        const qsizetype equals = assignment.indexOf(QLatin1Char('='));
        if (equals <= 0)
            return usage(QStringLiteral("--set needs section.key=value, not '%1'").arg(assignment));
        const std::string key = assignment.left(equals).toStdString();
        sources.assignments.push_back({"--set " + key, key, assignment.mid(equals + 1).toStdString()});
    }
    if (parser.isSet(options.port))
        sources.assignments.push_back({"--port", PortKey, parser.value(options.port).toStdString()});
    wanted.isPortTyped =
        std::any_of(sources.assignments.begin(), sources.assignments.end(),
                    [](const config::Assignment &assignment) { return assignment.key == PortKey; });
    const bool isNamed = parser.isSet(options.config);
    wanted.configFile = isNamed ? parser.value(options.config) : defaultConfigFile();
    wanted.demo = parser.isSet(options.demo);
    wanted.minimized = isDesktop && parser.isSet(options.minimized);
    return load(std::move(wanted), std::move(sources), name, isNamed);
}

} // namespace weir::app
