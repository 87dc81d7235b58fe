// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config.h"
#include <cstdint>
#include <optional>
#include <string>

namespace weir::engine {

/// Descriptors of Weir's own, generously: event loops, listening sockets, the database with its journal, a
/// backup of it, the keychain's and the desktop's connections, name look-ups, files that are read for a
/// moment.
inline constexpr int OwnDescriptors = 48;

/// How many descriptors clients may not take: Weir's own, and those of all connections to providers.
int reservedDescriptors(const config::Config &config);

/// What the user has to know where a process that may have `limit` descriptors cannot serve
/// listen.connections_max; nothing where it can.
std::optional<std::string> descriptorNotice(const config::Config &config, std::int64_t limit);

} // namespace weir::engine
