// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/key_desk.h"

#include "engine/key_json.h"
#include "store/key_import.h"
#include "store/key_store.h"
#include "store/usage_query.h"
#include <algorithm>
#include <charconv>
#include <map>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::engine {

using base::Errc;
using base::Result;
using keys::AccessKey;
using pipeline::Question;
using store::KeyStore;

namespace {

constexpr base::WallMs DayMs = 86'400'000;

QByteArray toJson(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

DeskAnswer failed(const base::Error &error)
{
    return {base::Unexpected{error}, {}};
}

/// One visit: the database, what is asked, when, and what there is that a key may go to.
class KeyVisit
{
public:
    KeyVisit(const store::Database &database, const Question &question, base::WallMs now,
             const ProviderNames &providers)
        : m_database(database), m_keys(database), m_question(question), m_now(now), m_providers(providers)
    {
    }

    DeskAnswer list()
    {
        const auto keys = m_keys.list();
        if (!keys)
            return failed(keys.error());
        const auto sums = store::UsageQuery(m_database).sums(store::GroupBy::Key, lastDay());
        if (!sums)
            return failed(sums.error());
        std::map<std::string, store::UsageSum> used;
        for (const store::UsageSum &sum : *sums)
            used.emplace(sum.group, sum);
        QJsonArray all;
        for (const AccessKey &key : *keys)
            all.append(keyObject(key, used[std::to_string(key.id)], m_now));
        return {toJson({{QStringLiteral("keys"), all}}), {}};
    }

    DeskAnswer create()
    {
        keys::NewAccessKey made = keys::makeAccessKey();
        made.key.createdAt = m_now;
        auto wanted = withFields(std::move(made.key), m_question.body);
        if (!wanted)
            return failed(wanted.error());
        if (wanted->label.empty())
            return failed({Errc::FieldInvalid, "label is missing: a key needs a name"});
        if (const auto fine = check(*wanted, {}); !fine)
            return failed(fine.error());
        const auto stored = m_keys.insert(std::move(*wanted));
        if (!stored)
            return failed(stored.error());
        return tell(*stored, &made.secret, {stored->hash});
    }

    DeskAnswer import()
    {
        const auto keys = store::readKeyFile(m_question.body);
        if (!keys)
            return failed(keys.error());
        const auto added = m_keys.import(*keys);
        if (!added)
            return failed(added.error());
        DeskAnswer answer;
        answer.hasNewSpent = *added > 0;
        answer.json =
            toJson({{QStringLiteral("imported"), qint64(*added)},
                    {QStringLiteral("known_already"), qint64(std::int64_t(keys->size()) - *added)}});
        for (const store::ImportedKey &imported : *keys) // some may have been shown, and not been known
            answer.changedKeys.push_back(imported.key.hash);
        return answer;
    }

    DeskAnswer show(const AccessKey &key) { return tell(key, nullptr, {}); }

    DeskAnswer change(const AccessKey &key)
    {
        const auto wanted = withFields(key, m_question.body);
        if (!wanted)
            return failed(wanted.error());
        if (const auto fine = check(*wanted, key); !fine)
            return failed(fine.error());
        if (const auto updated = m_keys.update(*wanted); !updated)
            return failed(updated.error());
        return tell(*wanted, nullptr, {key.hash});
    }

    DeskAnswer rotate(AccessKey key)
    {
        if (!m_question.body.isEmpty() && m_question.body.trimmed() != "{}")
            return failed({Errc::FieldInvalid, "nothing can be set here, the body must be empty"});
        const keys::NewAccessKey fresh = keys::makeAccessKey();
        if (const auto rotated = m_keys.rotate(key.id, fresh.key.prefix, fresh.key.hash); !rotated)
            return failed(rotated.error());
        const keys::KeyHash old = std::exchange(key.hash, fresh.key.hash);
        key.prefix = fresh.key.prefix;
        return tell(key, &fresh.secret, {old, key.hash});
    }

    DeskAnswer remove(const AccessKey &key)
    {
        if (const auto removed = m_keys.remove(key.id); !removed)
            return failed(removed.error());
        return {toJson({{QStringLiteral("deleted"), qint64(key.id)}}), {key.hash}};
    }

private:
    /// In whole hours, so that no request is counted one by one.
    store::TimeRange lastDay() const
    {
        return {store::hourOf(m_now - DayMs), store::hourOf(m_now) + store::HourMs};
    }

    /// What every key has to be that is made or changed, for what it was not `before`: imported ones may be
    /// called alike, and the provider of an old one may be gone.
    Result<void> check(const AccessKey &wanted, const AccessKey &before) const
    {
        if (wanted.label != before.label) {
            if (auto free = checkLabel(wanted); !free)
                return free;
        }
        const bool isBoundAnew = wanted.provider != before.provider && !wanted.provider.empty();
        return isBoundAnew ? checkProvider(wanted.provider) : Result<void>();
    }

    /// Each request with such a key would be refused, long after who made it has left.
    Result<void> checkProvider(const std::string &name) const
    {
        const auto known = m_providers();
        if (!known)
            return base::Unexpected{known.error()};
        if (std::find(known->begin(), known->end(), name) != known->end())
            return {};
        std::string all;
        for (const std::string &each : *known)
            all += (all.empty() ? "" : ", ") + each;
        return base::unexpected(Errc::FieldInvalid,
                                "provider: there is no provider '" + name + "' (known: " + all + ")");
    }

    Result<void> checkLabel(const AccessKey &key) const
    {
        const auto isTaken = m_keys.isLabelTaken(key.label, key.id);
        if (!isTaken)
            return base::Unexpected{isTaken.error()};
        if (*isTaken)
            return base::unexpected(Errc::FieldInvalid, "label: another key is called '" + key.label + "'");
        return {};
    }

    /// `secret` is null where it is not new.
    DeskAnswer tell(const AccessKey &key, const base::Secret *secret, std::vector<keys::KeyHash> changed)
    {
        const auto used = store::UsageQuery(m_database).total(lastDay(), key.id);
        // What has happened has to be told, and a new key's text is not known to anyone else.
        if (!used && changed.empty())
            return failed(used.error());
        QJsonObject object = keyObject(key, used ? *used : store::UsageSum{}, m_now);
        if (secret) {
            const std::string_view text = secret->reveal();
            object[QStringLiteral("secret")] = QString::fromLatin1(text.data(), qsizetype(text.size()));
        }
        return {toJson(object), std::move(changed)};
    }

    const store::Database &m_database;
    KeyStore m_keys;
    const Question &m_question;
    const base::WallMs m_now;
    const ProviderNames &m_providers;
};

/// The number at the beginning of `rest`, which is taken away; 0 if there is none.
std::int64_t takeId(std::string_view &rest)
{
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), id);
    if (error != std::errc{} || id <= 0)
        return 0;
    rest.remove_prefix(std::size_t(end - rest.data()));
    return id;
}

} // namespace

DeskAnswer answerAboutKeys(const store::Database &database, const Question &question, base::WallMs now,
                           const ProviderNames &providers)
{
    KeyVisit visit(database, question, now, providers);
    const std::string &method = question.method;
    const auto only = [](const char *methods) { return failed({Errc::MethodNotAllowed, methods}); };
    std::string_view rest = question.path().substr(KeysFolder.size());
    if (rest.empty()) {
        if (method == "GET")
            return visit.list();
        return method == "POST" ? visit.create() : only("GET and POST are");
    }
    if (rest == "/import")
        return method == "POST" ? visit.import() : only("POST is");

    rest.remove_prefix(1);
    const std::int64_t id = takeId(rest);
    const bool isRotation = rest == "/rotate";
    if (id == 0 || !(rest.empty() || isRotation))
        return failed({Errc::UnknownPath, std::string(question.path())});
    const auto key = KeyStore(database).get(id);
    if (!key)
        return failed(key.error());
    if (isRotation)
        return method == "POST" ? visit.rotate(*key) : only("POST is");
    if (method == "GET")
        return visit.show(*key);
    if (method == "PATCH")
        return visit.change(*key);
    return method == "DELETE" ? visit.remove(*key) : only("GET, PATCH and DELETE are");
}

pipeline::Answer ownStats(const store::Database &database, const Question &question, base::WallMs now)
{
    const KeyStore keys(database);
    const auto key = keys.get(question.keyId);
    if (!key)
        return base::Unexpected{key.error()};
    const auto lifetime = keys.lifetimeTokens(key->id);
    if (!lifetime)
        return base::Unexpected{lifetime.error()};

    // A window that slides has no beginning of its own: it is told as the one that ends when all that counts
    // now no longer does.
    const std::int64_t length =
        std::chrono::duration_cast<std::chrono::milliseconds>(key->limits.window).count();
    const base::WallMs ends = now + (question.windowEndsInMs > 0 ? question.windowEndsInMs : length);
    const std::optional<std::int64_t> most = key->limits.tokensPerWindow;
    const auto orNull = [](const std::string &text) {
        return text.empty() ? QJsonValue() : QJsonValue(QString::fromStdString(text));
    };
    const QJsonObject window{
        {QStringLiteral("tokens_used_in_current_window"), qint64(question.tokensInWindow)},
        {QStringLiteral("window_started_at"), timeValue(ends - length)},
        {QStringLiteral("window_ends_at"), timeValue(ends)},
        {QStringLiteral("remaining_tokens"),
         most ? QJsonValue(qint64(std::max<std::int64_t>(*most - question.tokensInWindow, 0)))
              : QJsonValue()}};
    return toJson({{QStringLiteral("key"), QString::fromStdString(key->prefix + "…")},
                   {QStringLiteral("name"), QString::fromStdString(key->label)},
                   {QStringLiteral("model"), orNull(key->model)},
                   {QStringLiteral("token_limit_per_5h"), most ? QJsonValue(qint64(*most)) : QJsonValue()},
                   {QStringLiteral("expiry_date"), timeValue(key->expiresAt)},
                   {QStringLiteral("created_at"), timeValue(key->createdAt)},
                   {QStringLiteral("last_used"), timeValue(key->lastUsedAt)},
                   {QStringLiteral("is_expired"), key->isExpired(now)},
                   {QStringLiteral("current_usage"), window},
                   {QStringLiteral("total_lifetime_tokens"), qint64(*lifetime)}});
}

} // namespace weir::engine
