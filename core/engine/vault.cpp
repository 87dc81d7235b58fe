// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/vault.h"

#include "engine/engine.h"
#include "engine/key_source.h"
#include "keychain/system_keychain.h"
#include <utility>

namespace weir::engine {

using base::Errc;
using base::Error;
using base::Secret;

Vault::Vault(QObject *parent) : Vault([] { return std::make_unique<keychain::SystemKeychain>(); }, parent) {}

Vault::Vault(MakeKeychain makeKeychain, QObject *parent)
    : QObject(parent)
    , m_makeKeychain(std::move(makeKeychain))
    , m_config(std::make_shared<const config::Config>())
{
    qRegisterMetaType<weir::pipeline::ProviderSecret>();
    qRegisterMetaType<std::string>();
}

Vault::~Vault() = default;

store::SecretStore &Vault::store()
{
    if (!m_store) {
        m_thread = std::make_unique<store::SecretsThread>();
        m_store = std::make_unique<store::SecretStore>(m_makeKeychain(), m_thread->thread());
    }
    return *m_store;
}

void Vault::open(std::shared_ptr<const config::Config> config)
{
    forgetQuestions();
    m_entries.clear();
    m_config = std::move(config);
    for (const config::Provider &provider : m_config->providers) {
        Entry &entry = m_entries[provider.name];
        entry.provider = &provider;
        entry.change = ++m_changes;
        if (provider.auth == config::Auth::Stored)
            read(entry);
    }
}

void Vault::attach(Engine &engine)
{
    for (const auto &[name, entry] : m_entries) {
        if (entry.state != State::NotNeeded)
            engine.setProviderSecret(name, entry.secret);
    }
    connect(this, &Vault::secretChanged, &engine, &Engine::setProviderSecret);
    connect(this, &Vault::answered, &engine, &Engine::answer);
    connect(&engine, &Engine::vaultAsked, this, &Vault::ask);
}

// ── reading

void Vault::find(const config::Provider &provider, std::function<void(Found)> done)
{
    const std::string name = entryName(provider);
    const bool isForThisRun = m_store && m_store->isForThisRun(name);
    const std::string variable = variableInUse(provider);
    if (!isForThisRun && !variable.empty()) {
        auto secret = store::secretFromEnvironment(variable);
        if (secret)
            done({std::make_shared<const Secret>(std::move(*secret)), Place::Environment});
        else
            done({base::Unexpected{secret.error()}, Place::Environment});
        return;
    }
    const Place place = isForThisRun ? Place::ThisRun : Place::Keychain;
    store().find(name, [place, done = std::move(done)](base::Result<Secret> secret) {
        if (secret)
            done({std::make_shared<const Secret>(std::move(*secret)), place});
        else
            done({base::Unexpected{secret.error()}, Place::Nowhere});
    });
}

void Vault::read(Entry &entry)
{
    entry.state = State::Opening;
    entry.place = Place::Nowhere;
    entry.secret = base::Unexpected{keyBeingRead(*entry.provider)};
    entry.change = ++m_changes;
    Q_EMIT secretChanged(entry.provider->name, entry.secret);
    find(*entry.provider, [this, name = entry.provider->name, asked = entry.change](Found found) {
        const auto known = m_entries.find(name);
        if (known != m_entries.end() && known->second.change == asked)
            take(known->second, std::move(found));
    });
}

/// What is in force from now on.
void Vault::take(Entry &entry, Found found)
{
    const config::Provider &provider = *entry.provider;
    entry.change = ++m_changes;
    entry.place = found.place;
    if (provider.auth != config::Auth::Stored)
        return; // kept for when it will be
    if (found.secret) {
        entry.state = State::Ready;
        entry.secret = std::move(found.secret);
    } else if (found.secret.error().code == Errc::NotStored) {
        entry.state = State::Missing;
        entry.place = Place::Nowhere;
        entry.secret = base::Unexpected{keyMissing(provider)};
    } else {
        entry.state = State::Unavailable;
        entry.secret = base::Unexpected{keyUnreadable(provider, found.secret.error())};
    }
    Q_EMIT secretChanged(provider.name, entry.secret);
    answerLists();
}

} // namespace weir::engine
