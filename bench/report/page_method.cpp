// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/markup.h"
#include "report/numbers.h"
#include "report/page_parts.h"
#include <algorithm>
#include <array>

namespace weir::report {

namespace {

struct Paragraph
{
    std::string_view kind; ///< "" for all reports
    const char *text;
};

constexpr std::array Paragraphs{
    Paragraph{"", "Everything runs in one run on one machine over loopback: the load generator, the "
                  "simulated provider, "
                  "Weir and the peers share its cores. Absolute numbers therefore belong to this machine; "
                  "ratios travel."},
    Paragraph{"", "“direct” is the simulated provider without anything in between: what the generator can "
                  "show at most."},
    Paragraph{"", "The arms take turns, so that a drift of the machine hits all of them. Where an experiment "
                  "has several runs "
                  "the median counts."},
    Paragraph{"", "A percentile needs ten samples beyond it; else “–” stands there. Failed requests are "
                  "counted and shown, never "
                  "averaged in. An arm that ends early is called broken and has no figures."},
    Paragraph{
        "latency",
        "Latency is open loop: requests have intended times that are fixed in advance, and a latency counts "
        "from the intended time. Waiting for a stalled arm is thus not hidden (coordinated omission)."},
    Paragraph{
        "throughput",
        "Throughput is closed loop: a fixed number of requests is always in flight. CPU time is user plus "
        "system time of all processes of the arm."},
    Paragraph{"stream", "Chunk lag is one way: from the moment at which the provider sends a chunk to that "
                        "at which the client has it, "
                        "on the same clock."},
    Paragraph{"load", "Load shapes are open loop too: what a queue adds counts."},
    Paragraph{"memory", "Memory is resident (RSS) and proportional (PSS) size from /proc. Growth is a fitted "
                        "slope with its bounds of "
                        "confidence: bounds that hold zero mean that no growth was seen."},
    Paragraph{"json",
              "JSON is read by simdjson, as Weir does it, and by QJsonDocument, by turns in one process."},
    Paragraph{"micro", "Single operations are timed in this process, repeatedly; the spread says how far the "
                       "runs lie apart."}};

std::string fact(const char *name, const std::string &value)
{
    return value.empty() ? "" : "<dt>" + std::string(name) + "</dt><dd>" + escaped(value) + "</dd>";
}

} // namespace

std::vector<std::string> methodOf(const Report &report)
{
    std::vector<std::string> out;
    for (const Paragraph &paragraph : Paragraphs) {
        const bool isDue =
            paragraph.kind.empty() ||
            std::any_of(report.sections.begin(), report.sections.end(),
                        [&](const Section &section) { return section.kind == paragraph.kind; });
        if (isDue)
            out.emplace_back(paragraph.text);
    }
    return out;
}

std::string methodPart(const Report &report)
{
    std::string out = "<section><h2>How it was measured</h2><h3>Command</h3><pre><code>" +
                      escaped(report.command) + "</code></pre><h3>Machine and build</h3><dl>";
    out += fact("Processor", report.cpu);
    out += fact("Threads", report.threads > 0 ? std::to_string(report.threads) : "");
    out += fact("Memory", report.memoryBytes > 0 ? withUnit(double(report.memoryBytes), "bytes") : "");
    out += fact("System", report.os + (report.kernel.empty() ? "" : ", kernel " + report.kernel));
    out += fact("Weir", report.version + (report.commit.empty() ? "" : ", commit " + report.commit));
    out += fact("Build", report.buildType + (report.compiler.empty() ? "" : ", " + report.compiler));
    for (const auto &[name, version] : report.peers)
        out += fact("Peer", name + (version.empty() ? ", version unknown" : ", " + version));
    out += fact("Date", report.date) + "</dl><h3>Method</h3>";
    for (const std::string &paragraph : methodOf(report))
        out += "<p class=\"lead\">" + escaped(paragraph) + "</p>";
    return out + "</section>";
}

} // namespace weir::report
