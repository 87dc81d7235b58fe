// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "keys/access_key.h"
#include "llm/credential.h"
#include <memory>

namespace weir::pipeline {

/// Who asks.
struct Caller
{
    llm::Credential credential; ///< the one that counts of those that the client has shown; borrowed from the
                                ///< head until it is sent on
    std::shared_ptr<const keys::AccessKey> key; ///< known and in use; null = none came
    std::size_t candidatesTried = 0; ///< credentials that have been looked up and are no access key
};

} // namespace weir::pipeline
