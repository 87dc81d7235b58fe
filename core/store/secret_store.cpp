// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/secret_store.h"

#include <algorithm>
#include <QPointer>
#include <QTimer>

namespace weir::store {

using base::Errc;
using base::Result;
using base::Secret;
using SharedResult = std::shared_ptr<Result<Secret>>;

Result<void> checkSecret(std::string_view text)
{
    if (text.empty())
        return base::unexpected(Errc::SecretInvalid, "it is empty");
    if (text.size() > SecretBytesMax)
        return base::unexpected(Errc::SecretInvalid, "it is longer than 16 KiB");
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; })) {
        return base::unexpected(Errc::SecretInvalid,
                                "it holds a space, a line end or another character that no "
                                "key has");
    }
    return {};
}

Result<Secret> secretFromEnvironment(const std::string &variable)
{
    const QByteArray value = qgetenv(variable.c_str());
    if (value.isEmpty())
        return base::unexpected(Errc::NotStored, "environment variable " + variable);
    Secret secret(value.toStdString());
    if (auto checked = checkSecret(secret.reveal()); !checked)
        return base::unexpected(Errc::SecretInvalid,
                                "environment variable " + variable + ": " + checked.error().detail);
    return secret;
}

void KeychainWorker::start(quint64 id, KeychainJob job)
{
    const QPointer<KeychainWorker> self(this);
    m_keychain->start(std::move(job), [self, id](Result<Secret> result) {
        if (self)
            Q_EMIT self->answered(id, std::make_shared<Result<Secret>>(std::move(result)));
    });
}

SecretStore::SecretStore(std::unique_ptr<Keychain> keychain, QThread *secretsThread,
                         std::chrono::milliseconds deadline)
    : m_deadline(deadline), m_worker(new KeychainWorker(std::move(keychain)))
{
    m_worker->moveToThread(secretsThread);
    connect(
        m_worker, &KeychainWorker::answered, this,
        [this](quint64 id, const SharedResult &result) { answer(id, std::move(*result)); },
        Qt::QueuedConnection);
}

SecretStore::~SecretStore()
{
    m_worker->deleteLater();
}

void SecretStore::run(KeychainJob job, Done done)
{
    if (m_pending.size() >= JobsMax) {
        answerSoon(base::unexpected(Errc::KeychainUnavailable, "it does not answer"), std::move(done));
        return;
    }
    const quint64 id = ++m_lastId;
    m_pending.emplace(id, std::move(done));
    // Here and not beside the keychain: a call to D-Bus can block that thread, and its timers with it.
    QTimer::singleShot(m_deadline, this, [this, id] {
        answer(id, base::unexpected(Errc::KeychainUnavailable,
                                    "no answer within " + std::to_string(m_deadline.count()) + " ms"));
    });
    KeychainWorker *worker = m_worker;
    QMetaObject::invokeMethod(
        worker, [worker, id, job = std::move(job)] { worker->start(id, job); }, Qt::QueuedConnection);
}

void SecretStore::answer(quint64 id, Result<Secret> result)
{
    const auto found = m_pending.find(id);
    if (found == m_pending.end()) // too late, or the deadline of what has been answered
        return;
    const Done done = std::move(found->second);
    m_pending.erase(found);
    done(std::move(result));
}

void SecretStore::answerSoon(Result<Secret> result, Done done)
{
    auto shared = std::make_shared<Result<Secret>>(std::move(result));
    QMetaObject::invokeMethod(
        this, [shared, done = std::move(done)] { done(std::move(*shared)); }, Qt::QueuedConnection);
}

void SecretStore::find(const std::string &name, Done done)
{
    if (const auto found = m_thisRun.find(name); found != m_thisRun.end()) {
        answerSoon(found->second.clone(), std::move(done));
        return;
    }
    run({KeychainJob::Kind::Read, name, nullptr}, [done = std::move(done)](Result<Secret> result) {
        // Other programs can write to the keychain, too.
        if (result) {
            if (auto checked = checkSecret(result->reveal()); !checked)
                result = base::Unexpected{checked.error()};
        }
        done(std::move(result));
    });
}

void SecretStore::set(const std::string &name, Secret secret, Place place, Done done)
{
    if (auto checked = checkSecret(secret.reveal()); !checked) {
        answerSoon(base::Unexpected{checked.error()}, std::move(done));
        return;
    }
    if (place == Place::ThisRun) {
        m_thisRun.insert_or_assign(name, std::move(secret));
        answerSoon(Secret(), std::move(done));
        return;
    }
    const QPointer<SecretStore> self(this);
    run({KeychainJob::Kind::Write, name, std::make_shared<const Secret>(std::move(secret))},
        [self, name, done = std::move(done)](Result<Secret> result) {
            if (result && self)
                self->m_thisRun.erase(name); // or the older one would still be found
            done(std::move(result));
        });
}

void SecretStore::remove(const std::string &name, Done done)
{
    const bool wasForThisRun = m_thisRun.erase(name) > 0;
    run({KeychainJob::Kind::Remove, name, nullptr},
        [wasForThisRun, done = std::move(done)](Result<Secret> result) {
            // What lay in memory is gone, whether there is a keychain or not.
            if (!result && wasForThisRun && result.error().code != Errc::KeychainDenied)
                result = Secret();
            done(std::move(result));
        });
}

void SecretStore::probe(Done done)
{
    const std::string name = "probe";
    const std::string value = "probe-value";
    const auto afterRead = [this, name, value, done](Result<Secret> result) {
        if (result && result->reveal() != value)
            result = base::unexpected(Errc::KeychainUnavailable, "it does not keep what it is given");
        if (!result)
            return done(std::move(result));
        run({KeychainJob::Kind::Remove, name, nullptr}, done);
    };
    const auto afterWrite = [this, name, done, afterRead](Result<Secret> result) {
        if (!result)
            return done(std::move(result));
        run({KeychainJob::Kind::Read, name, nullptr}, afterRead);
    };
    run({KeychainJob::Kind::Write, name, std::make_shared<const Secret>(value)}, afterWrite);
}

} // namespace weir::store
