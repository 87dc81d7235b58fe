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

/// What is copied as it is.
struct SetupBlock
{
    QString place; ///< where it goes, where that is not said by the note: "First line of the file"
    QString text;
};

/// How one tool is pointed at Weir.
struct ToolSetup
{
    QString tool;
    QString note;
    std::vector<SetupBlock> blocks; ///< as many for every shell and need
};

/// Which dialects lead to a provider whose key Weir adds: their tools send one of Weir's access keys.
struct AccessKeyNeed
{
    bool anthropic = false;
    bool openAi = false;

    bool any() const { return anthropic || openAi; }
};
/// Stands for the access key in what is copied.
inline constexpr const char *AccessKeyPlaceholder = "YOUR_ACCESS_KEY";

/// Setups for all tools, with the address Weir listens on ("http://127.0.0.1:8484") and the user's shell.
std::vector<ToolSetup> toolSetups(const QString &address, Shell shell, AccessKeyNeed need = {});

} // namespace weir::ui
