// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config.h"
#include <memory>
#include <QString>
#include <QStringList>

namespace weir::app {

/// What the command line, the environment and weir.toml add up to.
struct Invocation
{
    enum class Action
    {
        Run,
        Exit, ///< print `output` (stdout if exitCode is 0, else stderr) and return exitCode
    };
    Action action = Action::Run;
    int exitCode = 0;
    QString output;

    std::shared_ptr<const config::Config> config; ///< never null with Action::Run
    QStringList notices;                          ///< one line each, for stderr or a banner
    QString configFile;                           ///< path in use or to be created
    bool demo = false;
    bool minimized = false; ///< desktop only
};

enum class Program
{
    Desktop,
    Headless
};

/// Reads arguments, environment and configuration file. Prints nothing itself.
Invocation readCommandLine(Program program, const QStringList &arguments);

} // namespace weir::app
