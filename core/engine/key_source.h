// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/error.h"
#include "config/config.h"
#include <string>

namespace weir::engine {

/// The environment variable that this provider's key is taken from; "" if it is not from one. Only of a
/// provider whose auth is stored, and then the one that `key_env` names, whether it is set or not, or a
/// built-in provider's own if it is set.
std::string variableInUse(const config::Provider &provider);

/// The provider's name in the keychain.
std::string entryName(const config::Provider &provider);

/// What a request is told while there is no key: it is missing, and how to store it …
base::Error keyMissing(const config::Provider &provider);
/// … is still being read …
base::Error keyBeingRead(const config::Provider &provider);
/// … or cannot be read, because of `why`.
base::Error keyUnreadable(const config::Provider &provider, base::Error why);

} // namespace weir::engine
