// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include <string>

namespace weir::store {

class Database;

/// Writes all of the database into one new file of mode 0600, while it is in use. An existing file is not
/// replaced. Holds the store thread until it is done.
base::Result<void> backUp(const Database &database, const std::string &to);

/// Puts a backup in the place of the database at `path`, which must not be open. The backup is checked first,
/// wholly; what was there is moved to `path`.replaced-<UTC time>, and its name returned ("" if nothing was).
/// Changes nothing where it fails.
base::Result<std::string> restore(const std::string &backup, const std::string &path,
                                  const base::Clock &clock);

} // namespace weir::store
