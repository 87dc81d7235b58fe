// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "subjects/choice.h"
#include "subjects/subject.h"

namespace weir::subjects {

/// A peer that somebody else has started. What it uses cannot be known; whether it runs is seen
/// by connecting to it.
class UrlPeer : public Subject
{
public:
    explicit UrlPeer(PeerChoice choice) : m_choice(std::move(choice)) {}

    /// Asks it once and keeps the version that it tells (field Server). Empty, or why it is of no use.
    std::string start();

    const std::string &name() const override { return m_choice.name; }
    const std::string &host() const override { return m_choice.location.host; }
    std::uint16_t port() const override { return m_choice.location.port; }
    const std::string &basePath() const override { return m_choice.location.basePath; }
    const std::vector<std::pair<std::string, std::string>> &headers() const override
    {
        return m_choice.headers;
    }
    const std::string &version() const override { return m_version; }
    Usage usage() const override { return {}; }
    /// Whether it still accepts connections; blocks for up to a second.
    std::string troubles() override;

private:
    const PeerChoice m_choice;
    std::string m_version;
};

} // namespace weir::subjects
