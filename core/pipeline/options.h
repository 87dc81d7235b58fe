// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "base/secret.h"
#include "http/limits.h"
#include "keys/key_cache.h"
#include "llm/model_rule.h"
#include "llm/provider.h"
#include "pipeline/charge.h"
#include "upstream/lane.h"
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::pipeline {

/// What may call Weir besides what is on this machine anyway.
struct GuardOptions
{
    std::vector<std::string> allowHosts;   ///< names besides the loopback ones
    std::vector<std::string> allowOrigins; ///< besides those of local programs, exactly as they are sent
};

/// What Weir adds to the requests of a provider whose auth is stored, or why it cannot.
using ProviderSecret = base::Result<std::shared_ptr<const base::Secret>>;

/// A provider and how its origins are trusted.
struct RoutedProvider
{
    llm::Provider provider;
    QList<QSslCertificate> authorities; ///< empty = the system's
};

struct RouteOptions
{
    std::vector<RoutedProvider> providers;
    std::string anthropic; ///< provider of each dialect's plain /v1/ paths
    std::string openAi;

    /// The provider of this name; null if there is none.
    const RoutedProvider *find(std::string_view name) const
    {
        for (const RoutedProvider &routed : providers) {
            if (routed.provider.name == name)
                return &routed;
        }
        return nullptr;
    }
};

/// Weir's own pages.
struct AdminOptions
{
    /// Opens the pages that tell of more than one caller; null = nobody may.
    std::shared_ptr<const base::Secret> token;
    /// Whether there is a store of access keys.
    bool hasKeys = false;
};

struct Options
{
    keys::KeyCache::Options keyCache;
    keys::Limits limits; ///< of all requests together
    ChargeRules charge;
    GuardOptions guard;
    RouteOptions routes;
    llm::ModelRules models; ///< every provider that an alias names is among routes.providers
    AdminOptions admin;
    int exchangesMax = 1024;
    std::int64_t bodyMax = http::BodyMaxDefault;           ///< bytes
    std::int64_t bodyHold = http::BodyHoldDefault;         ///< bytes
    std::int64_t memoryBudget = http::MemoryBudgetDefault; ///< bytes
    bool detailedTimeline = true;
};

} // namespace weir::pipeline
