// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace weir::config {
struct Config;
}

namespace weir::app {

/// Closes this process's memory to other processes of the same user (ptrace, /proc/PID/mem) and keeps it out
/// of core dumps, because there is, or will be, a provider's key in it. For good: a debugger has to start the
/// program, it cannot attach any more.
void guardMemory();
/// The same if some provider's key is stored; without one nothing changes.
void guardMemory(const config::Config &config);

} // namespace weir::app
