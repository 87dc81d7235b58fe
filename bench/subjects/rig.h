// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "subjects/programs.h"
#include "subjects/url_peer.h"
#include <QTemporaryDir>

namespace weir::subjects {

struct RigPlan
{
    std::string benchProgram;      ///< this one, for the provider
    std::vector<WeirChoice> weirs; ///< programs named
    std::vector<PeerChoice> peers;
    std::function<bool()> shouldStop; ///< may be empty; ends the start
};

/// Everything that a comparison takes, each in processes of its own: the simulated provider in cleartext (the
/// arm "direct"), the same over TLS and HTTP/2, Weir and the peers in front of that. All started and all
/// temporary files end with this object.
class Rig
{
public:
    /// Returns when each has answered a request; else ends those started and says which one did not, and why.
    static base::Result<std::unique_ptr<Rig>> start(const RigPlan &plan);
    ~Rig();

    /// "direct", then Weir's, then the peers in the order of the plan. Live as long as the rig.
    std::vector<Subject *> subjects() const;
    /// Why nobody can answer any more: the provider behind all of them has ended. Empty while it runs.
    std::string troubles() { return m_upstream->troubles(); }

private:
    Rig();
    base::Result<void> startAll(const RigPlan &plan);

    QTemporaryDir m_folder; // gone after all who write there
    std::unique_ptr<RunningProgram> m_upstream;
    std::vector<std::unique_ptr<RunningProgram>> m_programs; // "direct" first
    std::vector<std::unique_ptr<UrlPeer>> m_strangers;
    std::vector<Subject *> m_subjects;
};

} // namespace weir::subjects
