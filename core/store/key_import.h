// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "store/key_store.h"
#include <QByteArray>
#include <vector>

namespace weir::store {

inline constexpr qsizetype ImportBytesMax = 16 * 1024 * 1024;

/// Reads the ancestor's key file: {"keys": [{"key", "name", "model", "token_limit_per_5h", "expiry_date",
/// "created_at", "last_used", "total_lifetime_tokens", "usage_windows": [{"window_start", "tokens_used"}]}]}.
/// Only "key" must be there; dates are as in RFC 3339; fields it does not know are passed over. All or
/// nothing: ImportInvalid names line and reason. Keys are hashed here and appear in no error. Pure.
base::Result<std::vector<ImportedKey>> readKeyFile(const QByteArray &json);

} // namespace weir::store
