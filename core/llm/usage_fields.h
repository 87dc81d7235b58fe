// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/dialect.h"
#include "llm/json_fields.h"
#include "llm/usage.h"

namespace weir::llm {

/// Takes what a `usage` object tells, by the names that any vendor has for it. `api` says which of two sets
/// counts where both are there, and what the numbers include. Other values than objects tell nothing.
void readUsage(Api api, simdjson::ondemand::value &field, TokenUsage &usage);

} // namespace weir::llm
