// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "engine/store_desk.h"
#include "pipeline/question.h"
#include <string>

namespace weir::engine {

enum class IfMissing
{
    Refuse, ///< NotStored
    Create,
};

/// What the desk of `database` answers, for a program that is not the engine. Opens the database if nobody
/// has it open; else asks the engine that has. A damaged one is left as it is (StoreBroken). Errors are those
/// of the desk in either case, and those of reachOwner() and askEngine(). Where an engine is asked, it knows
/// its providers; else `providers` tells them. Blocks: for the command line.
pipeline::Answer askStore(
    const std::string &database, const pipeline::Question &question, IfMissing ifMissing = IfMissing::Refuse,
    const ProviderNames &providers = [] { return std::vector<std::string>(); });

/// Puts a backup in the place of `database`, as store::restore() does. Where an engine runs, StoreInUse says
/// which.
base::Result<std::string> restoreStore(const std::string &backup, const std::string &database);

} // namespace weir::engine
