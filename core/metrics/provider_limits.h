// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "llm/rate_limits.h"
#include <string>
#include <vector>

namespace weir::metrics {

/// What a provider has last said of its own limits, beside what Weir counts. Of whoever called last: each
/// credential has limits of its own.
struct ProviderLimits
{
    std::string provider;
    base::WallMs at = 0;
    std::vector<llm::RateLimit> limits;
};

} // namespace weir::metrics
