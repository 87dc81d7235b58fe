// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/secret.h"
#include "config/config.h"
#include "pipeline/options.h"
#include "pipeline/question.h"
#include "store/secret_store.h"
#include "store/secrets_thread.h"
#include <functional>
#include <map>
#include <memory>
#include <QDeadlineTimer>
#include <QJsonObject>
#include <QObject>
#include <string>
#include <vector>

namespace weir::engine {

class Engine;

/// The providers' secrets of an engine's run, or of a command: reads them where they lie, hands them to the
/// engine, answers what is asked at Desk::Vault. Main thread, which it never blocks. A secret comes from what
/// was given for this run only, else from the environment variable, else from the keychain, and only of a
/// provider whose auth is stored: what merely lies somewhere changes nothing.
///   GET    /admin/providers                 all of them; tries again what could not be read
///   PUT    /admin/providers/{name}/secret   {"secret","place":"keychain"|"this_run"}
///   DELETE /admin/providers/{name}/secret   from both places
///   POST   /admin/providers/{name}/test     {"works","reason"}
/// No answer holds a secret.
class Vault final : public QObject
{
    Q_OBJECT
public:
    /// Every question is answered by then: who asks over HTTP waits pipeline::Inquiries::AnswerWait at most.
    static constexpr std::chrono::milliseconds AnswerBy{9'000};
    /// Questions without an answer; one more is refused.
    static constexpr std::size_t QuestionsMax = 256;
    /// Tests under way; one more is put off.
    static constexpr std::size_t TestsMax = 8;
    /// Of a secret this many last characters are told, if it has EndsFrom at least.
    static constexpr std::size_t EndsWith = 4;
    static constexpr std::size_t EndsFrom = 16;

    using MakeKeychain = std::function<std::unique_ptr<store::Keychain>()>;

    explicit Vault(QObject *parent = nullptr); ///< with the system's keychain
    explicit Vault(MakeKeychain makeKeychain, QObject *parent = nullptr);
    ~Vault() override;

    /// For one run: begins to read the secrets. Questions of the run before are answered with an error.
    void open(std::shared_ptr<const config::Config> config);
    /// Ties the engine, which has not started, to the secrets; both ways.
    void attach(Engine &engine);
    /// Answers with answered().
    void ask(quint64 id, const pipeline::Question &question);

Q_SIGNALS:
    void secretChanged(const std::string &provider, const weir::pipeline::ProviderSecret &secret);
    void answered(quint64 id, const weir::pipeline::Answer &answer);

private:
    enum class State : std::uint8_t
    {
        NotNeeded, ///< auth is not stored
        Opening,
        Ready,
        Missing,
        Unavailable
    };
    enum class Place : std::uint8_t
    {
        Nowhere,
        Keychain,
        ThisRun,
        Environment
    };
    struct Found
    {
        pipeline::ProviderSecret secret;
        Place place = Place::Nowhere;
    };
    struct Entry
    {
        const config::Provider *provider = nullptr; // of m_config
        State state = State::NotNeeded;
        Place place = Place::Nowhere;
        pipeline::ProviderSecret secret = std::shared_ptr<const base::Secret>(); // null unless Ready
        quint64 change = 0; // of the last one: what was asked before it is out of date
    };
    /// A question's number here. Those of questions come again with each engine.
    using Ticket = quint64;

    store::SecretStore &store();
    void find(const config::Provider &provider, std::function<void(Found)> done);
    void read(Entry &entry);
    void take(Entry &entry, Found found);
    void forgetQuestions();
    void answer(Ticket ticket, const pipeline::Answer &answer);
    void list(Ticket ticket);
    void answerLists();
    void set(Ticket ticket, Entry &entry, const QByteArray &body);
    void remove(Ticket ticket, Entry &entry);
    void test(Ticket ticket, Entry &entry);
    static QJsonObject describe(const Entry &entry);
    void startTest(Ticket ticket, const config::Provider &provider, const pipeline::ProviderSecret &secret,
                   QDeadlineTimer until);

    const MakeKeychain m_makeKeychain;
    std::unique_ptr<store::SecretsThread> m_thread; // null until a keychain is needed
    std::unique_ptr<store::SecretStore> m_store;
    std::shared_ptr<const config::Config> m_config;
    std::map<std::string, Entry> m_entries; // by provider
    quint64 m_changes = 0;
    std::map<Ticket, quint64> m_questions; // those without an answer, and who asks
    Ticket m_lastTicket = 0;
    std::vector<Ticket> m_lists; // until nothing is being read
    std::size_t m_tests = 0;     // under way
};

} // namespace weir::engine
