// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <vector>

namespace weir::ui {

enum class Shell
{
    Posix,
    Fish,
    PowerShell
};

/// How one tool is pointed at Weir.
struct ToolSetup
{
    QString tool;
    QString note;
    QString command; ///< to be copied as it is
};

/// Setups for all tools, with the address Weir listens on ("http://127.0.0.1:8484") and the user's shell.
std::vector<ToolSetup> toolSetups(const QString &address, Shell shell);

} // namespace weir::ui
