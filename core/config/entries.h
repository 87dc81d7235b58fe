// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>

namespace weir::config {

// The entries of the lists in weir.toml, as plain values with their defaults.

enum class Auth
{
    PassThrough,
    Stored, ///< Weir adds the provider's key; clients need an access key
    None
};
enum class Transport
{
    Auto,   ///< direct, but QNetworkAccessManager where a system proxy is used
    Direct, ///< Weir's own connections
    Qnam    ///< QNetworkAccessManager
};

/// `[[provider]]`: one of the user's, or changes to a built-in one of the same name.
struct Provider
{
    std::string name;
    std::string openaiBase;    ///< "" = does not speak it
    std::string anthropicBase; ///< "" = does not speak it
    Auth auth = Auth::PassThrough;
    Transport transport = Transport::Auto;
    std::string keyEnv; ///< with Auth::Stored: the variable that holds the key; "" = a built-in provider's
                        ///< own if it is set, else the keychain does
    std::string caFile; ///< PEM; "" = the system's certificates
    bool allowPlainHttp = false;
};

/// `[[alias]]`: another name for a model.
struct Alias
{
    std::string match;    ///< what the client asks for; each * stands for any characters
    std::string model;    ///< what is asked for instead
    std::string provider; ///< who is asked; "" = as without the alias
};

/// `[[price]]`: what tokens of a model cost, in micro-dollars per million tokens. Negative = not said.
struct Price
{
    std::string match;           ///< the model; each * stands for any characters
    std::string provider;        ///< "" = any
    std::int64_t promptOver = 0; ///< only for prompts of more tokens than that
    std::int64_t input = -1;
    std::int64_t cachedInput = -1;  ///< else as input
    std::int64_t cacheWrite = -1;   ///< else as input
    std::int64_t cacheWrite1h = -1; ///< else as cacheWrite
    std::int64_t output = -1;       ///< else as input
};

} // namespace weir::config
