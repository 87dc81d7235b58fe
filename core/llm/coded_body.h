// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "llm/decoder.h"
#include <QByteArray>

namespace weir::llm {

/// What a whole request body decodes to, at most `sizeMax` bytes (else BodyTooLargeToHold). Stricter than
/// with replies, which only have to be counted: what is cut off, or followed by something else (which a
/// provider might read, and no rule), is BodyNotInspected, saying what was found where.
base::Result<QByteArray> decodedBody(const QByteArray &body, Coding coding, std::int64_t sizeMax);

} // namespace weir::llm
