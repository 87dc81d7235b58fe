// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/secret.h"
#include <cstddef>
#include <optional>
#include <QString>

namespace weir::app {

/// One secret from standard input: all of it up to its end, without one line end there; from a terminal one
/// line, asked for with `prompt` and not shown. Nothing if it could not be read or was broken off (Ctrl-C).
/// Of more than HiddenInputMax bytes not all are read; no secret is that long.
std::optional<base::Secret> readHidden(const QString &prompt);
inline constexpr std::size_t HiddenInputMax = 32 * 1024;

} // namespace weir::app
