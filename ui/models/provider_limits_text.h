// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "metrics/provider_limits.h"
#include <QString>

namespace weir::ui {

/// What a provider has last said of its own limits, in its own figures: "told at 14:03:11: requests 48 of 50
/// left, whole again 6m0s".
QString providerLimitsText(const metrics::ProviderLimits &told);

} // namespace weir::ui
