// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config.h"
#include "pipeline/question.h"
#include <memory>
#include <string>

namespace weir::engine {

enum class IfNoEngine
{
    AskKeychain, ///< as an engine with this configuration would
    Refuse,      ///< QueryInvalid: what is asked makes sense for a run only
};

/// What the Vault of the engine that has `database` open answers, for a program that is not that engine, or
/// where none runs a Vault of its own. Blocks, with a running event loop: for the command line. Needs a
/// QCoreApplication.
pipeline::Answer askVault(const std::string &database, std::shared_ptr<const config::Config> config,
                          const pipeline::Question &question, IfNoEngine ifNoEngine);

} // namespace weir::engine
