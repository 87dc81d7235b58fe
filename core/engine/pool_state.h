// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "metrics/pool_state.h"
#include "upstream/pool.h"

namespace weir::engine {

/// What a pool counts, as the value that crosses to the window; the percentiles are left empty.
metrics::PoolState poolState(const upstream::Pool &pool);

} // namespace weir::engine
