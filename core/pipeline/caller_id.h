// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace weir::pipeline {

/// Characters of a caller's id: 80 bits, so that two of a million callers are told apart.
inline constexpr std::size_t CallerIdSize = 20;

/// Who calls in pass-through: a hash of provider and credential under the installation's own key, in
/// hexadecimal digits. It cannot be turned back, and without the key not be held against a credential that is
/// guessed. BLAKE2s-256 with the key as its first block, which is BLAKE2's own keyed mode (RFC 7693, 2.9) but
/// for the parameter block; four times as fast as HMAC here, and every request pays for it.
std::string callerId(std::string_view key, std::string_view provider, std::string_view credential);

} // namespace weir::pipeline
