// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "subjects/subject.h"
#include <sys/types.h>

namespace weir::subjects {

/// What all processes of a process group have used, read from /proc (proc(5)) and the processes' CPU clocks
/// (clock_getcpuclockid(3), which count nanoseconds where /proc/PID/stat counts steps of 10 ms). A process
/// that has ended is no longer counted. All absent if no process of the group is left. Costs about a
/// millisecond and, for PSS, a walk through the page tables of each process: call it between measurements.
Usage groupUsage(pid_t group);

} // namespace weir::subjects
