// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace weir::base {

/// Numbers the exchanges of one engine run from 1. Never reused within a run.
enum class ExchangeId : std::uint64_t
{
};

} // namespace weir::base
