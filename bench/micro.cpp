// SPDX-License-Identifier: GPL-3.0-or-later
#include "micro.h"

#include "commands/exit_code.h"
#include "commands/stop_flag.h"
#include "micro/runner.h"
#include "repeat_options.h"
#include <cstdio>
#include <QLocale>
#include <QRegularExpression>
#include <unistd.h>

namespace weir::bench {

namespace {

constexpr int Failure = 1;
constexpr int NameWidth = 50;

/// With the separators of thousands; "–" where there is nothing to be shown.
QString text(std::optional<double> value, int decimals)
{
    return value ? QLocale::c().toString(*value, 'f', decimals) : QStringLiteral("–");
}

std::optional<double> find(const report::ArmResult &arm, const char *name)
{
    for (const report::Figure &figure : arm.figures) {
        if (figure.name == name)
            return figure.value;
    }
    return std::nullopt;
}

/// printf counts bytes, of which "–" has three.
void printCell(const QString &cell, int width)
{
    std::printf(" %s", qUtf8Printable(cell.rightJustified(width)));
}

void print(const report::Section &section)
{
    std::printf("%-*s %12s %12s %7s %9s %9s\n", NameWidth, section.parameters[0].second.c_str(), "ns/op",
                "CPU ns/op", "+- %", "MB/s", "p99 ns");
    for (const report::ArmResult &arm : section.arms) {
        std::printf("  %-*s", NameWidth - 2, arm.arm.c_str());
        if (!arm.broken.empty()) {
            std::printf(" failed: %s\n", arm.broken.c_str());
            continue;
        }
        const auto time = find(arm, "time_per_op");
        constexpr double Small = 100; // below, a tenth matters
        const int decimals = time && *time < Small ? 1 : 0;
        printCell(text(time, decimals), 12);
        printCell(text(find(arm, "cpu_per_op"), decimals), 12);
        printCell(text(find(arm, "spread"), 1), 7);
        const auto rate = find(arm, "throughput");
        printCell(rate ? text(*rate / 1e6, 0) : QString(), 9);
        const auto p99 = find(arm, "p99"); // few cases tell one
        printCell(p99 ? text(p99, 0) : QString(), 9);
        std::printf("\n");
    }
}

void listCases(const micro::Cases &cases)
{
    for (const micro::Case &one : cases)
        std::printf("%s\n", one.fullName().c_str());
}

} // namespace

int micro(const QStringList &arguments)
{
    const micro::Effort usual;
    RepeatOptions options("micro", "Measures single operations of Weir, room by room: nanoseconds for each.",
                          int(usual.repetitions), usual.seconds);
    options.parser().addOptions({
        {QStringLiteral("filter"), QStringLiteral("Only those whose \"room/name\" matches."),
         QStringLiteral("REGEX")},
        {QStringLiteral("list"), QStringLiteral("Name them, measure nothing.")},
    });
    if (const auto code = options.read(arguments))
        return *code;
    const QString filter = options.parser().value(QStringLiteral("filter"));
    const QRegularExpression wanted(filter);
    if (!wanted.isValid())
        return options.complain(UsageError,
                                QStringLiteral("--filter takes a regular expression, not \"%1\": %2.")
                                    .arg(filter, wanted.errorString()));
    micro::Cases cases = micro::allCases();
    std::erase_if(cases, [&wanted](const micro::Case &one) {
        return !wanted.match(QString::fromStdString(one.fullName())).hasMatch();
    });
    if (cases.empty())
        return options.complain(
            UsageError, QStringLiteral("nothing matches \"%1\"; --list names what there is.").arg(filter));
    if (options.parser().isSet(QStringLiteral("list"))) {
        listCases(cases);
        return 0;
    }

    const StopFlag stop;
    const bool isTerminal = ::isatty(STDERR_FILENO) != 0;
    const micro::Effort effort{std::size_t(options.repetitions()), options.seconds()};
    const auto measured = micro::measure(cases, effort, [isTerminal](std::size_t done, std::size_t total) {
        if (isTerminal)
            std::fprintf(stderr, "\r%3zu %%", done * 100 / total);
        return !StopFlag::isRaised();
    });
    if (isTerminal)
        std::fputs("\r      \r", stderr);

    report::Report report = options.run();
    report.sections = micro::toSections(measured, effort);
    report.interrupted = StopFlag::isRaised();
    bool isBroken = false;
    for (const report::Section &section : report.sections) {
        print(section);
        for (const report::ArmResult &arm : section.arms)
            isBroken |= !arm.broken.empty();
    }
    if (const int code = options.write(report))
        return code;
    if (StopFlag::isRaised())
        return options.complain(Failure,
                                QStringLiteral("interrupted; shown is what was measured until then."));
    return isBroken ? Failure : 0;
}

} // namespace weir::bench
