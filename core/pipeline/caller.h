// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "keys/access_key.h"
#include "llm/provider.h"
#include <memory>

namespace weir::pipeline {

/// Who asks.
struct Caller
{
    llm::Credential credential; ///< what the client has shown; borrowed from the head until it is sent on
    std::shared_ptr<const keys::AccessKey> key; ///< known and in use; null = none came
};

} // namespace weir::pipeline
