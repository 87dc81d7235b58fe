// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "load/schedule.h"
#include <optional>
#include <string_view>

namespace weir::bench {

/// The courses that `weir-bench load --profile` knows, as a sentence for its help.
inline constexpr char ProfileHelp[] = "Course of the load: constant; ramp (from nothing up to the rate and "
                                      "down again); spike (a tenth of the rate, "
                                      "with a short while of all of it in the middle); stress (steps from a "
                                      "quarter of the rate to twice of it); "
                                      "sustained (constant, after a slow start).";

/// The course of this name that goes up to `rate`, stretched over `seconds`. Nothing if there is none.
std::optional<load::RateCourse> courseOf(std::string_view profile, double rate, double seconds);

} // namespace weir::bench
