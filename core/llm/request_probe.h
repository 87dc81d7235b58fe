// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/decoder.h"
#include "llm/json_probe.h"
#include <QByteArray>
#include <string>

namespace weir::llm {

/// Bytes of a request body that are looked at for the record; a longer body is not inspected.
inline constexpr qsizetype ProbeBytesMax = 1024 * 1024;

/// What the record wants to know of a request body.
struct RequestFacts
{
    std::string model; ///< "" if unknown
    bool stream = false;
};

/// Reads them out of a JSON body, which decodes to ProbeBytesMax at most. Of a body that is not Readable it
/// tells nothing.
RequestFacts probeRequest(const QByteArray &body, Coding coding = Coding::Identity);

} // namespace weir::llm
