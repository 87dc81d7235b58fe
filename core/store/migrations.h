// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <vector>

namespace weir::store {

/// One step from a version of the schema to the next. Never changed once it has been released: a database out
/// there has run it.
struct Migration
{
    int version = 0; ///< what PRAGMA user_version says afterwards
    const char *purpose = nullptr;
    std::vector<const char *> statements;
};

/// In order, without gaps, from version 1.
const std::vector<Migration> &migrations();

/// What this program writes.
int newestVersion();

} // namespace weir::store
