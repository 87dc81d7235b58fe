// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config.h"
#include "config/config_source.h"
#include <memory>
#include <QString>
#include <QStringList>
#include <vector>

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
    bool isPortTyped = false; ///< on the command line: the demo, too, listens there
    bool minimized = false;   ///< desktop only

    /// With Action::Exit: why the configuration cannot be used; empty if something else is wrong, or nothing.
    std::vector<config::Problem> problems;
    /// With problems: what can be run instead, the defaults with what was typed.
    std::shared_ptr<const Invocation> fallback;
};

enum class Program
{
    Desktop,
    Headless
};

/// Reads arguments, environment and configuration file. Prints nothing itself. Needs a QCoreApplication, no
/// display: of the desktop program's arguments those that Qt itself takes are let pass.
Invocation readCommandLine(Program program, const QStringList &arguments);

} // namespace weir::app
