// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "report/report.h"

namespace weir::report {

/// A report in which every field holds something, and no two hold the same.
inline Report sampleReport()
{
    const auto figure = [](std::string name, std::string unit, Better better, std::optional<double> value,
                           std::vector<double> runs = {}) {
        return Figure{std::move(name), std::move(unit), better, value, std::move(runs)};
    };
    Report report;
    report.command = "weir-bench compare --peer nginx";
    report.date = "2026-01-02T03:04:05Z";
    report.version = "9.8.7";
    report.commit = "0123456789ab-dirty";
    report.buildType = "Release";
    report.compiler = "GNU 12.2.0";
    report.os = "Debian GNU/Linux 12";
    report.kernel = "6.1.0";
    report.cpu = "Example CPU @ 2.00GHz";
    report.threads = 2;
    report.memoryBytes = 8'000'000'000;
    report.peers = {{"nginx", "nginx/1.22.1"}, {"caddy", ""}};
    report.interrupted = true;

    ArmResult direct;
    direct.arm = "direct";
    direct.figures = {
        figure("requests_per_second", "1/s", Better::Higher, 92'100.5, {92'000, 92'100.5, 93'000}),
        figure("p50", "us", Better::Lower, 60), figure("p99.9", "us", Better::Lower, std::nullopt)};
    direct.distributions = {{"latency", {{1000, 5}, {2000, 3}, {9'007'199'254'740'993, 1}}}};
    ArmResult weir;
    weir.arm = "weir";
    weir.figures = {
        figure("requests_per_second", "1/s", Better::Higher, 18'420.1, {18'000, 18'420.1, 19'000}),
        figure("p50", "us", Better::Lower, 163), figure("samples", "", Better::Neither, 5000)};
    weir.series = {{"rss", "bytes", {{0, 40e6}, {0.5, 41e6}}}};
    weir.failures = 3;
    ArmResult nginx;
    nginx.arm = "nginx";
    nginx.figures = {figure("requests_per_second", "1/s", Better::Higher, 36'840.2),
                     figure("p50", "us", Better::Lower, 112)};
    ArmResult caddy;
    caddy.arm = "caddy";
    caddy.broken = "caddy ended with signal 9 after 1.2 s";
    report.sections = {{"throughput",
                        "Throughput, 64 at a time",
                        {{"concurrency", "64"}, {"body", "2000"}},
                        {direct, weir, nginx, caddy},
                        {"Generator and provider share the two cores."}},
                       {"memory", "Memory", {}, {}, {}}};
    return report;
}

} // namespace weir::report
