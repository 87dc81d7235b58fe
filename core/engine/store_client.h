// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <chrono>
#include <QByteArray>
#include <string>

namespace weir::engine {

/// How long a running engine may take to answer another program, and how long one that has just started may
/// take to say where it is.
inline constexpr std::chrono::milliseconds AskWait{15'000};
inline constexpr std::chrono::milliseconds AdminFileWait{3'000};

/// The usage that is kept in `database`, as usageReport() makes it, for a program that is not the engine.
/// Opens the database if nobody has it open (nothing is made or moved: NotStored if it is not there); else
/// asks the engine that has. Blocks: for the command line.
base::Result<QByteArray> askUsage(const std::string &database, const std::string &query);

} // namespace weir::engine
