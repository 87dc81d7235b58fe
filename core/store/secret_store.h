// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "store/keychain.h"
#include <chrono>
#include <map>
#include <QObject>
#include <QThread>
#include <string_view>
#include <unordered_map>

namespace weir::store {

/// A secret has to fit into one header line: printable ASCII, 1 to SecretBytesMax bytes. SecretInvalid says
/// what is wrong with it and not what it is.
inline constexpr std::size_t SecretBytesMax = 16 * 1024;
base::Result<void> checkSecret(std::string_view text);

/// The value of an environment variable, checked; NotStored if it is not set or empty. Only for a variable
/// that the user has named: a key that merely lies in the environment changes nothing.
base::Result<base::Secret> secretFromEnvironment(const std::string &variable);

class KeychainWorker;

/// Providers' secrets: in the keychain, or in memory for this run only; never in a file. Lives in any thread
/// with an event loop and blocks it never; the keychain works in the secrets thread, and what it does not do
/// within the deadline is KeychainUnavailable, whatever comes later.
class SecretStore : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds Deadline{5000};
    /// Jobs without an answer; one more is refused at once.
    static constexpr std::size_t JobsMax = 128;

    enum class Place : std::uint8_t
    {
        Keychain,
        ThisRun ///< memory; gone when Weir ends
    };

    /// Comes once, from the event loop, unless the store goes first. An empty secret except for find().
    using Done = Keychain::Done;

    /// The thread is borrowed and must run until after this object is gone.
    SecretStore(std::unique_ptr<Keychain> keychain, QThread *secretsThread,
                std::chrono::milliseconds deadline = Deadline);
    ~SecretStore() override;

    /// What is kept for this run goes before what the keychain has.
    void find(const std::string &name, Done done);
    /// Replaces. A write that missed its deadline may still have happened.
    void set(const std::string &name, base::Secret secret, Place place, Done done);
    /// From both places.
    void remove(const std::string &name, Done done);
    /// Writes, reads and removes an entry of no meaning: the only way to know that a keychain works.
    void probe(Done done);

    bool isForThisRun(const std::string &name) const { return m_thisRun.count(name) > 0; }

private:
    void run(KeychainJob job, Done done);
    void answer(quint64 id, base::Result<base::Secret> result);
    void answerSoon(base::Result<base::Secret> result, Done done);

    const std::chrono::milliseconds m_deadline;
    KeychainWorker *m_worker; // lives in the secrets thread
    std::map<std::string, base::Secret> m_thisRun;
    std::unordered_map<quint64, Done> m_pending;
    quint64 m_lastId = 0;
};

/// The keychain's end of SecretStore, in the secrets thread.
class KeychainWorker : public QObject
{
    Q_OBJECT

public:
    explicit KeychainWorker(std::unique_ptr<Keychain> keychain) : m_keychain(std::move(keychain)) {}
    void start(quint64 id, KeychainJob job);

Q_SIGNALS:
    /// Shared, because what crosses threads is copied.
    void answered(quint64 id, std::shared_ptr<base::Result<base::Secret>> result);

private:
    const std::unique_ptr<Keychain> m_keychain;
};

} // namespace weir::store
