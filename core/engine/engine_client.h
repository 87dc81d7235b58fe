// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/admin_socket.h"
#include "pipeline/question.h"
#include "store/database_lock.h"
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace weir::engine {

/// How a program that is not the engine asks the engine that runs. Everything here blocks: for the command
/// line.

/// How long another command may have the database, or an engine take to listen, before it is given up.
inline constexpr std::chrono::milliseconds OwnerWait{3'000};
/// How long an engine that has been asked may take to answer: a backup is written meanwhile.
inline constexpr std::chrono::milliseconds EngineAnswerWait{60'000};
inline constexpr qsizetype EngineAnswerMax = 64 * 1024 * 1024;

/// Who can answer for a database: this process, which has its lock now, or the engine that has it.
struct Owner
{
    std::unique_ptr<store::DatabaseLock> lock; ///< null = `engine` is there
    std::optional<AdminSocket> engine;
};

/// Awaits either of both for OwnerWait. StoreInUse names who has the database and cannot be asked: another
/// command that is at work, another program. Nothing has been said to that one.
base::Result<Owner> reachOwner(const std::string &database);

/// What the engine's page says. Errors are those of the page, or StoreUnavailable where the engine does not
/// answer: then what was asked for may have been done.
pipeline::Answer askEngine(AdminSocket engine, const pipeline::Question &question,
                           std::chrono::milliseconds wait = EngineAnswerWait);

} // namespace weir::engine
