// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config.h"
#include "engine/engine.h"
#include "llm/prices.h"
#include "pipeline/options.h"
#include "server/options.h"
#include "upstream/pool.h"

namespace weir::engine {

/// What each room is told of the configuration. No room sees the Config itself.
server::Options serverOptions(const config::Config &config);
upstream::PoolOptions poolOptions(const config::Config &config);
/// The user's prices, then those that Weir knows.
std::vector<llm::PriceRule> priceRules(const config::Config &config);
/// The configuration has been checked: every base URL parses.
pipeline::Options pipelineOptions(const config::Config &config, const Authorities &authorities);

} // namespace weir::engine
