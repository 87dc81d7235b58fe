// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace weir::report {

/// What this program was built from and with; baked in by build_info.cmake at each build. Static text.
struct BuildInfo
{
    const char *commit; ///< short hash, "-dirty" appended where the tree was not clean; "" without git
    const char *buildType;
    const char *compiler;
};

BuildInfo buildInfo();

} // namespace weir::report
