// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/room_options.h"

#include "engine/descriptors.h"
#include <algorithm>
#include <chrono>
#include <optional>

namespace weir::engine {

namespace {

using std::chrono::milliseconds;

std::optional<llm::BaseUrl> baseUrl(const std::string &text)
{
    if (text.empty())
        return std::nullopt;
    auto url = llm::parseBaseUrl(text);
    Q_ASSERT(url);
    return url ? std::optional(std::move(*url)) : std::nullopt;
}

llm::AuthMode authMode(config::Auth auth)
{
    switch (auth) {
    case config::Auth::PassThrough:
        return llm::AuthMode::PassThrough;
    case config::Auth::Stored:
        return llm::AuthMode::Stored;
    case config::Auth::None:
        return llm::AuthMode::None;
    }
    return llm::AuthMode::PassThrough;
}

llm::Provider toProvider(const config::Provider &settings)
{
    llm::Provider provider;
    provider.name = settings.name;
    provider.openAiBase = baseUrl(settings.openaiBase);
    provider.anthropicBase = baseUrl(settings.anthropicBase);
    provider.auth = authMode(settings.auth);
    provider.caFile = settings.caFile;
    return provider;
}

keys::Limits limitsOf(const config::Limits &settings)
{
    const auto unlessZero = [](std::int64_t most) {
        return most > 0 ? std::optional(most) : std::optional<std::int64_t>();
    };
    keys::Limits limits;
    limits.tokensPerWindow = unlessZero(settings.tokensPerWindow);
    limits.window = milliseconds(settings.windowMs);
    limits.tokensPerDay = unlessZero(settings.tokensPerDay);
    limits.tokensPerMinute = unlessZero(settings.tokensPerMinute);
    limits.requestsPerMinute = unlessZero(settings.requestsPerMinute);
    limits.concurrent = unlessZero(settings.concurrent);
    return limits;
}

} // namespace

server::Options serverOptions(const config::Config &config)
{
    server::Options options;
    options.address = config.listen.address;
    options.port = std::uint16_t(config.listen.port);
    options.connectionsMax = config.listen.connectionsMax;
    options.idleGrace = milliseconds(config.listen.idleGraceMs);
    options.descriptorsReserved = reservedDescriptors(config);
    options.bodyMax = config.limits.bodyMax;
    options.head = milliseconds(config.timeouts.headMs);
    options.bodyIdle = milliseconds(config.timeouts.bodyIdleMs);
    options.body = milliseconds(config.timeouts.bodyMs);
    options.bodyRate = config.timeouts.bodyRate;
    options.keepalive = milliseconds(config.timeouts.keepaliveMs);
    options.writeStall = milliseconds(config.timeouts.writeStallMs);
    return options;
}

upstream::PoolOptions poolOptions(const config::Config &config)
{
    upstream::PoolOptions options;
    options.lanesMin = config.pool.min;
    options.lanesMax = config.pool.max;
    options.lanesMaxSingle = config.pool.maxHttp1;
    options.health = std::chrono::seconds(config.pool.healthS);
    options.queueMax = config.pool.queueMax;
    options.queueWait = milliseconds(config.pool.queueWaitMs);
    options.connect = milliseconds(config.timeouts.connectMs);
    options.firstByte = milliseconds(config.timeouts.firstByteMs);
    options.idle = milliseconds(config.timeouts.idleMs);
    return options;
}

std::vector<llm::PriceRule> priceRules(const config::Config &config)
{
    const auto orElse = [](std::int64_t micros, std::int64_t other) { return micros < 0 ? other : micros; };
    std::vector<llm::PriceRule> rules;
    for (const config::Price &own : config.prices) {
        llm::Price price;
        price.input = std::max<std::int64_t>(own.input, 0);
        price.cachedInput = orElse(own.cachedInput, price.input);
        price.cacheWrite = orElse(own.cacheWrite, price.input);
        price.cacheWrite1h = orElse(own.cacheWrite1h, price.cacheWrite);
        price.output = orElse(own.output, price.input);
        rules.push_back({own.match, own.provider, own.promptOver, price});
    }
    for (llm::PriceRule &rule : llm::shippedPrices())
        rules.push_back(std::move(rule));
    return rules;
}

pipeline::Options pipelineOptions(const config::Config &config, const Authorities &authorities)
{
    pipeline::Options options;
    options.keyCache.size = std::size_t(config.keys.cacheSize);
    options.keyCache.timeToLive = milliseconds(config.keys.cacheTtlMs);
    options.limits = limitsOf(config.limits);
    options.charge = {config.keys.outputEstimate, config.keys.weightCached, config.keys.weightCacheWrite};
    options.guard.allowHosts = config.listen.allowHosts;
    options.guard.allowOrigins = config.listen.allowOrigins;
    options.routes.anthropic = config.route.anthropic;
    options.routes.openAi = config.route.openai;
    for (const config::Provider &settings : config.providers) {
        const auto trusted = authorities.find(settings.name);
        options.routes.providers.push_back({toProvider(settings), trusted == authorities.end()
                                                                      ? QList<QSslCertificate>()
                                                                      : trusted->second});
    }
    for (const config::Alias &alias : config.aliases)
        options.models.aliases.push_back({alias.match, alias.model, alias.provider});
    options.models.defaultModel = config.defaultModel;
    options.memoryBudget = config.limits.memoryBudget;
    options.exchangesMax = config.limits.exchangesMax;
    options.bodyMax = config.limits.bodyMax;
    options.bodyHold = config.limits.bodyHold;
    options.detailedTimeline = config.profiling.enabled;
    return options;
}

} // namespace weir::engine
