// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes, however they are cut, give the same events, and the same ones as the standard's own words in
// code.
#include "llm/sse_scanner.h"
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

using weir::llm::SseScanner;

namespace {

/// Small, so that short inputs reach it, and one that no input reaches.
constexpr std::size_t SmallMax = 24;
constexpr std::size_t CondensedFrom = 12;
constexpr std::size_t NoMax = std::size_t(1) << 40;
/// Up to this size each single cut is tried, beyond it only every byte alone.
constexpr std::size_t EveryCutMax = 256;

using EventList = std::vector<std::pair<std::string, std::string>>;

void require(bool condition, const char *promise)
{
    if (condition)
        return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

class Collector final : public SseScanner::Events
{
public:
    void onEvent(std::string_view event, std::string_view data, std::size_t size) override
    {
        require(data.size() <= size, "no event grows");
        events.emplace_back(event, data);
    }
    EventList events;
};

/// Each piece is copied to memory of its own size: a view kept too long is seen by AddressSanitizer.
EventList scan(const std::vector<std::string_view> &pieces, std::size_t eventMax)
{
    Collector collector;
    SseScanner scanner(collector, eventMax, eventMax == NoMax ? NoMax : CondensedFrom);
    for (const std::string_view piece : pieces) {
        const std::vector<char> copy(piece.begin(), piece.end());
        scanner.feed({copy.data(), copy.size()});
    }
    return std::move(collector.events);
}

/// WHATWG HTML §9.2.6, step by step.
EventList scanByTheBook(std::string_view stream)
{
    if (stream.starts_with("\xEF\xBB\xBF"))
        stream.remove_prefix(3);
    EventList events;
    std::string event;
    std::string data;
    while (true) {
        const std::size_t end = stream.find_first_of("\r\n");
        if (end == std::string_view::npos)
            return events;
        const std::string_view line = stream.substr(0, end);
        stream.remove_prefix(end + (stream.substr(end).starts_with("\r\n") ? 2 : 1));
        if (line.empty()) {
            if (!data.empty()) {
                data.pop_back();
                events.emplace_back(event, data);
            }
            event.clear();
            data.clear();
            continue;
        }
        const std::size_t colon = line.find(':');
        const std::string_view field = line.substr(0, colon);
        std::string_view value =
            colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
        if (value.starts_with(' '))
            value.remove_prefix(1);
        if (field == "event")
            event = value;
        else if (field == "data")
            data.append(value).append("\n");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size)
{
    const std::string_view stream(reinterpret_cast<const char *>(bytes), size);
    require(scan({stream}, NoMax) == scanByTheBook(stream), "the events of the standard");
    std::vector<std::string_view> single;
    for (std::size_t at = 0; at < size; ++at)
        single.push_back(stream.substr(at, 1));
    for (const std::size_t eventMax : {SmallMax, NoMax}) {
        const EventList whole = scan({stream}, eventMax);
        for (const auto &[event, data] : whole)
            require(event.size() <= eventMax && data.size() <= eventMax, "no event beyond the bound");
        require(scan(single, eventMax) == whole, "the same events byte by byte");
        for (std::size_t at = 1; at < size && size <= EveryCutMax; ++at)
            require(scan({stream.substr(0, at), stream.substr(at)}, eventMax) == whole,
                    "the same events however cut");
    }
    return 0;
}
