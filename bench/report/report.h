// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::report {

/// Of the JSON file; raised when a field changes its meaning. 1 was the first slice of weir-bench.
inline constexpr int SchemaVersion = 2;

/// Which way a figure improves; decides the colour and the word in tables and diffs.
enum class Better : std::uint8_t
{
    Neither,
    Lower,
    Higher
};

/// One measured number of one arm.
struct Figure
{
    std::string name; ///< "p50", "requests_per_second", "cpu_per_request", "rss": stable, for machines
    std::string unit; ///< "us", "1/s", "bytes", "ns", "%", "" for a plain ratio
    Better better = Better::Neither;
    std::optional<double> value; ///< absent: too few samples or not measurable; prints "–", never a number
    std::vector<double> runs; ///< of each interleaved run, whose median is `value`; empty where there was one
};

/// One bucket of a latency distribution.
struct Bucket
{
    std::int64_t upToNs = 0; ///< its upper edge
    std::uint64_t count = 0;
};

/// The raw distribution behind some percentiles, e.g. of "latency" or "chunk_lag".
struct Distribution
{
    std::string name;
    std::vector<Bucket> buckets; ///< ascending, only those that hold something
};

/// Something over time, e.g. "rss" in bytes.
struct Series
{
    std::string name;
    std::string unit;
    std::vector<std::pair<double, double>> points; ///< seconds since the section began, value
};

/// What one of the compared things did.
struct ArmResult
{
    std::string arm; ///< "direct", "weir", "nginx", or the name given with --peer
    std::vector<Figure> figures;
    std::vector<Distribution> distributions;
    std::vector<Series> series;
    std::uint64_t failures = 0;
    /// Why nothing is to be read into the figures, in words ("nginx ended with signal 9 after 1.2 s"); such
    /// an arm has no figures. Empty = it ran to its end.
    std::string broken;
};

/// One experiment: the same load on every arm.
struct Section
{
    std::string kind;  ///< "latency", "throughput", "stream", "load", "memory", "cpu", "json", "micro"
    std::string title; ///< for people: "Throughput, 64 at a time"
    /// With `kind`, what identifies it in a diff: {"concurrency","64"}.
    std::vector<std::pair<std::string, std::string>> parameters;
    std::vector<ArmResult> arms;    ///< "direct" first where there is one, then "weir", then the peers
    std::vector<std::string> notes; ///< limits to be stated beside the figures
};

/// A whole run of weir-bench. A plain value: commands fill it, everything else reads it.
struct Report
{
    std::string command; ///< the exact command line
    std::string date;    ///< ISO 8601, UTC
    std::string version;
    std::string commit;    ///< of the build, "-dirty" appended where it was not clean; "" if unknown
    std::string buildType; ///< "Release", "Debug"
    std::string compiler;
    std::string os;
    std::string kernel;
    std::string cpu;
    int threads = 0;
    std::int64_t memoryBytes = 0;
    std::vector<std::pair<std::string, std::string>> peers; ///< name, version as it tells itself
    std::vector<Section> sections;
    bool interrupted = false; ///< Ctrl-C: what was measured until then
};

} // namespace weir::report
