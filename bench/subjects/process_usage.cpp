// SPDX-License-Identifier: GPL-3.0-or-later
#include "subjects/process_usage.h"

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>

namespace weir::subjects {

namespace {

constexpr double NanosPerSecond = 1e9;
constexpr std::int64_t Kibi = 1024;

std::string readAll(const std::string &path)
{
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The process group of a process; 0 if it is gone.
pid_t groupOf(const std::string &folder)
{
    const std::string stat = readAll(folder + "/stat");
    // The name in field 2 may hold blanks and brackets: what follows it begins after the last bracket with
    // state, parent and group (fields 3 to 5).
    const std::size_t nameEnd = stat.rfind(')');
    if (nameEnd == std::string::npos)
        return 0;
    std::istringstream fields(stat.substr(nameEnd + 1));
    char state = 0;
    pid_t parent = 0;
    pid_t group = 0;
    fields >> state >> parent >> group;
    return state == 'Z' ? 0 : group; // a zombie has nothing left
}

std::optional<double> cpuSeconds(pid_t process)
{
    clockid_t clock = 0;
    timespec used{};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &used) != 0)
        return std::nullopt;
    return double(used.tv_sec) + double(used.tv_nsec) / NanosPerSecond;
}

std::optional<std::int64_t> rssBytes(const std::string &folder)
{
    std::istringstream fields(readAll(folder + "/statm"));
    std::int64_t total = 0;
    std::int64_t resident = 0;
    if (!(fields >> total >> resident))
        return std::nullopt;
    return resident * ::sysconf(_SC_PAGESIZE);
}

std::optional<std::int64_t> pssBytes(const std::string &folder)
{
    const std::string text = readAll(folder + "/smaps_rollup");
    constexpr std::string_view Label = "\nPss:";
    const std::size_t at = text.find(Label);
    if (at == std::string::npos)
        return std::nullopt;
    std::istringstream rest(text.substr(at + Label.size()));
    std::int64_t kibibytes = 0;
    if (!(rest >> kibibytes))
        return std::nullopt;
    return kibibytes * Kibi;
}

/// Absent stays absent only if every process' value is.
template<typename T>
void add(std::optional<T> &sum, std::optional<T> value)
{
    if (value)
        sum = sum.value_or(T{}) + *value;
}

} // namespace

Usage groupUsage(pid_t group)
{
    Usage usage;
    std::error_code error;
    for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename();
        pid_t process = 0;
        const auto [last, problem] = std::from_chars(name.data(), name.data() + name.size(), process);
        if (problem != std::errc() || last != name.data() + name.size())
            continue; // no process
        const std::string folder = "/proc/" + name;
        if (groupOf(folder) != group)
            continue;
        add(usage.cpuSeconds, cpuSeconds(process));
        add(usage.rssBytes, rssBytes(folder));
        add(usage.pssBytes, pssBytes(folder));
    }
    return usage;
}

} // namespace weir::subjects
