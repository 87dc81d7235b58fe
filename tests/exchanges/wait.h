// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <chrono>
#include <functional>

namespace weir::exchanges {

/// Longest wait for one step of a document. No step takes that long unless something is wrong.
inline constexpr std::chrono::seconds WaitMax{10};

/// Runs the event loop until `done`, which is looked at after each turn; false if WaitMax is over first.
bool waitUntil(const std::function<bool()> &done);

} // namespace weir::exchanges
