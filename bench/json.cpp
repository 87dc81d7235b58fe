// SPDX-License-Identifier: GPL-3.0-or-later
#include "json.h"

#include "commands/stop_flag.h"
#include "micro/json_readers.h"
#include "micro/runner.h"
#include "repeat_options.h"
#include <cstdio>
#include <QLocale>

namespace weir::bench {

namespace {

constexpr int Failure = 1;

void printCell(std::optional<double> value, int decimals, int width)
{
    const QString cell = value ? QLocale::c().toString(*value, 'f', decimals) : QStringLiteral("–");
    std::printf(" %s", qUtf8Printable(cell.rightJustified(width)));
}

std::optional<double> megabytesPerSecond(double bytes, std::optional<double> nanos)
{
    return nanos ? std::optional(bytes * 1e3 / *nanos) : std::nullopt;
}

void print(const micro::JsonTimes &times)
{
    std::printf("%-22s", times.name.c_str());
    if (!times.broken.empty()) {
        std::printf(" not timed: %s\n", times.broken.c_str());
        return;
    }
    for (const auto *runs : {&times.simdjsonNs, &times.qtNs}) {
        const auto time = micro::median(*runs);
        printCell(time, 0, 12);
        printCell(megabytesPerSecond(times.bytes, time), 0, 7);
    }
    printCell(micro::ratio(times), 1, 6);
    printCell(micro::median(times.heldNs), 0, 12);
    printCell(micro::median(times.passingNs), 0, 12);
    std::printf("\n");
    std::fflush(stdout);
}

} // namespace

int json(const QStringList &arguments)
{
    const micro::JsonEffort usual;
    RepeatOptions options(
        "json",
        "Measures how long it takes to read a request's model and stream fields, simdjson as "
        "Weir uses it and QJsonDocument, and to change its model, by turns.",
        int(usual.repetitions), usual.seconds);
    if (const auto code = options.read(arguments))
        return *code;
    const micro::JsonEffort effort{std::size_t(options.repetitions()), options.seconds()};

    const StopFlag stop;
    bool isBroken = false;
    report::Report report = options.run();
    std::printf("%-22s %12s %7s %12s %7s %6s %12s %12s\n", "body", "simdjson ns", "MB/s", "QJson ns", "MB/s",
                "ratio", "change ns", "passing ns");
    for (const micro::JsonBody &body : micro::jsonBodies()) {
        if (StopFlag::isRaised())
            break;
        const micro::JsonTimes times =
            micro::compareReaders(body, effort, [] { return !StopFlag::isRaised(); });
        print(times);
        isBroken |= !times.broken.empty();
        report.sections.push_back(micro::toSection(times));
        for (const std::string &note : report.sections.back().notes)
            std::printf("  %s\n", note.c_str());
    }
    report.interrupted = StopFlag::isRaised();
    if (const int code = options.write(report))
        return code;
    if (StopFlag::isRaised())
        return options.complain(Failure,
                                QStringLiteral("interrupted; shown is what was measured until then."));
    return isBroken ? Failure : 0;
}

} // namespace weir::bench
