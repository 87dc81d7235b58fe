// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config_source.h"

namespace weir::micro {

/// What weir-headless starts with where there is neither file nor environment nor option.
config::Sources builtInSources();

} // namespace weir::micro
