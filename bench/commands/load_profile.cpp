// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/load_profile.h"
#include <algorithm>
#include <array>
#include <span>

namespace weir::bench {

namespace {

/// In shares of the whole: of the time, of the rate.
using Shares = std::pair<double, double>;

constexpr std::array Constant{Shares{0, 1}, Shares{1, 1}};
constexpr std::array Ramp{Shares{0, 0}, Shares{0.5, 1}, Shares{1, 0}};
constexpr std::array Spike{Shares{0, 0.1},  Shares{0.45, 0.1}, Shares{0.45, 1},
                           Shares{0.55, 1}, Shares{0.55, 0.1}, Shares{1, 0.1}};
constexpr std::array Stress{Shares{0, 0.25}, Shares{0.2, 0.25}, Shares{0.2, 0.5}, Shares{0.4, 0.5},
                            Shares{0.4, 1},  Shares{0.6, 1},    Shares{0.6, 1.5}, Shares{0.8, 1.5},
                            Shares{0.8, 2},  Shares{1, 2}};
constexpr std::array Sustained{Shares{0, 0.1}, Shares{0.05, 1}, Shares{1, 1}};

struct Profile
{
    std::string_view name;
    std::span<const Shares> course;
};
constexpr std::array Profiles{Profile{"constant", Constant}, Profile{"ramp", Ramp}, Profile{"spike", Spike},
                              Profile{"stress", Stress}, Profile{"sustained", Sustained}};

} // namespace

std::optional<load::RateCourse> courseOf(std::string_view profile, double rate, double seconds)
{
    const auto found = std::find_if(Profiles.begin(), Profiles.end(),
                                    [profile](const Profile &each) { return each.name == profile; });
    if (found == Profiles.end())
        return std::nullopt;
    load::RateCourse course;
    for (const auto &[time, share] : found->course)
        course.emplace_back(time * seconds, share * rate);
    return course;
}

} // namespace weir::bench
