// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config.h"
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir::config {

/// A provider known without configuration; the caller passes the table in (llm::builtInProviders()).
struct BuiltIn
{
    std::string name;
    std::string openaiBase;
    std::string anthropicBase;
    std::string baseEnvironment; ///< e.g. "ZAI_API_BASE"
};

/// One setting given by hand: `--set pool.max=3` is {"--set pool.max", "pool.max", "3"}, `--port 80` is
/// {"--port", "listen.port", "80"}.
struct Assignment
{
    std::string where;
    std::string key;
    std::string text;
};

/// Where settings come from, weakest first: defaults < file < environment < command line.
/// Only texts: who calls has read the file and the environment.
struct Sources
{
    std::vector<BuiltIn> builtIns;
    std::string fileName; ///< for messages
    std::optional<std::string> fileText;
    std::map<std::string, std::string> environment;
    std::vector<Assignment> assignments; ///< from the command line; a later one wins
};

/// One thing that is wrong, as a person reads it.
struct Problem
{
    std::string where; ///< "weir.toml:12", "--set pool.max", "environment WEIR_PORT"
    std::string what;  ///< "'pool.max' must be between 1 and 64, not 900"
};

/// All or nothing: with any problem there is no config, and every problem is listed.
struct Loaded
{
    std::optional<Config> config;
    std::vector<Problem> problems;
    /// Worth telling, not wrong: names of a file that nobody knows and that guard nothing, unused variables.
    std::vector<Problem> notices;
};

Loaded load(const Sources &sources);

} // namespace weir::config
