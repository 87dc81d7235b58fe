// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/body_reader.h"

#include <simdjson.h>

namespace weir::simulator {

using base::Errc;
using simdjson::dom::element;
using simdjson::dom::element_type;

namespace {

// FNV-1a, 64 bits.
constexpr std::uint64_t HashStart = 0xcbf29ce484222325U;
constexpr std::uint64_t HashPrime = 0x100000001b3U;

std::uint64_t hashBytes(std::string_view bytes, std::uint64_t hash = HashStart)
{
    for (const char byte : bytes)
        hash = (hash ^ static_cast<unsigned char>(byte)) * HashPrime;
    return hash;
}

base::Unexpected wrong(std::string why)
{
    return base::unexpected(Errc::MalformedRequest, std::move(why));
}

/// Text, or a list of token numbers.
base::Result<std::uint64_t> seedOf(const element &input)
{
    if (std::string_view text; input.get(text) == simdjson::SUCCESS)
        return hashBytes(text);
    if (simdjson::dom::array tokens; input.get(tokens) == simdjson::SUCCESS) {
        std::uint64_t hash = HashStart;
        for (const element token : tokens) {
            std::int64_t number = 0;
            if (token.get(number) != simdjson::SUCCESS)
                return wrong("'input' holds something that is neither text nor tokens.");
            hash = hashBytes(std::to_string(number) + ",", hash);
        }
        return hash;
    }
    return wrong("'input' must be text, a list of texts, tokens, or a list of lists of tokens.");
}

base::Result<void> readInput(const element &input, BodyFacts &facts)
{
    simdjson::dom::array inputs;
    const bool isList = input.get(inputs) == simdjson::SUCCESS;
    if (isList && inputs.size() == 0)
        return wrong("'input' is empty.");
    const bool isTokens = isList && inputs.begin().operator*().type() == element_type::INT64;
    if (!isList || isTokens) {
        const auto seed = seedOf(input);
        if (!seed)
            return base::Unexpected{seed.error()};
        facts.inputSeeds.assign(1, *seed);
        return {};
    }
    facts.inputSeeds.clear();
    for (const element each : inputs) {
        if (facts.inputSeeds.size() == InputsMax)
            return wrong("'input' holds more than " + std::to_string(InputsMax) + " texts.");
        const auto seed = seedOf(each);
        if (!seed)
            return base::Unexpected{seed.error()};
        facts.inputSeeds.push_back(*seed);
    }
    return {};
}

base::Result<void> readField(std::string_view name, const element &value, BodyFacts &facts)
{
    std::string_view text;
    if (name == "model") {
        if (value.get(text) != simdjson::SUCCESS)
            return wrong("'model' must be text.");
        facts.model = text;
    } else if (name == "stream") {
        facts.stream = value.get(facts.stream) == simdjson::SUCCESS && facts.stream;
    } else if (name == "stream_options") {
        bool asked = false;
        facts.includeUsage = value["include_usage"].get(asked) == simdjson::SUCCESS && asked;
    } else if (name == "encoding_format") {
        facts.wantsBase64 = value.get(text) == simdjson::SUCCESS && text == "base64";
    } else if (name == "dimensions" && !value.is_null()) {
        std::int64_t number = 0;
        if (value.get(number) != simdjson::SUCCESS || number < 1 || number > DimensionsMax)
            return wrong("'dimensions' must be a number from 1 to " + std::to_string(DimensionsMax) + ".");
        facts.dimensions = int(number);
    }
    return {};
}

} // namespace

struct BodyReader::State
{
    simdjson::dom::parser parser;

    /// Valid until the next call.
    base::Result<simdjson::dom::object> parse(const QByteArray &body)
    {
        element document;
        const auto problem = parser.parse(body.constData(), std::size_t(body.size()), true).get(document);
        if (problem != simdjson::SUCCESS)
            return wrong(std::string("The body is not valid JSON: ") + simdjson::error_message(problem));
        simdjson::dom::object object;
        if (document.get(object) != simdjson::SUCCESS)
            return wrong("The body is not a JSON object.");
        return object;
    }
};

BodyReader::BodyReader() : m_state(std::make_unique<State>()) {}
BodyReader::~BodyReader() = default;

base::Result<BodyFacts> BodyReader::read(const QByteArray &body)
{
    const auto object = m_state->parse(body);
    if (!object)
        return base::Unexpected{object.error()};
    BodyFacts facts;
    for (const auto field : *object) {
        if (const auto understood = readField(field.key, field.value, facts); !understood)
            return base::Unexpected{understood.error()};
    }
    return facts;
}

base::Result<BodyFacts> BodyReader::readEmbeddings(const QByteArray &body)
{
    auto facts = read(body);
    if (!facts)
        return facts;
    const auto object = m_state->parse(body);
    for (const auto field : *object) {
        if (field.key != "input")
            continue;
        if (const auto understood = readInput(field.value, *facts); !understood)
            return base::Unexpected{understood.error()};
    }
    if (facts->inputSeeds.empty())
        return wrong("'input' is missing.");
    return facts;
}

} // namespace weir::simulator
