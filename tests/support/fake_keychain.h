// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "store/keychain.h"
#include <atomic>
#include <map>
#include <memory>
#include <QThread>
#include <string>

namespace weir::test {

/// A keychain in memory that can be told to misbehave.
class FakeKeychain final : public store::Keychain
{
public:
    enum class Mood
    {
        Works,
        Silent,  ///< never answers
        Blocked, ///< does not even come back until the mood changes, as a call to D-Bus
        Denies
    };
    struct Shared
    {
        std::atomic<Mood> mood{Mood::Works};
        std::atomic<int> jobs{0};
        std::atomic<QThread *> thread{nullptr};
        std::map<std::string, std::string> entries; // of the secrets thread
    };
    /// A test that has failed lets go of its keychain in the end.
    static constexpr int BlockedMaxMs = 20'000;

    explicit FakeKeychain(std::shared_ptr<Shared> shared) : m_shared(std::move(shared)) {}

    void start(store::KeychainJob job, Done done) override
    {
        m_shared->thread = QThread::currentThread();
        ++m_shared->jobs;
        switch (m_shared->mood.load()) {
        case Mood::Silent:
            return;
        case Mood::Blocked:
            for (int waited = 0; m_shared->mood == Mood::Blocked && waited < BlockedMaxMs; waited += 5)
                QThread::msleep(5);
            break;
        case Mood::Denies:
            return done(base::unexpected(base::Errc::KeychainDenied));
        case Mood::Works:
            break;
        }
        auto &entries = m_shared->entries;
        if (job.kind == store::KeychainJob::Kind::Write) {
            entries[job.name] = std::string(job.secret->reveal());
            return done(base::Secret());
        }
        const auto found = entries.find(job.name);
        if (found == entries.end())
            return done(base::unexpected(base::Errc::NotStored, job.name));
        base::Secret secret(job.kind == store::KeychainJob::Kind::Read ? found->second : std::string());
        if (job.kind == store::KeychainJob::Kind::Remove)
            entries.erase(found);
        done(std::move(secret));
    }

private:
    const std::shared_ptr<Shared> m_shared;
};

} // namespace weir::test
