// SPDX-License-Identifier: GPL-3.0-or-later
#include "subjects/rig.h"

#include <QDir>

namespace weir::subjects {

namespace {

base::Unexpected failed(std::string why)
{
    return base::unexpected(base::Errc::Internal, std::move(why));
}

} // namespace

Rig::Rig() : m_folder(QDir::tempPath() + QStringLiteral("/weir-bench-XXXXXX")) {}

Rig::~Rig()
{
    // All at the same time; their destructors then wait for each.
    for (const auto &program : m_programs)
        program->process().terminate();
}

base::Result<std::unique_ptr<Rig>> Rig::start(const RigPlan &plan)
{
    std::unique_ptr<Rig> rig(new Rig);
    if (const auto started = rig->startAll(plan); !started)
        return base::Unexpected{started.error()};
    return rig;
}

base::Result<void> Rig::startAll(const RigPlan &plan)
{
    const std::string folder = m_folder.path().toStdString();
    if (!m_folder.isValid())
        return failed("cannot make a temporary folder: " + m_folder.errorString().toStdString());
    if (folder.find_first_of(" \t'\"{};#\\$") != std::string::npos)
        return failed("the temporary folder " + folder +
                      " cannot be written into the peers' configurations: set TMPDIR");
    const Site site{folder, plan.shouldStop};
    const Provided provider{0, folder + "/ca.pem"};
    auto upstream = startProvider(site, plan.benchProgram, "the provider", provider.caFile);
    if (!upstream)
        return base::Unexpected{upstream.error()};
    m_upstream = std::move(*upstream);
    const Provided provided{m_upstream->port(), provider.caFile};

    const auto keep = [this](Started started) -> base::Result<void> {
        if (!started)
            return base::Unexpected{started.error()};
        m_subjects.push_back(started->get());
        m_programs.push_back(std::move(*started));
        return {};
    };
    auto kept = keep(startProvider(site, plan.benchProgram, "direct", ""));
    for (const WeirChoice &weir : plan.weirs) {
        if (kept)
            kept = keep(startWeir(site, weir, provided));
    }
    for (const PeerChoice &peer : plan.peers) {
        if (!kept)
            break;
        if (peer.isKnown) {
            kept = keep(startKnownPeer(site, *findKnownPeer(peer.name), provided));
            continue;
        }
        auto stranger = std::make_unique<UrlPeer>(peer);
        if (const std::string problem = stranger->start(); !problem.empty())
            return failed(problem);
        m_subjects.push_back(stranger.get());
        m_strangers.push_back(std::move(stranger));
    }
    return kept;
}

std::vector<Subject *> Rig::subjects() const
{
    return m_subjects;
}

} // namespace weir::subjects
