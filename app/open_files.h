// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::config {
struct Config;
}

namespace weir::app {

/// Lets this process have as many files open as the system allows it. A shell's usual 1,024 are a soft limit,
/// for the sake of programs that use select(2). Returns a notice if that is too few for the configuration.
QStringList raiseOpenFiles(const config::Config &config);

} // namespace weir::app
