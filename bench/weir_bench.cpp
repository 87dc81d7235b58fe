// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/all.h"
#include "commands/check.h"
#include "commands/compare.h"
#include "commands/cpu.h"
#include "commands/exit_code.h"
#include "commands/latency.h"
#include "commands/load_course.h"
#include "commands/memory.h"
#include "commands/show.h"
#include "commands/stream.h"
#include "commands/throughput.h"
#include "json.h"
#include "loop/dispatcher.h"
#include "micro.h"
#include "simulate.h"
#include <array>
#include <cstdio>
#include <QCoreApplication>
#include <QStringList>
#include <string_view>

namespace {

struct Subcommand
{
    const char *name;
    const char *summary;
    int (*run)(const QStringList &arguments); ///< `arguments` begin with the program's name
};

constexpr std::array Subcommands{
    Subcommand{"compare", "Weir, nginx, haproxy, caddy and others side by side", weir::bench::compare},
    Subcommand{"latency", "what Weir adds to a request, against the upstream without it",
               weir::bench::latency},
    Subcommand{"throughput", "requests per second and CPU time at 1 to 1,000 requests at a time",
               weir::bench::throughput},
    Subcommand{"stream", "time to the first chunk of a stream, and the lag of each chunk",
               weir::bench::stream},
    Subcommand{"load", "a course of load over minutes or hours: latency, failures, memory",
               weir::bench::loadCourse},
    Subcommand{"cpu", "processor time per request for bodies of several sizes", weir::bench::cpu},
    Subcommand{"memory", "memory over time, under load and idle, and its growth", weir::bench::memory},
    Subcommand{"json", "simdjson, as Weir uses it, against QJsonDocument", weir::bench::json},
    Subcommand{"micro", "nanoseconds per operation, room by room", weir::bench::micro},
    Subcommand{"all", "all of these, one after the other, in one report", weir::bench::all},
    Subcommand{"check", "a short comparison held against thresholds", weir::bench::check},
    Subcommand{"diff", "what moved between two stored reports, beyond their noise", weir::bench::diff},
    Subcommand{"show", "a stored report as tables, page or part of a document", weir::bench::show},
    Subcommand{"simulate", "run the simulated provider", weir::bench::simulate},
};

void printUsage(FILE *to)
{
    std::fputs("Usage: weir-bench SUBCOMMAND [options]\n\nSubcommands:\n", to);
    for (const Subcommand &subcommand : Subcommands)
        std::fprintf(to, "  %-12s%s\n", subcommand.name, subcommand.summary);
    std::fputs("\n`weir-bench SUBCOMMAND --help` tells the options.\n", to);
}

} // namespace

int main(int argc, char *argv[])
{
    // What is measured in this process runs on the event loop that the proxy thread has.
    if (auto dispatcher = weir::loop::makeDispatcher();
        dispatcher && argc > 1 && argv[1] == std::string_view("micro"))
        QCoreApplication::setEventDispatcher(dispatcher.release());
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("weir-bench"));
    QCoreApplication::setApplicationVersion(QStringLiteral(WEIR_VERSION));
    QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() < 2) {
        printUsage(stderr);
        return weir::bench::UsageError;
    }
    const QString name = arguments.takeAt(1);
    if (name == QLatin1String("--help") || name == QLatin1String("-h")) {
        printUsage(stdout);
        return 0;
    }
    for (const Subcommand &subcommand : Subcommands) {
        if (name == QLatin1String(subcommand.name))
            return subcommand.run(arguments);
    }
    std::fprintf(stderr, "weir-bench: there is no subcommand \"%s\"; --help lists them.\n", qPrintable(name));
    return weir::bench::UsageError;
}
