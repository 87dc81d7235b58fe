// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace weir::config {

namespace {

constexpr std::int64_t DayMs = 24LL * 60 * 60 * 1000;
constexpr int DollarsMax = 100'000; // for a million tokens
constexpr std::int64_t GiB = 1024LL * 1024 * 1024;
constexpr std::int64_t TokensMax = std::int64_t{1} << 52; // keys::RollingWindow::AmountMax

using Integer = NumberPlace<Config, int>;
using Bytes = NumberPlace<Config, std::int64_t>;
using Factor = FactorPlace<Config>;
using Flag = FlagPlace<Config>;
using Text = TextPlace<Config>;
using List = ListPlace<Config>;

// Shorthand for one row: the member, as a function that finds it in its owner. A table is read in columns.
// clang-format off
#define MEMBER(Owner, member) [](Owner &owner) -> auto & { return owner.member; }
#define AT(member) MEMBER(Config, member)
#define OF(member) MEMBER(Provider, member)
#define OF_ALIAS(member) MEMBER(Alias, member)
#define OF_PRICE(member) MEMBER(Price, member)

constexpr std::array Table{
    Setting<Config>{"listen.address", Text{AT(listen.address)}, "loopback address to listen on"},
    Setting<Config>{"listen.port", Integer{AT(listen.port), 0, 65535}, "0 takes any free port"},
    Setting<Config>{"listen.allow_remote", Flag{AT(listen.allowRemote)}, "listen beyond loopback (needs access keys)"},
    Setting<Config>{"listen.allow_hosts", List{AT(listen.allowHosts)}, "further Host names served (needs access keys)"},
    Setting<Config>{"listen.allow_origins", List{AT(listen.allowOrigins)}, "Origins served besides those of local programs (app://, tauri://, …)"},
    Setting<Config>{"listen.connections_max", Integer{AT(listen.connectionsMax), 1, 8192}, "client connections at a time"},
    Setting<Config>{"listen.idle_grace_ms", Integer{AT(listen.idleGraceMs), 10, DayMs}, "idle for this long, a connection makes room for a new one"},
    Setting<Config>{"limits.exchanges_max", Integer{AT(limits.exchangesMax), 1, 8192}, "requests in work at a time"},
    Setting<Config>{"limits.body_max", Bytes{AT(limits.bodyMax), 1, 4 * GiB}, "largest request body, in bytes"},
    Setting<Config>{"limits.body_hold", Bytes{AT(limits.bodyHold), 1, GiB}, "largest request body held whole, in bytes"},
    Setting<Config>{"limits.memory_budget", Bytes{AT(limits.memoryBudget), 1, 64 * GiB}, "held of all requests together, in bytes"},
    Setting<Config>{"limits.tokens_per_window", Bytes{AT(limits.tokensPerWindow), 0, TokensMax}, "of all requests within limits.window_ms; 0 = any number"},
    Setting<Config>{"limits.window_ms", Integer{AT(limits.windowMs), 1000, 7 * DayMs}, "how long a token counts for it"},
    Setting<Config>{"limits.tokens_per_day", Bytes{AT(limits.tokensPerDay), 0, TokensMax}, "of all requests within 24 hours; 0 = any number"},
    Setting<Config>{"limits.tokens_per_minute", Bytes{AT(limits.tokensPerMinute), 0, TokensMax}, "of all requests within a minute; 0 = any number"},
    Setting<Config>{"limits.requests_per_minute", Integer{AT(limits.requestsPerMinute), 0, 1'000'000'000}, "of all keys together; 0 = any number"},
    Setting<Config>{"limits.concurrent", Integer{AT(limits.concurrent), 0, 8192}, "requests at a time that a provider bills; 0 = any number"},
    Setting<Config>{"timeouts.head_ms", Integer{AT(timeouts.headMs), 10, DayMs}, "for a client to send its request head"},
    Setting<Config>{"timeouts.body_idle_ms", Integer{AT(timeouts.bodyIdleMs), 10, DayMs}, "between two parts of a request body"},
    Setting<Config>{"timeouts.body_ms", Integer{AT(timeouts.bodyMs), 10, DayMs}, "for a request body that comes slower than timeouts.body_rate"},
    Setting<Config>{"timeouts.body_rate", Integer{AT(timeouts.bodyRate), 0, 1'000'000'000}, "bytes per second on average; 0 = any"},
    Setting<Config>{"timeouts.keepalive_ms", Integer{AT(timeouts.keepaliveMs), 10, DayMs}, "for an idle client connection"},
    Setting<Config>{"timeouts.write_stall_ms", Integer{AT(timeouts.writeStallMs), 10, DayMs}, "for a client that does not read"},
    Setting<Config>{"timeouts.connect_ms", Integer{AT(timeouts.connectMs), 10, DayMs}, "for a connection to an upstream"},
    Setting<Config>{"timeouts.first_byte_ms", Integer{AT(timeouts.firstByteMs), 10, DayMs}, "for an upstream to begin its reply"},
    Setting<Config>{"timeouts.idle_ms", Integer{AT(timeouts.idleMs), 10, DayMs}, "between two parts of a reply"},
    Setting<Config>{"pool.min", Integer{AT(pool.min), 0, 64}, "connections kept open per provider and origin"},
    Setting<Config>{"pool.max", Integer{AT(pool.max), 1, 64}, "connections at most per provider and origin"},
    Setting<Config>{"pool.max_http1", Integer{AT(pool.maxHttp1), 1, 1024}, "the same where each carries one request at a time"},
    Setting<Config>{"pool.warm", Flag{AT(pool.warm)}, "connect before the first request"},
    Setting<Config>{"pool.health_s", Integer{AT(pool.healthS), 1, 86'400}, "between two checks of a silent connection"},
    Setting<Config>{"pool.queue_max", Integer{AT(pool.queueMax), 1, 65536}, "requests that may wait for a connection"},
    Setting<Config>{"pool.queue_wait_ms", Integer{AT(pool.queueWaitMs), 10, DayMs}, "how long one may wait"},
    Setting<Config>{"route.anthropic", Text{AT(route.anthropic)}, "provider for the Anthropic dialect"},
    Setting<Config>{"route.openai", Text{AT(route.openai)}, "provider for the OpenAI dialect"},
    Setting<Config>{"default_model", Text{AT(defaultModel)}, "model for requests that name none"},
    Setting<Config>{"profiling.enabled", Flag{AT(profiling.enabled)}, "record every step of each request"},
    Setting<Config>{"profiling.keep", Integer{AT(profiling.keep), 0, 100'000}, "how many recordings are kept"},
    Setting<Config>{"store.enabled", Flag{AT(store.enabled)}, "keep usage across restarts"},
    Setting<Config>{"store.keep_days", Integer{AT(store.keepDays), 1, 3650}, "how long each request is kept; sums by hour stay longer"},
    Setting<Config>{"store.max_mb", Integer{AT(store.maxMb), 1, 100'000}, "largest database, in MiB; the oldest requests go first"},
    Setting<Config>{"keys.cache_size", Integer{AT(keys.cacheSize), 1, 10'000}, "access keys in memory"},
    Setting<Config>{"keys.cache_ttl_ms", Integer{AT(keys.cacheTtlMs), 10, DayMs}, "how long one stays there unasked-for"},
    Setting<Config>{"keys.output_estimate", Integer{AT(keys.outputEstimate), 0, 1'000'000'000}, "tokens set aside for a reply whose request names no most"},
    Setting<Config>{"keys.weight_cached", Factor{AT(keys.weightCached), 0, 100'000}, "what an input token from the provider's cache counts"},
    Setting<Config>{"keys.weight_cache_write", Factor{AT(keys.weightCacheWrite), 0, 100'000}, "what one counts that is written to it"},
    Setting<Config>{"upstream.use_system_proxy", Flag{AT(useSystemProxy)}, "reach upstreams through the system's proxy"},
};

constexpr std::array AuthChoices{
    Choice<Provider>{"pass-through", [](Provider &p) { p.auth = Auth::PassThrough; }},
    Choice<Provider>{"none", [](Provider &p) { p.auth = Auth::None; }},
    Choice<Provider>{"stored", [](Provider &p) { p.auth = Auth::Stored; }},
};
constexpr std::array TransportChoices{
    Choice<Provider>{"auto", [](Provider &p) { p.transport = Transport::Auto; }},
    Choice<Provider>{"direct", [](Provider &p) { p.transport = Transport::Direct; }},
    Choice<Provider>{"qnam", [](Provider &p) { p.transport = Transport::Qnam; }},
};

constexpr std::array ProviderTable{
    Setting<Provider>{"name", TextPlace<Provider>{OF(name)}, "small letters, digits, '-' and '_'"},
    Setting<Provider>{"openai_base", TextPlace<Provider>{OF(openaiBase)}, "URL of its OpenAI dialect, version included"},
    Setting<Provider>{"anthropic_base", TextPlace<Provider>{OF(anthropicBase)}, "URL of its Anthropic dialect, without /v1"},
    Setting<Provider>{"auth", ChoicePlace<Provider>{AuthChoices}, "whose key is sent"},
    Setting<Provider>{"key_env", TextPlace<Provider>{OF(keyEnv)}, "environment variable that holds its key, instead of the keychain"},
    Setting<Provider>{"ca_file", TextPlace<Provider>{OF(caFile)}, "PEM file of the authorities trusted instead of the system's"},
    Setting<Provider>{"transport", ChoicePlace<Provider>{TransportChoices}, "how it is reached"},
    Setting<Provider>{"allow_plain_http", FlagPlace<Provider>{OF(allowPlainHttp)}, "send keys unencrypted beyond loopback"},
};

constexpr std::array AliasTable{
    Setting<Alias>{"match", TextPlace<Alias>{OF_ALIAS(match)}, "model that the client asks for; * stands for any characters"},
    Setting<Alias>{"model", TextPlace<Alias>{OF_ALIAS(model)}, "model that is asked for instead"},
    Setting<Alias>{"provider", TextPlace<Alias>{OF_ALIAS(provider)}, "provider that is asked"},
};

constexpr std::array PriceTable{
    Setting<Price>{"match", TextPlace<Price>{OF_PRICE(match)}, "model; * stands for any characters"},
    Setting<Price>{"provider", TextPlace<Price>{OF_PRICE(provider)}, "only of this provider"},
    Setting<Price>{"prompt_over", NumberPlace<Price, std::int64_t>{OF_PRICE(promptOver), 0, 1'000'000'000}, "only for prompts of more tokens"},
    Setting<Price>{"input", DollarsPlace<Price>{OF_PRICE(input)}, "dollars per million input tokens"},
    Setting<Price>{"cached_input", DollarsPlace<Price>{OF_PRICE(cachedInput)}, "the same, read from the provider's cache"},
    Setting<Price>{"cache_write", DollarsPlace<Price>{OF_PRICE(cacheWrite)}, "the same, written to it"},
    Setting<Price>{"cache_write_1h", DollarsPlace<Price>{OF_PRICE(cacheWrite1h)}, "the same, kept there for an hour"},
    Setting<Price>{"output", DollarsPlace<Price>{OF_PRICE(output)}, "dollars per million output tokens"},
};
// clang-format on

#undef OF_PRICE
#undef OF_ALIAS
#undef OF
#undef AT
#undef MEMBER

template<typename Number>
std::string assignNumber(Number &out, std::int64_t min, std::int64_t max, const Value &value)
{
    const auto *number = std::get_if<std::int64_t>(&value);
    if (!number)
        return "must be a whole number, not " + describe(value);
    if (*number < min || *number > max) {
        return "must be between " + std::to_string(min) + " and " + std::to_string(max) + ", not " +
               std::to_string(*number);
    }
    out = static_cast<Number>(*number);
    return {};
}

std::string assignDollars(std::int64_t &micros, const Value &value)
{
    double dollars = -1;
    if (const auto *whole = std::get_if<std::int64_t>(&value))
        dollars = double(*whole);
    else if (const auto *number = std::get_if<double>(&value))
        dollars = *number;
    if (!(dollars >= 0 && dollars <= DollarsMax)) // nor not a number
        return "must be an amount of dollars between 0 and " + std::to_string(DollarsMax) + ", not " +
               describe(value);
    micros = std::llround(dollars * 1e6);
    return {};
}

std::string asDecimal(int thousandths)
{
    std::string text = std::to_string(thousandths / 1000);
    if (const int rest = thousandths % 1000)
        text += "." + std::to_string(1000 + rest).substr(1);
    return text;
}

std::string assignFactor(int &out, int min, int max, const Value &value)
{
    constexpr double Slack = 1e-6; // 0.001 has no exact double
    double given = 0;
    if (const auto *whole = std::get_if<std::int64_t>(&value))
        given = double(*whole) * 1000;
    else if (const auto *fraction = std::get_if<double>(&value))
        given = *fraction * 1000;
    else
        return "must be a number, not " + describe(value);
    if (!(given >= min - Slack && given <= max + Slack))
        return "must be between " + asDecimal(min) + " and " + asDecimal(max);
    if (std::abs(given - std::round(given)) > Slack)
        return "must not have more than three decimals";
    out = int(std::lround(given));
    return {};
}

std::string assignFlag(bool &out, const Value &value)
{
    const auto *flag = std::get_if<bool>(&value);
    if (!flag)
        return "must be true or false, not " + describe(value);
    out = *flag;
    return {};
}

std::string assignText(std::string &out, const Value &value)
{
    const auto *text = std::get_if<std::string>(&value);
    if (!text)
        return "must be a text, not " + describe(value);
    if (text->size() > TextMax)
        return "must not be longer than " + std::to_string(TextMax) + " bytes";
    out = *text;
    return {};
}

std::string assignList(std::vector<std::string> &out, const Value &value)
{
    const auto *list = std::get_if<std::vector<std::string>>(&value);
    if (!list)
        return "must be a list of texts, not " + describe(value);
    out = *list;
    return {};
}

template<typename Owner>
std::string assignChoice(Owner &owner, std::span<const Choice<Owner>> choices, const Value &value)
{
    const auto *word = std::get_if<std::string>(&value);
    std::string offered;
    for (const Choice<Owner> &choice : choices) {
        const bool isMeant = word && *word == choice.word;
        if (isMeant && !choice.refusal.empty())
            return "cannot be " + describe(value) + " in this version: " + std::string(choice.refusal);
        if (isMeant) {
            choice.take(owner);
            return {};
        }
        if (choice.refusal.empty())
            offered += (offered.empty() ? "'" : " or '") + std::string(choice.word) + "'";
    }
    return "must be " + offered + ", not " + describe(value);
}

Value readNumber(std::string_view text)
{
    std::int64_t number = 0;
    const char *const last = text.data() + text.size();
    const auto [end, problem] = std::from_chars(text.data(), last, number);
    const bool isNumber = problem == std::errc() && end == last;
    return isNumber ? Value(number) : Value(std::string(text));
}

Value readFactor(std::string_view text)
{
    double number = 0;
    const char *const last = text.data() + text.size();
    const auto [end, problem] = std::from_chars(text.data(), last, number, std::chars_format::fixed);
    const bool isNumber = problem == std::errc() && end == last;
    return isNumber ? Value(number) : Value(std::string(text));
}

Value readFlag(std::string_view text)
{
    if (text == "true" || text == "1" || text == "yes" || text == "on")
        return true;
    if (text == "false" || text == "0" || text == "no" || text == "off")
        return false;
    return std::string(text);
}

Value readList(std::string_view text)
{
    std::vector<std::string> list;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        if (comma > 0)
            list.emplace_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return list;
}

template<typename... Handlers>
struct Overloaded : Handlers...
{
    using Handlers::operator()...;
};
template<typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

} // namespace

std::span<const Setting<Config>> settings()
{
    return Table;
}

std::span<const Setting<Provider>> providerSettings()
{
    return ProviderTable;
}

std::span<const Setting<Alias>> aliasSettings()
{
    return AliasTable;
}

std::span<const Setting<Price>> priceSettings()
{
    return PriceTable;
}

template<typename Owner>
std::string assign(Owner &owner, const Setting<Owner> &setting, const Value &value)
{
    return std::visit(
        Overloaded{
            [&](const DollarsPlace<Owner> &place) { return assignDollars(place.of(owner), value); },
            [&](const FlagPlace<Owner> &place) { return assignFlag(place.of(owner), value); },
            [&](const TextPlace<Owner> &place) { return assignText(place.of(owner), value); },
            [&](const FactorPlace<Owner> &place) {
                return assignFactor(place.of(owner), place.min, place.max, value);
            },
            [&](const ListPlace<Owner> &place) { return assignList(place.of(owner), value); },
            [&](const ChoicePlace<Owner> &place) { return assignChoice(owner, place.choices, value); },
            [&](const auto &place) { return assignNumber(place.of(owner), place.min, place.max, value); },
        },
        setting.place);
}

template<typename Owner>
Value valueFromText(const Setting<Owner> &setting, std::string_view text)
{
    return std::visit(Overloaded{
                          [&](const DollarsPlace<Owner> &) { return Value(std::string(text)); },
                          [&](const FlagPlace<Owner> &) { return readFlag(text); },
                          [&](const TextPlace<Owner> &) { return Value(std::string(text)); },
                          [&](const FactorPlace<Owner> &) { return readFactor(text); },
                          [&](const ListPlace<Owner> &) { return readList(text); },
                          [&](const ChoicePlace<Owner> &) { return Value(std::string(text)); },
                          [&](const auto &) { return readNumber(text); },
                      },
                      setting.place);
}

template std::string assign(Price &, const Setting<Price> &, const Value &);
template std::string assign(Config &, const Setting<Config> &, const Value &);
template std::string assign(Provider &, const Setting<Provider> &, const Value &);
template std::string assign(Alias &, const Setting<Alias> &, const Value &);
template Value valueFromText(const Setting<Config> &, std::string_view);
template Value valueFromText(const Setting<Provider> &, std::string_view);

} // namespace weir::config
