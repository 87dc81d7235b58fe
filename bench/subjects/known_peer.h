// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "subjects/child_process.h"
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::subjects {

/// What a peer's configuration is made from. Folder and file names hold no blanks or quotes: they are the
/// rig's.
struct PeerPlace
{
    std::string folder;             ///< its own, empty and writable; everything that it writes goes there
    std::uint16_t port = 0;         ///< on 127.0.0.1, where it listens
    std::uint16_t upstreamPort = 0; ///< of the provider, TLS on 127.0.0.1
    std::string caFile;             ///< PEM, what the provider's certificate is checked with
};

/// A proxy that users would pick instead, from Debian's packages. Configured as its manual advises for
/// streams and speed, with one thread, so that a proxy core is compared with a proxy core; the provider's
/// certificate is checked; nothing is logged but errors; bodies of any size pass.
struct KnownPeer
{
    std::string_view name; ///< as in --peer NAME, and of the program
    std::string_view package;
    std::string_view configFile; ///< its name
    std::string (*config)(const PeerPlace &place);
    /// `file` is the configuration's path.
    std::vector<std::string> (*runArguments)(const PeerPlace &place, const std::string &file);
    /// Those that check the configuration and end.
    std::vector<std::string> (*checkArguments)(const PeerPlace &place, const std::string &file);
    std::vector<std::string> versionArguments;
    std::vector<std::string> environment; ///< besides the clean one
    int deathSignal = SIGKILL;
};

/// nginx, haproxy, caddy.
std::span<const KnownPeer> knownPeers();
/// Null if there is none of this name. Lives as long as the program.
const KnownPeer *findKnownPeer(std::string_view name);

/// Writes the configuration; the launch that runs the peer with it, or why that is not possible ("nginx is
/// not installed (Debian: apt-get install nginx-light)").
base::Result<Launch> prepare(const KnownPeer &peer, const PeerPlace &place);
/// Of the configuration that prepare() has written.
Launch checkOf(const KnownPeer &peer, const PeerPlace &place);
/// As it tells itself, "nginx/1.22.1"; "" if it does not.
std::string versionOf(const KnownPeer &peer);

} // namespace weir::subjects
