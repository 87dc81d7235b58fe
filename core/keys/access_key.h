// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/secret.h"
#include "keys/quota.h"
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::keys {

/// SHA-256 of a whole access key. The key itself is random, so the hash needs no salt, and looking it up
/// needs no constant time: who knows a part of a hash knows nothing of the key.
using KeyHash = std::array<std::uint8_t, 32>;

KeyHash hashOf(std::string_view accessKey);

/// What every key made here begins with, and no provider's does. Imported keys may look otherwise.
inline constexpr std::string_view KeyBeginning = "weir_";
/// Characters behind it: 256 bits in base64url.
inline constexpr std::size_t KeyTextSize = 43;

/// True if what looks like a key made here stands somewhere in `text`, whatever is around it. Such a text
/// must not leave this machine.
bool findsAccessKey(std::string_view text);
/// The same. Inline, because nearly all texts that it is asked of, fields of requests, are too short.
inline bool holdsAccessKey(std::string_view text)
{
    return text.size() >= KeyBeginning.size() + KeyTextSize && findsAccessKey(text);
}

/// What a tool sends to Weir in place of a provider's key. A plain value; the key itself is not in it.
struct AccessKey
{
    std::int64_t id = 0; ///< of the store; 0 = not stored yet
    std::string label;
    std::string prefix; ///< "weir_ab12c": enough to recognise it, useless to call with
    KeyHash hash{};
    std::string provider;                   ///< "" = as the route says
    std::string model;                      ///< sent in place of the request's; "" = the request's
    std::vector<std::string> allowedModels; ///< names, or patterns with *; empty = all
    bool isBackground = false;              ///< waits behind interactive calls
    bool isPaused = false;
    base::WallMs createdAt = 0;
    std::optional<base::WallMs> expiresAt;
    std::optional<base::WallMs> lastUsedAt;
    Limits limits;

    bool isExpired(base::WallMs now) const { return expiresAt && *expiresAt <= now; }

    bool operator==(const AccessKey &) const = default;
};

/// A new key and what is kept of it: prefix and hash are filled in, the rest is the caller's. `secret` is
/// shown once and then forgotten.
struct NewAccessKey
{
    base::Secret secret; ///< "weir_" and 256 random bits in base64url
    AccessKey key;
};
NewAccessKey makeAccessKey();

} // namespace weir::keys
