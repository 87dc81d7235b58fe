// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>

namespace weir::metrics {

/// Whether usage is being saved. A value: comes from the store thread.
struct Saving
{
    /// "saved", "off" (the user wants it so), "opening", or the identifier of what is in the way.
    std::string word = "off";
    /// What is in the way, in words, with names of files; with "saved" what had to be mended. "" = neither.
    std::string reason;
    std::int64_t written = 0;
    std::int64_t waiting = 0; ///< in memory
    std::int64_t dropped = 0; ///< lost

    bool isTrouble() const { return word != "saved" && word != "off" && word != "opening"; }
    bool operator==(const Saving &) const = default;
};

} // namespace weir::metrics
