// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace weir::bench {

/// Lets a command end early and in order: while one exists, SIGINT and SIGTERM raise a flag instead of ending
/// the program, so that what was measured is still printed and children and temporary files go. A second
/// signal ends the program at once. One at a time per program; commands poll it between slices.
class StopFlag
{
public:
    StopFlag();
    ~StopFlag();
    StopFlag(const StopFlag &) = delete;
    StopFlag &operator=(const StopFlag &) = delete;

    static bool isRaised();
};

} // namespace weir::bench
