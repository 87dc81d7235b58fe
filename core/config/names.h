// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::config {

// Names that stand in weir.toml and that nobody reads. Which names there are is what settings.h says; nothing
// is listed a second time.

/// Of `names` the one that `given` was probably meant to be: a few letters added, left out, replaced or
/// swapped, or its table forgotten; "" if none is near. Capitals and '-' for '_' are no difference.
std::string_view nearestName(std::span<const std::string_view> names, std::string_view given);

/// A setting that does not exist.
struct UnknownSetting
{
    /// "there is no setting 'pool.mox' (did you mean 'pool.max'?)"; where none is near, which ones there are.
    std::string what;
    /// It stands, or was meant to stand, where a setting decides what is spent or who is let in: to pass over
    /// it would leave open what its author has closed.
    bool isGuard = false;
};

/// `key` as FileEntry::key, of no setting.
UnknownSetting unknownSetting(std::string_view key);

/// What is wrong with a table of this name: "there is no table 'limit' (did you mean [limits]?)". Absent if
/// there is one, or if none is near whose settings are guards: a later version may have more tables.
std::optional<std::string> wrongWithTable(std::string_view name);

} // namespace weir::config
