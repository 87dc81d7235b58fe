// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/entries.h"
#include <cstdint>
#include <string>
#include <vector>

namespace weir::config {

/// All settings as one plain value, with their defaults. Names in weir.toml are `section.key` with
/// underscores: Listen::port is `listen.port`, Timeouts::firstByteMs is `timeouts.first_byte_ms`.
struct Listen
{
    std::string address = "127.0.0.1";
    int port = 8484; ///< 0 = any free one
    bool allowRemote = false;
    std::vector<std::string> allowHosts;
    std::vector<std::string> allowOrigins;
    int connectionsMax = 1024;
    int idleGraceMs = 5'000;
};

struct Limits
{
    int exchangesMax = 1024;
    std::int64_t bodyMax = 64LL * 1024 * 1024;       ///< bytes
    std::int64_t bodyHold = 32LL * 1024 * 1024;      ///< bytes
    std::int64_t memoryBudget = 256LL * 1024 * 1024; ///< bytes
    std::int64_t tokensPerWindow = 0;                ///< as all below: of all callers together; 0 = none
    int windowMs = 5 * 60 * 60 * 1000;
    std::int64_t tokensPerDay = 0;
    std::int64_t tokensPerMinute = 0;
    int requestsPerMinute = 0;
    int concurrent = 0;
};

struct Timeouts
{
    // Client side.
    int headMs = 10'000;
    int bodyIdleMs = 30'000;
    int bodyMs = 120'000;
    int bodyRate = 8192; ///< bytes per second
    int keepaliveMs = 75'000;
    int writeStallMs = 60'000;
    // Upstream side.
    int connectMs = 10'000;
    int firstByteMs = 600'000;
    int idleMs = 600'000;
};

struct Pool
{
    int min = 2;
    int max = 10;
    int maxHttp1 = 64;
    bool warm = false;
    int healthS = 30;
    int queueMax = 256;
    int queueWaitMs = 30'000;
};

struct Route
{
    std::string anthropic = "anthropic";
    std::string openai = "openai";
};

struct Profiling
{
    bool enabled = true;
    int keep = 1000;
};

/// Access keys in memory, and how their tokens are counted.
struct Keys
{
    int cacheSize = 1000;
    int cacheTtlMs = 300'000;
    int outputEstimate = 4096;   ///< tokens
    int weightCached = 1000;     ///< thousandths
    int weightCacheWrite = 1000; ///< thousandths
};

struct Store
{
    bool enabled = true;
    int keepDays = 30;
    int maxMb = 200; ///< MiB
};

struct Config
{
    Listen listen;
    Limits limits;
    Timeouts timeouts;
    Pool pool;
    Route route;
    Profiling profiling;
    Store store;
    Keys keys;
    bool useSystemProxy = false;     ///< `upstream.use_system_proxy`
    std::string defaultModel;        ///< for requests that name none; "" = none
    std::vector<Provider> providers; ///< built-in ones first, all resolved
    std::vector<Alias> aliases;      ///< in the order of the file: the first that matches counts
    std::vector<Price> prices;       ///< the same; they go before those that Weir knows
};

} // namespace weir::config
