// SPDX-License-Identifier: GPL-3.0-or-later
// OpenAI's Embeddings API.
#include "llm/json_string.h"
#include "simulator/json_text.h"
#include "simulator/replies.h"
#include <bit>
#include <cmath>
#include <QtEndian>

namespace weir::simulator {

namespace {

/// SplitMix64: the next of a row of numbers that looks random and depends on the seed alone.
std::uint64_t nextRandom(std::uint64_t &state)
{
    state += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

/// A vector of length one: the same for the same input, wherever in the list it stands.
std::vector<float> makeVector(std::uint64_t seed, int dimensions)
{
    std::vector<float> vector(std::size_t(dimensions), 0.0F);
    double squares = 0;
    for (float &value : vector) {
        const double unit = double(nextRandom(seed) >> 11U) * 0x1.0p-53; // [0, 1)
        value = float(unit * 2 - 1);
        squares += double(value) * double(value);
    }
    const auto scale = float(1 / std::sqrt(squares));
    for (float &value : vector)
        value *= scale;
    return vector;
}

QByteArray asBase64(const std::vector<float> &vector)
{
    QByteArray bytes(qsizetype(vector.size() * sizeof(float)), Qt::Uninitialized);
    char *at = bytes.data();
    for (const float value : vector) {
        qToLittleEndian(std::bit_cast<quint32>(value), at);
        at += sizeof(float);
    }
    return '"' + bytes.toBase64() + '"';
}

QByteArray asList(const std::vector<float> &vector)
{
    constexpr qsizetype DigitsPerNumber = 14;
    QByteArray out;
    out.reserve(qsizetype(vector.size()) * DigitsPerNumber);
    out.append('[');
    std::array<char, 32> digits;
    for (const float value : vector) {
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        out.append(digits.data(), end - digits.data());
        out.append(',');
    }
    out.back() = ']';
    return out;
}

} // namespace

Script embeddingsReply(const ReplyContext &context)
{
    const BodyFacts &facts = context.facts;
    QByteArray body = R"({"object":"list","data":[)";
    for (std::size_t index = 0; index < facts.inputSeeds.size(); ++index) {
        const auto vector = makeVector(facts.inputSeeds[index], facts.dimensions);
        body += concat(index == 0 ? "" : ",", R"({"object":"embedding","index":)", index, R"(,"embedding":)",
                       facts.wantsBase64 ? asBase64(vector) : asList(vector), "}");
    }
    body += concat(R"(],"model":)", llm::jsonString(facts.model), R"(,"usage":{"prompt_tokens":)",
                   context.inputTokens, R"(,"total_tokens":)", context.inputTokens, "}}");
    return jsonScript(llm::Dialect::OpenAi, 200, std::move(body), context.serial);
}

} // namespace weir::simulator
