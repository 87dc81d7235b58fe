// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "subjects/choice.h"
#include "subjects/known_peer.h"
#include "subjects/running_program.h"
#include <memory>

namespace weir::subjects {

/// From the start of a program until it must have answered a request.
inline constexpr ChildProcess::Milliseconds StartDeadline{15'000};
/// A port that was free may be taken before the program listens there; then another one is tried.
inline constexpr int StartAttempts = 3;

/// What starting a program takes.
struct Site
{
    std::string folder;               ///< the rig's, where each program gets one of its own
    std::function<bool()> shouldStop; ///< ends the waiting for an answer
};

/// Where the simulated provider over TLS listens.
struct Provided
{
    std::uint16_t port = 0;
    std::string caFile;
};

using Started = base::Result<std::unique_ptr<RunningProgram>>;

/// `weir-bench simulate`: in cleartext, or over TLS if `caFile` is given, where its certificate goes.
Started startProvider(const Site &site, const std::string &program, const std::string &name,
                      const std::string &caFile);
/// weir-headless in front of the provider. Returns when it has answered a request; so do the others.
Started startWeir(const Site &site, const WeirChoice &choice, const Provided &provider);
Started startKnownPeer(const Site &site, const KnownPeer &peer, const Provided &provider);

/// A port of 127.0.0.1 that nobody listens on at the moment; 0 if there is none.
std::uint16_t freePort();

} // namespace weir::subjects
