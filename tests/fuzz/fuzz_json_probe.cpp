// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever bytes: the probe, the scanner however its input is cut, and the slow reference agree on what is
// JSON, on the byte where it stops being so, and on where the fields lie.
#include "llm/json_probe.h"
#include "llm/json_scanner.h"
#include "unit/llm/json_reference.h"
#include <cstdio>
#include <cstdlib>

using namespace weir::llm;

namespace {

/// Up to this size each single cut is tried, beyond it only every byte alone.
constexpr std::size_t EveryCutMax = 256;

void require(bool condition, const char *promise)
{
    if (condition)
        return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

void requireSame(const JsonScanner &scanner, JsonScanner::Stop stop, const reference::Parser &parser)
{
    require(scanner.isWhole() == parser.isValid(), "JSON is what the reference takes for it");
    require((stop == JsonScanner::Stop::TooDeep) == parser.isTooDeep(), "too deep is too deep");
    require(parser.isValid() || scanner.offset() == parser.faultOffset(), "the byte at fault");
}

void scan(const std::vector<std::string_view> &pieces, const reference::Parser &parser)
{
    JsonScanner scanner;
    JsonScanner::Stop stop{};
    for (const std::string_view piece : pieces) {
        const std::vector<char> copy(piece.begin(), piece.end());
        std::string_view rest(copy.data(), copy.size());
        while (!rest.empty() && stop != JsonScanner::Stop::Fault && stop != JsonScanner::Stop::TooDeep)
            rest.remove_prefix(scanner.scan(rest, stop));
    }
    requireSame(scanner, stop, parser);
}

void requireSpan(const reference::Parser &parser, std::string_view key, JsonSpan span)
{
    const reference::Member *member = parser.last(key);
    require(member ? span == JsonSpan{member->offset, member->value.size()} : !span.isHere(),
            "the span of the last member of that name");
}

void probe(std::string_view body, const reference::Parser &parser)
{
    const JsonProbe found = probeJson(body);
    const reference::Member *model = parser.last("model");
    const bool isText = model && model->value.starts_with('"');
    const std::string name = isText ? *textAt(body, {model->offset, model->value.size()}) : std::string();
    if (!parser.isValid()) {
        require(found.readability == (parser.isTooDeep() ? Readability::NotInspected : Readability::Invalid),
                "what is no JSON is not read");
        require(found.faultOffset == parser.faultOffset(), "the byte at fault");
    } else if (name.size() > ModelNameMax || (model && model->value.size() > ModelTextMax)) {
        require(found.readability == Readability::NotInspected, "no endless name");
    } else {
        require(found.readability == Readability::Readable, "what is JSON is read");
        require(found.modelName.has_value() == isText && found.modelName.value_or("") == name, "the name");
        requireSpan(parser, "model", found.model);
        requireSpan(parser, "stream", found.stream);
        requireSpan(parser, "user", found.user);
        requireSpan(parser, "metadata", found.metadata);
        requireSpan(parser, "stream_options", found.streamOptions);
        require(found.output.choices() >= 1 && found.output.most().value_or(1) >= 1, "bounds are amounts");
        boolAt(body, found.stream);
        textAt(body, found.userId);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size)
{
    const std::string_view body(reinterpret_cast<const char *>(bytes), size);
    const reference::Parser parser(body);
    probe(body, parser);
    std::vector<std::string_view> single;
    for (std::size_t at = 0; at < size; ++at)
        single.push_back(body.substr(at, 1));
    scan({body}, parser);
    scan(single, parser);
    for (std::size_t at = 1; at < size && size <= EveryCutMax; ++at)
        scan({body.substr(0, at), body.substr(at)}, parser);
    return 0;
}
