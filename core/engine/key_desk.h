// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/store_desk.h"
#include <string_view>

namespace weir::engine {

/// Where the pages for access keys begin.
inline constexpr std::string_view KeysFolder = "/admin/keys";

/// Answers the pages for access keys from the database:
///   GET    /admin/keys              {"keys": [KEY…]}, oldest first; KEY as keyObject() makes it
///   POST   /admin/keys              makes one: KEY and "secret", the key itself, for the only time
///   POST   /admin/keys/import       the ancestor's key file: {"imported", "known_already"}
///   GET    /admin/keys/{id}         KEY
///   PATCH  /admin/keys/{id}         changes what the body names: KEY
///   POST   /admin/keys/{id}/rotate  KEY and "secret"; the old one stops working
///   DELETE /admin/keys/{id}         {"deleted": id}
/// A key goes to none but one of `providers`; one that goes to another already may stay so. FieldInvalid and
/// ImportInvalid say what is wrong with the body, NotStored that there is no such key. The
/// answer's changedKeys are those of which somebody may remember something else. Store thread.
DeskAnswer answerAboutKeys(const store::Database &database, const pipeline::Question &question,
                           base::WallMs now, const ProviderNames &providers);

/// What the key `question.keyId` has used, for its owner, in the ancestor's shape: {"key", "name", "model",
/// "token_limit_per_5h", "expiry_date", "created_at", "last_used", "is_expired", "current_usage":
/// {"tokens_used_in_current_window", "window_started_at", "window_ends_at", "remaining_tokens"},
/// "total_lifetime_tokens"}. "key" is its beginning; null is none. Store thread.
pipeline::Answer ownStats(const store::Database &database, const pipeline::Question &question,
                          base::WallMs now);

} // namespace weir::engine
