// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/key_source.h"

#include "llm/providers.h"
#include <QtGlobal>

namespace weir::engine {

using base::Errc;
using base::Error;

std::string variableInUse(const config::Provider &provider)
{
    if (provider.auth != config::Auth::Stored || !provider.keyEnv.empty())
        return provider.auth == config::Auth::Stored ? provider.keyEnv : std::string();
    for (const llm::BuiltInProvider &builtIn : llm::builtInProviders()) {
        const std::string variable(builtIn.keyEnvironment);
        if (builtIn.name == provider.name && !qEnvironmentVariableIsEmpty(variable.c_str()))
            return variable;
    }
    return {};
}

std::string entryName(const config::Provider &provider)
{
    return "provider." + provider.name; // not the bare name: SecretStore::probe() has an entry, too
}

Error keyMissing(const config::Provider &provider)
{
    if (provider.auth == config::Auth::Stored && !provider.keyEnv.empty()) {
        return {Errc::NoProviderSecret,
                provider.name + " (the environment variable " + provider.keyEnv + " is not set)"};
    }
    return {Errc::NoProviderSecret,
            provider.name + "; the window or 'weir-headless secret set " + provider.name + "' stores one"};
}

Error keyBeingRead(const config::Provider &provider)
{
    return {Errc::KeychainUnavailable, provider.name + ": it is being opened, try again", 1};
}

Error keyUnreadable(const config::Provider &provider, Error why)
{
    if (why.code == Errc::SecretInvalid) // not the client's fault, as it is of one who stores such
        return {Errc::NoProviderSecret,
                provider.name + " (what lies there cannot be one: " + why.detail + ")"};
    why.detail = provider.name + (why.detail.empty() ? "" : ": " + why.detail);
    if (why.code == Errc::KeychainUnavailable || why.code == Errc::KeychainDenied)
        why.detail += "; 'weir-headless secret set --this-run " + provider.name + "' does without";
    return why;
}

} // namespace weir::engine
