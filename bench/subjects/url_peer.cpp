// SPDX-License-Identifier: GPL-3.0-or-later
#include "subjects/url_peer.h"

#include "subjects/probe.h"

namespace weir::subjects {

namespace {

/// A gateway that has just been started may still be loading itself.
constexpr std::chrono::milliseconds AskDeadline{5000};
/// Of a connection to a peer that has answered before.
constexpr std::chrono::milliseconds GoneDeadline{1000};

} // namespace

std::string UrlPeer::start()
{
    std::string problem = problemOf(*this, AskDeadline);
    if (!problem.empty())
        return problem;
    if (const auto reply = probe(*this, AskDeadline))
        m_version = reply->server;
    return {};
}

std::string UrlPeer::troubles()
{
    return silenceOf(*this, GoneDeadline);
}

} // namespace weir::subjects
