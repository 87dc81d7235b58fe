// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/dialect.h"

#include "llm/percent.h"
#include <algorithm>
#include <array>

namespace weir::llm {

namespace {

constexpr std::string_view Version = "v1";

struct Known
{
    std::string_view path; ///< behind the version
    Endpoint endpoint;
};
/// What every server reads alike.
constexpr std::array<Known, 8> KnownPaths{{
    {"/messages", {Dialect::Anthropic, Api::Messages}},
    {"/messages/count_tokens", {Dialect::Anthropic, Api::CountTokens}},
    {"/chat/completions", {Dialect::OpenAi, Api::ChatCompletions}},
    {"/responses", {Dialect::OpenAi, Api::Responses}},
    {"/responses/compact", {Dialect::OpenAi, Api::Responses}},
    {"/responses/input_tokens", {Dialect::OpenAi, Api::CountTokens}},
    {"/completions", {Dialect::OpenAi, Api::Completions}},
    {"/embeddings", {Dialect::OpenAi, Api::Embeddings}},
}};

bool isAtOrBelow(std::string_view path, std::string_view parent)
{
    return path.starts_with(parent) && (path.size() == parent.size() || path[parent.size()] == '/');
}

const Known *find(std::string_view path)
{
    const auto found = std::find_if(KnownPaths.begin(), KnownPaths.end(),
                                    [path](const Known &known) { return known.path == path; });
    return found == KnownPaths.end() ? nullptr : &*found;
}

void dropDoubledSlashes(std::string_view &path)
{
    while (path.starts_with("//"))
        path.remove_prefix(1);
}

/// As the most lenient server may read it. `parameters`: what a semicolon begins ends with its segment, as in
/// Java's servers; else with the path.
std::string lenient(std::string_view path, bool parameters)
{
    const std::string decoded = percentDecoded(path);
    std::string read;
    bool isParameter = false;
    for (const char byte : decoded) {
        if (byte == '?' || byte == '#' || (byte == ';' && !parameters))
            break;
        if (byte == '/' || byte == '\\') {
            isParameter = false;
            if (!read.ends_with('/'))
                read += '/';
        } else if (byte == ';') {
            isParameter = true;
        } else if (!isParameter && byte > ' ') { // who trims a path trims blanks and line ends
            read += (byte >= 'A' && byte <= 'Z') ? char(byte + ('a' - 'A')) : byte;
        }
    }
    while (read.ends_with('/') || read.ends_with('.'))
        read.pop_back();
    return read;
}

/// What any server may take the path for whose tokens are counted.
const Known *findCounted(std::string_view path)
{
    for (const bool parameters : {false, true}) {
        const Known *known = find(lenient(path, parameters));
        if (known && known->endpoint.api != Api::CountTokens)
            return known;
    }
    return nullptr;
}

Endpoint endpointOf(std::string_view rest, const http::Headers &headers)
{
    if (const Known *known = find(rest)) // as nearly always: nothing to decode
        return known->endpoint;
    const std::string plain = plainPath(rest);
    if (const Known *known = find(plain))
        return known->endpoint;
    if (const Known *known = findCounted(rest))
        return known->endpoint;
    if (isAtOrBelow(plain, "/messages") || plain == "/complete")
        return {Dialect::Anthropic, Api::Other};
    if (isAtOrBelow(plain, "/chat") || isAtOrBelow(plain, "/responses"))
        return {Dialect::OpenAi, Api::Other};
    // Both vendors have /v1/models, /v1/files and more to come. Only Anthropic's clients send a version:
    // going by the path alone would hand their key to the other vendor.
    const Dialect dialect = headers.contains("anthropic-version") ? Dialect::Anthropic : Dialect::OpenAi;
    return {dialect, isAtOrBelow(plain, "/models") ? Api::Models : Api::Other};
}

/// Takes the first segment off, and the doubled slashes behind it: "/a//b" gives "a" and leaves "/b".
std::string takeSegment(std::string_view &path)
{
    dropDoubledSlashes(path);
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment.empty() ? std::string() : unreservedDecoded(segment.substr(1));
}

} // namespace

std::string_view name(Dialect dialect)
{
    return dialect == Dialect::Anthropic ? "anthropic" : "openai";
}

std::string_view name(Api api)
{
    switch (api) {
    case Api::Messages:
        return "messages";
    case Api::CountTokens:
        return "count_tokens";
    case Api::ChatCompletions:
        return "chat_completions";
    case Api::Responses:
        return "responses";
    case Api::Completions:
        return "completions";
    case Api::Embeddings:
        return "embeddings";
    case Api::Models:
        return "models";
    case Api::Lookup:
        return "lookup";
    case Api::Other:
        return "other";
    }
    return "";
}

std::optional<Place> placeOf(std::string_view target, const http::Headers &headers)
{
    constexpr std::string_view PlainFront = "/v1/";
    const std::size_t pathSize = std::min(target.find('?'), target.size());
    std::string_view path = target.substr(0, pathSize);
    Place place;
    if (path.starts_with(PlainFront)) { // as nearly always
        path.remove_prefix(PlainFront.size() - 1);
    } else {
        place.provider = takeSegment(path);
        if (place.provider == Version)
            place.provider.clear();
        else if (place.provider.empty() || takeSegment(path) != Version)
            return std::nullopt;
    }
    dropDoubledSlashes(path);
    if (path.empty())
        return std::nullopt;
    place.rest = target.substr(pathSize - path.size());
    place.endpoint = endpointOf(path, headers);
    return place;
}

std::string plainPath(std::string_view path)
{
    dropDoubledSlashes(path);
    std::string plain = unreservedDecoded(path);
    if (plain.size() > 1 && plain.ends_with('/'))
        plain.pop_back();
    return plain;
}

std::optional<std::string_view> pathFault(std::string_view path)
{
    const bool isPlain = path.find('%') == std::string_view::npos;
    if (isPlain && path.find('.') == std::string_view::npos) // as nearly always
        return std::nullopt;
    const std::string decoded = isPlain ? std::string() : percentDecoded(path);
    const std::string_view read = isPlain ? path : std::string_view(decoded);
    if (read.find('\0') != std::string_view::npos)
        return "the path holds an encoded NUL";
    for (std::size_t begin = 0; begin <= read.size();) {
        const std::size_t end = std::min(read.find_first_of("/\\", begin), read.size());
        std::string_view segment = read.substr(begin, end - begin);
        segment = segment.substr(0, segment.find(';')); // parameters, of which Java's servers take no notice
        if (segment == "." || segment == "..")
            return "the path holds a segment '.' or '..', which may be encoded; send the path that is meant";
        begin = end + 1;
    }
    return std::nullopt;
}

} // namespace weir::llm
