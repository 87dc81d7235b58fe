// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <string>
#include <vector>

namespace weir::llm {

/// Bytes of a request body that are looked at for the record; a longer body is not inspected.
inline constexpr qsizetype ProbeBytesMax = 1024 * 1024;
/// Longest model name believed (LIMITS: JSON nesting and model name).
inline constexpr std::size_t ModelNameMax = 1024;

/// What the record wants to know of a request body.
struct RequestFacts
{
    std::string model; ///< "" if unknown
    bool stream = false;
};

/// Reads a few top-level fields of a JSON body; of invalid JSON it tells what can be told, which may be
/// nothing.
RequestFacts probeRequest(const QByteArray &body);

} // namespace weir::llm
