// SPDX-License-Identifier: GPL-3.0-or-later
// Random request bodies, the same ones in every run.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace weir::llm::reference {

class Documents
{
public:
    explicit Documents(std::uint32_t seed) : m_random(seed) {}

    /// A number in [0, below).
    std::size_t upTo(std::size_t below)
    {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(m_random);
    }

    template<std::size_t Size>
    std::string oneOf(const std::array<std::string_view, Size> &choices)
    {
        return std::string(choices[upTo(Size)]);
    }

    /// An object with members in any order, some of them twice, some that look like others.
    std::string body()
    {
        std::string json = blanks() + "{" + blanks();
        const std::size_t members = upTo(9);
        for (std::size_t at = 0; at < members; ++at)
            json += (at ? "," : "") + blanks() + key() + blanks() + ":" + blanks() + value(0) + blanks();
        return json + "}" + blanks();
    }

    /// `json` in pieces, cut anywhere; some are empty.
    std::vector<std::string_view> pieces(std::string_view json)
    {
        std::vector<std::string_view> cut;
        const std::size_t largest = 1 + upTo(std::max<std::size_t>(json.size(), 1));
        while (!json.empty()) {
            const std::size_t size = std::min(upTo(largest + 1), json.size());
            cut.push_back(json.substr(0, size));
            json.remove_prefix(size);
        }
        return cut;
    }

    /// `json` with one byte changed, taken out or put in: mostly no JSON any more.
    std::string damaged(std::string json)
    {
        const std::size_t at = upTo(json.size());
        const std::string byte(1, oneOf(Bytes)[0]);
        const std::size_t taken = upTo(2);
        return json.replace(at, taken, taken && upTo(2) ? "" : byte);
    }

    std::string string()
    {
        std::string json = "\"";
        for (std::size_t left = upTo(3) ? upTo(6) : upTo(20); left > 0; --left)
            json += oneOf(Texts);
        return json + "\"";
    }

private:
    std::string blanks() { return upTo(4) ? "" : oneOf(Blanks); }
    std::string key() { return upTo(8) ? oneOf(Keys) : string(); }

    std::string value(std::size_t depth)
    {
        const std::size_t kind = upTo(depth > 5 ? 6 : 9);
        if (kind < 3)
            return string();
        if (kind < 6)
            return oneOf(Scalars);
        std::string json;
        const bool isObject = kind < 8;
        const std::size_t elements = upTo(4);
        for (std::size_t at = 0; at < elements; ++at)
            json += (at ? "," : "") + blanks() + (isObject ? key() + ":" : "") + value(depth + 1) + blanks();
        return (isObject ? "{" : "[") + json + (isObject ? "}" : "]");
    }

    static constexpr std::array<std::string_view, 5> Blanks{" ", "\n", "\t", "\r\n  ", "          "};
    static constexpr std::array<std::string_view, 14> Keys{
        R"("model")",    R"("model")",          R"("model")", R"("mod\u0065l")",   R"("models")",
        R"("stream")",   R"("max_tokens")",     R"("user")",  R"("metadata")",     R"("user_id")",
        R"("messages")", R"("stream_options")", R"("input")", R"("include_usage")"};
    static constexpr std::array<std::string_view, 12> Scalars{
        "true", "false", "null", "0", "-0", "12", "-1.5", "1e9", "2E-3", "0.25", "123456789012345678901",
        "4e+1"};
    static constexpr std::array<std::string_view, 20> Texts{"a",
                                                            "model",
                                                            "\\\"",
                                                            "\\\\",
                                                            "\\n",
                                                            "\\u0041",
                                                            "\\ud83c\\udf0a",
                                                            "\\ud800",
                                                            "\\udc00",
                                                            "\\/",
                                                            "{",
                                                            "}",
                                                            "[],:",
                                                            " ",
                                                            "gr\xC3\xBC\xC3\x9F",
                                                            "\xF0\x9F\x8C\x8A",
                                                            "\xE2\x82\xAC",
                                                            "\\u0000",
                                                            "claude",
                                                            "0123456789012345678901234567890123456789"};
    static constexpr std::array<std::string_view, 20> Bytes{"\"",   "\\",   "{",    "}",    "[",    "]", ",",
                                                            ":",    "0",    "-",    ".",    "e",    "t", "\n",
                                                            "\x01", "\x7F", "\x80", "\xFF", "\xC3", " "};

    std::mt19937 m_random;
};

} // namespace weir::llm::reference
