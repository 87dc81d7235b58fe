// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weir::subjects {

/// Where a peer that the tool does not start itself listens.
struct Location
{
    std::string host; ///< numeric
    std::uint16_t port = 0;
    std::string basePath; ///< "" or "/base"
};

/// One --peer.
struct PeerChoice
{
    std::string name;
    bool isKnown = false; ///< a KnownPeer, to be started; else `location` holds
    Location location;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// One --weir: a build of weir-headless and settings, so that two of them can be compared in one run.
struct WeirChoice
{
    std::string name = "weir";
    std::string program;               ///< a path; "" = the one beside this program
    std::vector<std::string> settings; ///< "section.key=value", after those that the rig needs
};

/// "nginx", or "NAME=http://host:port/base". The host is looked up at once. The error's detail is a sentence.
base::Result<PeerChoice> readPeer(const std::string &text);
/// "NAME:X-Header: value", for one of `peers`.
base::Result<void> readPeerHeader(const std::string &text, std::span<PeerChoice> peers);
/// "FILE", "NAME=FILE", "NAME=FILE,set=a.b=c,set=…"; FILE may be empty.
base::Result<WeirChoice> readWeir(const std::string &text);
/// Whether each name is there once and none is "direct".
base::Result<void> checkNames(std::span<const WeirChoice> weirs, std::span<const PeerChoice> peers);

} // namespace weir::subjects
