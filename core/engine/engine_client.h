// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/admin_file.h"
#include "pipeline/question.h"
#include <chrono>
#include <optional>
#include <string>

namespace weir::engine {

/// How a program that is not the engine asks the engine that runs. Everything here blocks: for the command
/// line.

/// How long a running engine may take to answer, and how long one that has just started may take to say where
/// it is.
inline constexpr std::chrono::milliseconds EngineAnswerWait{15'000};
inline constexpr std::chrono::milliseconds EngineFileWait{3'000};

/// Where the engine that has `database` open can be asked, awaited for EngineFileWait; nothing if nobody has
/// it open, which the kernel's lock says: a file left over from a crash cannot. StoreInUse if it is in use by
/// who cannot be asked.
base::Result<std::optional<AdminFile>> findEngine(const std::string &database);

/// What the engine's page says. Errors are those of the page, or StoreUnavailable where the engine does not
/// answer: then what was asked for may have been done.
pipeline::Answer askEngine(const AdminFile &admin, const pipeline::Question &question);

} // namespace weir::engine
