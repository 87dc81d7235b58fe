// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/vault.h"
#include "support/fake_keychain.h"
#include <map>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <vector>

namespace weir::test {

inline const std::string VaultKey = "sk-provider-0123456789-a1B2";

/// The one provider of most tests.
inline std::shared_ptr<config::Config> storedProvider(config::Auth auth = config::Auth::Stored,
                                                      const std::string &keyEnv = {})
{
    auto config = std::make_shared<config::Config>();
    config::Provider provider;
    provider.name = "sim";
    provider.openaiBase = "http://127.0.0.1:9/v1";
    provider.auth = auth;
    provider.keyEnv = keyEnv;
    config->providers.push_back(provider);
    return config;
}

/// A vault over a keychain that does what the test says, and what it tells an engine.
struct VaultRig
{
    explicit VaultRig(std::shared_ptr<config::Config> config = storedProvider(),
                      FakeKeychain::Mood mood = FakeKeychain::Mood::Works, const std::string &entry = {})
        : vault([this] { return std::make_unique<FakeKeychain>(fake); })
    {
        fake->mood = mood;
        if (!entry.empty())
            fake->entries["provider.sim"] = entry;
        QObject::connect(
            &vault, &engine::Vault::secretChanged, &vault,
            [this](const std::string &, const pipeline::ProviderSecret &secret) { told.push_back(secret); });
        QObject::connect(&vault, &engine::Vault::answered, &vault,
                         [this](quint64 id, const pipeline::Answer &answer) { answers.emplace(id, answer); });
        vault.open(std::move(config));
    }

    quint64 start(const char *method, const std::string &target, const QByteArray &body = {})
    {
        pipeline::Question question;
        question.desk = pipeline::Question::Desk::Vault;
        question.method = method;
        question.target = target;
        question.body = body;
        vault.ask(++lastId, question);
        return lastId;
    }
    pipeline::Answer ask(const char *method, const std::string &target, const QByteArray &body = {})
    {
        const quint64 id = start(method, target, body);
        if (!QTest::qWaitFor([&] { return answers.contains(id); }, 10'000))
            return base::unexpected(base::Errc::Internal, "no answer");
        return answers.at(id);
    }
    QJsonObject provider()
    {
        const auto answer = ask("GET", "/admin/providers");
        return answer ? QJsonDocument::fromJson(*answer)[QLatin1String("providers")][0].toObject()
                      : QJsonObject();
    }
    pipeline::Answer set(const std::string &secret, const char *place = "keychain")
    {
        return ask("PUT", "/admin/providers/sim/secret",
                   QByteArray::fromStdString(R"({"secret":")" + secret + R"(","place":")" + place + "\"}"));
    }
    /// The engine's: the secret, or the error's identifier.
    std::string inForce() const
    {
        if (told.empty())
            return "nothing";
        return told.back() ? std::string((*told.back())->reveal())
                           : std::string(base::identifier(told.back().error().code));
    }

    std::shared_ptr<FakeKeychain::Shared> fake = std::make_shared<FakeKeychain::Shared>();
    std::vector<pipeline::ProviderSecret> told;
    std::map<quint64, pipeline::Answer> answers;
    quint64 lastId = 0;
    engine::Vault vault;
};

/// The identifier of the error; "" = none.
inline std::string codeOf(const pipeline::Answer &answer)
{
    return answer ? "" : std::string(base::identifier(answer.error().code));
}

} // namespace weir::test
