// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/command.h"
#include "report/files.h"
#include "report/html.h"
#include "report/json.h"
#include "report/table.h"
#include "report/this_run.h"
#include <algorithm>
#include <cstdio>
#include <QCoreApplication>
#include <sys/resource.h>
#include <unistd.h>

namespace weir::bench {

namespace {

constexpr Option CommonOptions[] = {
    {"body", "Bytes of prompt in each request.", "N", "2000"},
    {"weir", "The weir-headless to measure, [NAME=]FILE[,set=KEY=VALUE…]; may be given twice to compare two.",
     "FILE", ""},
    {"set", "A setting for Weir as in its configuration, e.g. pool.max=20; may be repeated.", "KEY=VALUE"},
    {"peer", "Another proxy to compare: nginx, haproxy, caddy or NAME=URL; may be repeated.", "PEER"},
    {"peer-header", "A field for requests to a peer, \"NAME:Field: value\"; may be repeated.", "FIELD"},
    {"timeout", "When a request has failed.", "SECONDS", "30"},
    {"json", "Write everything measured to FILE.", "FILE"},
    {"html", "Write a report with charts to FILE.", "FILE"},
    {"quick", "Measure for a short time: to see whether all works, not to compare."},
};
/// How often a running subject is asked whether it is well.
constexpr load::Nanos CheckEvery = load::NanosPerSecond / 2;

QString named(const char *option)
{
    return QString::fromLatin1(option);
}

/// Hundreds of connections need more descriptors than a shell allows at first; the subjects inherit this.
void raiseDescriptorLimit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit); // if not, opening connections says so
}

void showProgress(const QString &step, double share)
{
    static const bool isTerminal = ::isatty(STDERR_FILENO) != 0;
    if (!isTerminal)
        return;
    // The line is cleared at the end: results belong to standard output.
    if (share < 1)
        std::fprintf(stderr, "\r\033[K%s: %.0f %%", qUtf8Printable(step), share * 100);
    else
        std::fputs("\r\033[K", stderr);
}

} // namespace

Command::Command(const char *name, const char *description, std::initializer_list<Option> own)
    : m_name(named(name)), m_options(own)
{
    m_options.insert(m_options.end(), std::begin(CommonOptions), std::end(CommonOptions));
    m_parser.setApplicationDescription(QString::fromUtf8(description));
    for (const Option &each : m_options) {
        QString help = QString::fromUtf8(each.help);
        if (each.standard && *each.standard)
            help += each.quick ? QStringLiteral(" Default: %1, with --quick %2.")
                                     .arg(named(each.standard), named(each.quick))
                               : QStringLiteral(" Default: %1.").arg(named(each.standard));
        m_parser.addOption(
            QCommandLineOption(named(each.name), help, each.value ? named(each.value) : QString()));
    }
    m_parser.addOption({{QStringLiteral("h"), QStringLiteral("help")}, QStringLiteral("Show this help.")});
}

Command::~Command() = default;

int Command::complain(int code, const QString &sentence) const
{
    std::fprintf(stderr, "weir-bench %s: %s\n", qPrintable(m_name), qPrintable(sentence));
    return code;
}

int Command::fail(const base::Error &error) const
{
    // What the subjects complain of is a sentence already, and nothing that is wrong inside Weir.
    const bool isSentence = error.code == base::Errc::Internal && !error.detail.empty();
    QString sentence = QString::fromStdString(isSentence ? error.detail : base::describe(error));
    if (!sentence.endsWith(QLatin1Char('.')))
        sentence += QLatin1Char('.');
    return complain(RunError, sentence);
}

std::optional<int> Command::read(const QStringList &arguments)
{
    if (!m_parser.parse(arguments))
        return refuse(m_parser.errorText());
    if (m_parser.isSet(QStringLiteral("help"))) {
        // Qt's usage line knows nothing of subcommands.
        const QString help = m_parser.helpText().replace(QLatin1String(" [options]"),
                                                         QStringLiteral(" %1 [options]").arg(m_name));
        std::fputs(qPrintable(help), stdout);
        return 0;
    }
    if (!m_parser.positionalArguments().isEmpty())
        return refuse(
            QStringLiteral("\"%1\" is not an option.").arg(m_parser.positionalArguments().constFirst()));
    if (!number("body", 0, 64e6) || !seconds("timeout", 0.1, 3600))
        return UsageError;
    QStringList command = arguments;
    command.insert(1, m_name);
    m_report = report::describeRun(command);
    return readSubjects();
}

std::optional<int> Command::readSubjects()
{
    QStringList programs = m_parser.values(QStringLiteral("weir"));
    if (programs.isEmpty())
        programs.append(QString());
    for (const QString &program : std::as_const(programs)) {
        auto choice = subjects::readWeir(program.toStdString());
        if (!choice)
            return refuse(QString::fromStdString(choice.error().detail) + QLatin1Char('.'));
        const QStringList settings = m_parser.values(QStringLiteral("set"));
        for (const QString &setting : settings)
            choice->settings.push_back(setting.toStdString());
        if (choice->program.empty())
            choice->program = QCoreApplication::applicationDirPath().toStdString() + "/weir-headless";
        m_plan.weirs.push_back(std::move(*choice));
    }
    const QStringList peers = m_parser.values(QStringLiteral("peer"));
    for (const QString &peer : peers) {
        auto choice = subjects::readPeer(peer.toStdString());
        if (!choice)
            return refuse(QString::fromStdString(choice.error().detail) + QLatin1Char('.'));
        m_plan.peers.push_back(std::move(*choice));
    }
    const QStringList headers = m_parser.values(QStringLiteral("peer-header"));
    for (const QString &header : headers) {
        if (const auto read = subjects::readPeerHeader(header.toStdString(), m_plan.peers); !read)
            return refuse(QString::fromStdString(read.error().detail) + QLatin1Char('.'));
    }
    if (const auto unique = subjects::checkNames(m_plan.weirs, m_plan.peers); !unique)
        return refuse(QString::fromStdString(unique.error().detail) + QLatin1Char('.'));
    return std::nullopt;
}

bool Command::isSet(const char *option) const
{
    return m_parser.isSet(named(option));
}

QString Command::text(const char *option) const
{
    if (isSet(option))
        return m_parser.value(named(option));
    const auto found = std::find_if(m_options.begin(), m_options.end(), [option](const Option &each) {
        return std::string_view(each.name) == option;
    });
    const bool isQuick = found->quick && m_parser.isSet(QStringLiteral("quick"));
    return QString::fromUtf8(isQuick ? found->quick : found->standard);
}

std::optional<double> Command::inBounds(const char *option, std::optional<double> value, const char *kind,
                                        double least, double most) const
{
    if (value && *value >= least && *value <= most)
        return value;
    refuse(QStringLiteral("--%1 takes %2 from %3 to %4, not \"%5\".")
               .arg(named(option), QString::fromUtf8(kind), QString::number(least, 'g', 12),
                    QString::number(most, 'g', 12), text(option)));
    return std::nullopt;
}

std::optional<double> Command::number(const char *option, double least, double most) const
{
    bool isNumber = false;
    const double value = text(option).toDouble(&isNumber);
    return inBounds(option, isNumber ? std::optional(value) : std::nullopt, "a number", least, most);
}

std::optional<double> Command::seconds(const char *option, double least, double most) const
{
    QString value = text(option);
    double unit = 1;
    for (const auto &[letter, factor] : {std::pair{'s', 1.0}, {'m', 60.0}, {'h', 3600.0}}) {
        if (!value.endsWith(QLatin1Char(letter)))
            continue;
        unit = factor;
        value.chop(1);
        break;
    }
    bool isNumber = false;
    const double count = value.toDouble(&isNumber);
    return inBounds(option, isNumber ? std::optional(count * unit) : std::nullopt, "seconds (or 5m, 1h)",
                    least, most);
}

std::optional<std::vector<std::size_t>> Command::numbers(const char *option, double least, double most) const
{
    std::vector<std::size_t> found;
    const QStringList parts = text(option).split(QLatin1Char(','));
    for (const QString &part : parts) {
        bool isNumber = false;
        const qulonglong value = part.toULongLong(&isNumber);
        if (!inBounds(option, isNumber ? std::optional(double(value)) : std::nullopt, "whole numbers", least,
                      most))
            return std::nullopt;
        found.push_back(std::size_t(value));
    }
    return found;
}

std::optional<int> Command::start()
{
    raiseDescriptorLimit();
    m_plan.benchProgram = QCoreApplication::applicationFilePath().toStdString();
    m_plan.shouldStop = [this] { return isStopped(); };
    showProgress(QStringLiteral("starting what is compared"), 0);
    auto rig = subjects::Rig::start(m_plan);
    showProgress({}, 1);
    if (!rig)
        return fail(rig.error());
    m_rig = std::move(*rig);
    for (const subjects::Subject *subject : m_rig->subjects()) {
        if (subject->name() != "direct")
            m_report.peers.emplace_back(subject->name(), subject->version());
    }
    return std::nullopt;
}

load::Control Command::control(const QString &step, std::vector<subjects::Subject *> watched)
{
    load::Control control;
    control.progress = [step](double share) { showProgress(step, share); };
    control.shouldStop = [this, watched = std::move(watched), checked = load::monotonicNow()]() mutable {
        if (isStopped())
            return true;
        if (load::monotonicNow() - checked < CheckEvery)
            return false;
        checked = load::monotonicNow();
        return std::any_of(watched.begin(), watched.end(),
                           [](subjects::Subject *subject) { return !subject->troubles().empty(); });
    };
    return control;
}

int Command::finish()
{
    m_report.interrupted = isStopped();
    std::fputs(report::toText(m_report, report::terminalColumns()).c_str(), stdout);
    std::fflush(stdout);
    for (const auto &[option, content] :
         {std::pair{"json", isSet("json") ? report::toJson(m_report) : QByteArray()},
          std::pair{"html", isSet("html") ? report::toHtml(m_report) : QByteArray()}}) {
        if (!isSet(option))
            continue;
        if (const auto problem = report::writeFile(text(option), content))
            return complain(RunError, QString::fromStdString(*problem));
    }
    const auto hasFailed = [](const report::ArmResult &arm) {
        return arm.failures > 0 || !arm.broken.empty();
    };
    const bool allWell =
        std::none_of(m_report.sections.begin(), m_report.sections.end(), [&](const report::Section &section) {
            return std::any_of(section.arms.begin(), section.arms.end(), hasFailed);
        });
    return allWell && !m_report.interrupted ? 0 : RunError;
}

} // namespace weir::bench
