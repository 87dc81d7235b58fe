// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "base/secret.h"
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace weir::store {

/// One thing to do in a keychain.
struct KeychainJob
{
    enum class Kind : std::uint8_t
    {
        Read,
        Write,
        Remove
    };
    Kind kind = Kind::Read;
    std::string name;
    std::shared_ptr<const base::Secret> secret; ///< with Write; shared so that a job can be copied
};

/// Where secrets lie safely. Called in the secrets thread only.
class Keychain
{
public:
    virtual ~Keychain() = default;

    /// An empty secret after Write and Remove. NotStored, KeychainDenied or KeychainUnavailable.
    using Done = std::function<void(base::Result<base::Secret>)>;
    /// Calls `done` once, now or later, or never: some services do not answer. SecretStore has the deadline.
    virtual void start(KeychainJob job, Done done) = 0;
};

} // namespace weir::store
