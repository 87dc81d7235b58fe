// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::base {

/// Everything that can go wrong where a user or another program is involved. Closed on purpose: a new trouble
/// gets a value here, a sentence in error.cpp and a row in pipeline/error_reply.cpp. Our own bugs are
/// Q_ASSERTs instead.
enum class Errc : std::uint8_t
{
    None,
    // The client's request.
    MalformedRequest,
    PathNotAllowed,
    TargetTooLong,
    HeadTooLarge,
    BodyTooLarge,
    BodyTooLargeToHold,
    RequestTimeout,
    ExpectationFailed,
    MethodNotAllowed,
    UnsupportedMediaType,
    HostNotAllowed,
    OriginNotAllowed,
    UpgradeNotServed,
    NoCredential,
    NoAccessKey,
    UnknownKey,
    TooManyGuesses,
    KeyPaused,
    KeyExpired,
    ModelNotAllowed,
    AccessKeyNotForwarded,
    LimitReached,
    TokensUncounted,
    NotAdmin,
    QueryInvalid,
    FieldInvalid,
    UnknownPath,
    DoubledVersionPath,
    UnknownProvider,
    DialectNotSpoken,
    UnknownPriority,
    InvalidJson,
    BodyNotInspected,
    AliasDialect,
    ClientGone,
    // Weir's own bounds.
    TooManyConnections,
    TooManyExchanges,
    TooManyQuestions,
    MemoryBudget,
    LimitsUnknown,
    PoolQueueFull,
    PoolQueueTimeout,
    UpstreamDown,
    UpstreamCalm,
    Draining,
    // The upstream.
    UpstreamRefused,
    UpstreamNotFound,
    UpstreamTls,
    UpstreamClosed,
    UpstreamProtocol,
    UpstreamRedirect,
    UpstreamTruncated,
    ConnectTimeout,
    FirstByteTimeout,
    IdleTimeout,
    WriteStallTimeout,
    // What is kept: the database and the keychain.
    StoreOff,
    StoreUnavailable,
    StoreBroken,
    StoreInUse,
    StoreNewer,
    NotStored,
    ImportInvalid,
    KeychainUnavailable,
    KeychainDenied,
    SecretInvalid,
    NoProviderSecret,
    // Start and settings.
    ConfigInvalid,
    FileUnreadable,
    AddressInUse,
    AddressUnavailable,
    Internal,
};

/// What went wrong: the kind, and the part of the sentence that only the place of failure knows
/// ("api.z.ai:443: connection refused"). Never holds a secret, a header value or a body.
struct Error
{
    Errc code = Errc::None;
    std::string detail;
    int retryAfterSeconds = 0; ///< when trying again may help; 0 = not known
};

/// One English sentence without a full stop, e.g. "the upstream refused the connection".
std::string_view sentence(Errc code);

/// Stable identifier for machines, snake_case, e.g. "upstream_refused".
std::string_view identifier(Errc code);
/// The error of this identifier, for who reads it from another process; Errc::None if there is none.
Errc errcOf(std::string_view identifier);

/// Sentence and detail as one line: "the upstream refused the connection: api.z.ai:443".
std::string describe(const Error &error);

} // namespace weir::base
