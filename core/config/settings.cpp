// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <optional>

namespace weir::config {

namespace {

constexpr std::int64_t DayMs = 24LL * 60 * 60 * 1000;
constexpr std::int64_t GiB = 1024LL * 1024 * 1024;

// Shorthand for one row: the member, as a function that finds it in a Config.
#define AT(member)                                                                                           \
    [](Config & c) -> auto &                                                                                 \
    {                                                                                                        \
        return c.member;                                                                                     \
    }

constexpr std::array Table{
    Setting{"listen.address", TextPlace{AT(listen.address)}},
    Setting{"listen.port", IntegerPlace{AT(listen.port), 0, 65535}},
    Setting{"listen.allow_remote", BoolPlace{AT(listen.allowRemote)}},
    Setting{"listen.allow_hosts", ListPlace{AT(listen.allowHosts)}},
    Setting{"listen.connections_max", IntegerPlace{AT(listen.connectionsMax), 1, 8192}},
    Setting{"limits.exchanges_max", IntegerPlace{AT(limits.exchangesMax), 1, 8192}},
    Setting{"limits.body_max", BytesPlace{AT(limits.bodyMax), 1024, 4 * GiB}},
    Setting{"limits.body_hold", BytesPlace{AT(limits.bodyHold), 1024, GiB}},
    Setting{"timeouts.head_ms", IntegerPlace{AT(timeouts.headMs), 100, DayMs}},
    Setting{"timeouts.body_idle_ms", IntegerPlace{AT(timeouts.bodyIdleMs), 100, DayMs}},
    Setting{"timeouts.keepalive_ms", IntegerPlace{AT(timeouts.keepaliveMs), 100, DayMs}},
    Setting{"timeouts.write_stall_ms", IntegerPlace{AT(timeouts.writeStallMs), 100, DayMs}},
    Setting{"timeouts.connect_ms", IntegerPlace{AT(timeouts.connectMs), 10, DayMs}},
    Setting{"timeouts.first_byte_ms", IntegerPlace{AT(timeouts.firstByteMs), 10, DayMs}},
    Setting{"timeouts.idle_ms", IntegerPlace{AT(timeouts.idleMs), 10, DayMs}},
    Setting{"pool.min", IntegerPlace{AT(pool.min), 0, 64}},
    Setting{"pool.max", IntegerPlace{AT(pool.max), 1, 64}},
    Setting{"pool.warm", BoolPlace{AT(pool.warm)}},
    Setting{"pool.queue_max", IntegerPlace{AT(pool.queueMax), 0, 65536}},
    Setting{"pool.queue_wait_ms", IntegerPlace{AT(pool.queueWaitMs), 10, DayMs}},
    Setting{"route.anthropic", TextPlace{AT(route.anthropic)}},
    Setting{"route.openai", TextPlace{AT(route.openai)}},
    Setting{"profiling.enabled", BoolPlace{AT(profiling.enabled)}},
    Setting{"profiling.keep", IntegerPlace{AT(profiling.keep), 0, 100'000}},
    Setting{"upstream.use_system_proxy", BoolPlace{AT(useSystemProxy)}},
};

#undef AT

constexpr std::array<std::string_view, 6> ProviderKeys{
    "openai_base", "anthropic_base", "auth", "ca_file", "transport", "allow_plain_http",
};

std::string quoted(const Value &value)
{
    if (const auto *text = std::get_if<std::string>(&value))
        return "'" + *text + "'";
    if (const auto *number = std::get_if<std::int64_t>(&value))
        return std::to_string(*number);
    if (const auto *flag = std::get_if<bool>(&value))
        return *flag ? "true" : "false";
    return "a list";
}

template<typename Number>
std::string assignNumber(Number &out, std::int64_t min, std::int64_t max, const Value &value)
{
    const auto *number = std::get_if<std::int64_t>(&value);
    if (!number)
        return "must be a whole number, not " + quoted(value);
    if (*number < min || *number > max) {
        return "must be between " + std::to_string(min) + " and " + std::to_string(max) + ", not " +
               std::to_string(*number);
    }
    out = Number(*number);
    return {};
}

template<typename Wanted>
std::string assignAs(Wanted &out, const char *wanted, const Value &value)
{
    const auto *given = std::get_if<Wanted>(&value);
    if (!given)
        return std::string("must be ") + wanted + ", not " + quoted(value);
    out = *given;
    return {};
}

std::optional<bool> readBool(std::string_view text)
{
    if (text == "true" || text == "1" || text == "yes" || text == "on")
        return true;
    if (text == "false" || text == "0" || text == "no" || text == "off")
        return false;
    return std::nullopt;
}

Value readNumber(std::string_view text)
{
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isNumber = problem == std::errc() && end == text.data() + text.size();
    return isNumber ? Value(number) : Value(std::string(text));
}

Value readFlag(std::string_view text)
{
    const auto flag = readBool(text);
    return flag ? Value(*flag) : Value(std::string(text));
}

/// Levenshtein distance; the strings are short.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t(0));
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
        }
    }
    return row.back();
}

} // namespace

std::span<const Setting> settings()
{
    return Table;
}

const Setting *findSetting(std::string_view key)
{
    const auto found = std::find_if(Table.begin(), Table.end(),
                                    [key](const Setting &setting) { return setting.key == key; });
    return found == Table.end() ? nullptr : &*found;
}

std::string_view nearestKey(std::string_view key, std::span<const std::string_view> keys)
{
    std::string_view nearest;
    std::size_t best = key.size() / 3 + 2; // farther is a guess that confuses
    for (const std::string_view candidate : keys) {
        if (const std::size_t found = distance(key, candidate); found < best) {
            best = found;
            nearest = candidate;
        }
    }
    return nearest;
}

std::string assign(Config &config, const Setting &setting, const Value &value)
{
    if (const auto *place = std::get_if<IntegerPlace>(&setting.place))
        return assignNumber(place->of(config), place->min, place->max, value);
    if (const auto *place = std::get_if<BytesPlace>(&setting.place))
        return assignNumber(place->of(config), place->min, place->max, value);
    if (const auto *place = std::get_if<BoolPlace>(&setting.place))
        return assignAs(place->of(config), "true or false", value);
    if (const auto *place = std::get_if<TextPlace>(&setting.place))
        return assignAs(place->of(config), "a text", value);
    return assignAs(std::get<ListPlace>(setting.place).of(config), "a list of texts", value);
}

std::span<const std::string_view> providerKeys()
{
    return ProviderKeys;
}

std::string assign(Provider &provider, std::string_view key, const Value &value)
{
    if (key == "openai_base")
        return assignAs(provider.openaiBase, "a URL", value);
    if (key == "anthropic_base")
        return assignAs(provider.anthropicBase, "a URL", value);
    if (key == "ca_file")
        return assignAs(provider.caFile, "a file name", value);
    if (key == "allow_plain_http")
        return assignAs(provider.allowPlainHttp, "true or false", value);
    std::string choice;
    if (std::string wrong = assignAs(choice, "a text", value); !wrong.empty())
        return wrong;
    if (key == "auth") {
        if (choice == "stored")
            return "cannot be 'stored' in this version: keys are passed through from the tool";
        if (choice != "pass-through" && choice != "none")
            return "must be 'pass-through' or 'none', not " + quoted(value);
        provider.auth = choice == "none" ? Auth::None : Auth::PassThrough;
        return {};
    }
    if (choice == "direct")
        return "cannot be 'direct' in this version";
    if (choice != "auto" && choice != "qnam")
        return "must be 'auto' or 'qnam', not " + quoted(value);
    provider.transport = choice == "qnam" ? Transport::Qnam : Transport::Auto;
    return {};
}

Value valueFromText(const Setting &setting, std::string_view text)
{
    if (std::holds_alternative<IntegerPlace>(setting.place) ||
        std::holds_alternative<BytesPlace>(setting.place))
        return readNumber(text);
    if (std::holds_alternative<BoolPlace>(setting.place))
        return readFlag(text);
    if (std::holds_alternative<TextPlace>(setting.place))
        return std::string(text);
    std::vector<std::string> list;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        if (comma > 0)
            list.emplace_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return list;
}

Value valueFromText(std::string_view providerKey, std::string_view text)
{
    return providerKey == "allow_plain_http" ? readFlag(text) : Value(std::string(text));
}

} // namespace weir::config
