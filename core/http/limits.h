// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>

namespace weir::http {

/// Every maximum of the client side's HTTP/1.1, named, in one place. Beyond: the status in the comment.
inline constexpr std::size_t RequestLineMax = 8 * 1024; ///< bytes; 414
inline constexpr std::size_t HeadMax = 64 * 1024; ///< bytes of request line and header fields together; 431
inline constexpr std::size_t FieldCountMax = 200; ///< header fields; 431
inline constexpr std::size_t MethodMax = 32;      ///< bytes; 400
/// Bytes of a chunked body that are neither data nor plain framing (extensions, zeros before sizes,
/// trailers); 400.
inline constexpr std::size_t ChunkPaddingMax = 4096;

/// Settings `limits.body_max`, `limits.body_hold` and `limits.memory_budget`.
inline constexpr std::int64_t BodyMaxDefault = 64LL * 1024 * 1024;
inline constexpr std::int64_t BodyHoldDefault = 32LL * 1024 * 1024;
inline constexpr std::int64_t MemoryBudgetDefault = 256LL * 1024 * 1024;

} // namespace weir::http
