// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/key_store.h"

#include <algorithm>
#include <QJsonArray>
#include <QJsonDocument>

namespace weir::store {

using base::Errc;
using base::Result;
using Durability = Transaction::Durability;

namespace {

constexpr int WindowSpan = 0;
constexpr int DaySpan = 1;

#define WEIR_KEY_COLUMNS                                                                                     \
    "id, hash, prefix, label, provider, model, allowed_models, is_background, is_paused, created_at, "       \
    "expires_at, last_used_at, tokens_per_window, window_ms, tokens_per_day, tokens_per_minute, "            \
    "requests_per_minute, concurrent"

QByteArray toBytes(const keys::KeyHash &hash)
{
    return {reinterpret_cast<const char *>(hash.data()), qsizetype(hash.size())};
}

std::string toJson(const std::vector<std::string> &texts)
{
    QJsonArray array;
    for (const std::string &text : texts)
        array.append(QString::fromStdString(text));
    return QJsonDocument(array).toJson(QJsonDocument::Compact).toStdString();
}

std::vector<std::string> fromJson(const std::string &json)
{
    std::vector<std::string> texts;
    const QJsonArray array = QJsonDocument::fromJson(QByteArray::fromStdString(json)).array();
    for (const QJsonValue &value : array)
        texts.push_back(value.toString().toStdString());
    return texts;
}

std::int64_t toMs(base::Duration duration)
{
    return std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count(), 1);
}

/// Columns as in WEIR_KEY_COLUMNS.
keys::AccessKey readKey(const Statement &row)
{
    keys::AccessKey key;
    key.id = row.integer(0);
    const QByteArray hash = row.blob(1);
    std::copy_n(hash.begin(), std::min<std::size_t>(std::size_t(hash.size()), key.hash.size()),
                key.hash.begin());
    key.prefix = row.text(2);
    key.label = row.text(3);
    key.provider = row.text(4);
    key.model = row.text(5);
    key.allowedModels = fromJson(row.text(6));
    key.isBackground = row.integer(7) != 0;
    key.isPaused = row.integer(8) != 0;
    key.createdAt = row.integer(9);
    key.expiresAt = row.optionalInteger(10);
    key.lastUsedAt = row.optionalInteger(11);
    key.limits.tokensPerWindow = row.optionalInteger(12);
    key.limits.window = std::chrono::milliseconds(row.integer(13));
    key.limits.tokensPerDay = row.optionalInteger(14);
    key.limits.tokensPerMinute = row.optionalInteger(15);
    key.limits.requestsPerMinute = row.optionalInteger(16);
    key.limits.concurrent = row.optionalInteger(17);
    return key;
}

} // namespace

Result<std::int64_t> KeyStore::insertRow(const keys::AccessKey &key, std::int64_t tokensBefore)
{
    const auto count = m_database.number("SELECT count(*) FROM access_key");
    if (!count)
        return base::Unexpected{count.error()};
    if (*count >= KeysMax)
        return base::unexpected(Errc::StoreUnavailable, std::to_string(KeysMax) + " keys are the most");
    Statement insert = m_database.prepare(
        "INSERT INTO access_key(hash, prefix, label, provider, model, allowed_models, is_background, "
        "is_paused,"
        " created_at, expires_at, last_used_at, tokens_per_window, window_ms, tokens_per_day, "
        "tokens_per_minute,"
        " requests_per_minute, concurrent, tokens_before) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    insert.bindBlob(toBytes(key.hash)).bind(key.prefix).bind(key.label).bind(key.provider).bind(key.model);
    insert.bind(toJson(key.allowedModels))
        .bind(std::int64_t(key.isBackground))
        .bind(std::int64_t(key.isPaused));
    insert.bind(key.createdAt).bind(key.expiresAt).bind(key.lastUsedAt).bind(key.limits.tokensPerWindow);
    insert.bind(toMs(key.limits.window)).bind(key.limits.tokensPerDay).bind(key.limits.tokensPerMinute);
    insert.bind(key.limits.requestsPerMinute).bind(key.limits.concurrent).bind(tokensBefore);
    if (auto ran = insert.run(); !ran)
        return base::Unexpected{ran.error()};
    return insert.insertedId();
}

Result<keys::AccessKey> KeyStore::insert(keys::AccessKey key)
{
    Transaction transaction(m_database, Durability::Power);
    if (auto begun = transaction.begin(); !begun)
        return base::Unexpected{begun.error()};
    const auto id = insertRow(key, 0);
    if (!id)
        return base::Unexpected{id.error()};
    if (auto committed = transaction.commit(); !committed)
        return base::Unexpected{committed.error()};
    key.id = *id;
    return key;
}

Result<std::vector<keys::AccessKey>> KeyStore::list() const
{
    Statement select = m_database.prepare("SELECT " WEIR_KEY_COLUMNS " FROM access_key ORDER BY id");
    if (auto ran = select.run(); !ran)
        return base::Unexpected{ran.error()};
    std::vector<keys::AccessKey> keys;
    while (select.next())
        keys.push_back(readKey(select));
    if (auto failure = select.failure(); !failure)
        return base::Unexpected{failure.error()};
    return keys;
}

Result<std::optional<keys::AccessKey>> KeyStore::find(const keys::KeyHash &hash) const
{
    Statement select = m_database.prepare("SELECT " WEIR_KEY_COLUMNS " FROM access_key WHERE hash = ?");
    if (auto ran = select.bindBlob(toBytes(hash)).run(); !ran)
        return base::Unexpected{ran.error()};
    if (select.next())
        return std::optional(readKey(select));
    // "No such key" locks a tool out, so it must not be said where reading failed.
    if (auto failure = select.failure(); !failure)
        return base::Unexpected{failure.error()};
    return std::optional<keys::AccessKey>();
}

Result<keys::AccessKey> KeyStore::get(std::int64_t id) const
{
    Statement select = m_database.prepare("SELECT " WEIR_KEY_COLUMNS " FROM access_key WHERE id = ?");
    if (auto ran = select.bind(id).run(); !ran)
        return base::Unexpected{ran.error()};
    if (select.next())
        return readKey(select);
    if (auto failure = select.failure(); !failure)
        return base::Unexpected{failure.error()};
    return base::unexpected(Errc::NotStored, "access key " + std::to_string(id));
}

Result<bool> KeyStore::isLabelTaken(const std::string &label, std::int64_t id) const
{
    Statement select = m_database.prepare("SELECT 1 FROM access_key WHERE label = ? AND id <> ?");
    if (auto ran = select.bind(label).bind(id).run(); !ran)
        return base::Unexpected{ran.error()};
    const bool isTaken = select.next();
    if (auto failure = select.failure(); !failure)
        return base::Unexpected{failure.error()};
    return isTaken;
}

Result<void> KeyStore::change(Statement &statement, std::int64_t id)
{
    Transaction transaction(m_database, Durability::Power);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    if (auto ran = statement.bind(id).run(); !ran)
        return ran;
    if (statement.changed() == 0)
        return base::unexpected(Errc::NotStored, "access key " + std::to_string(id));
    return transaction.commit();
}

Result<void> KeyStore::update(const keys::AccessKey &key)
{
    Statement update = m_database.prepare(
        "UPDATE access_key SET label = ?, is_paused = ?, provider = ?, model = ?, allowed_models = ?,"
        " is_background = ?, expires_at = ?, tokens_per_window = ?, window_ms = ?, tokens_per_day = ?,"
        " tokens_per_minute = ?, requests_per_minute = ?, concurrent = ? WHERE id = ?");
    update.bind(key.label).bind(std::int64_t(key.isPaused));
    update.bind(key.provider).bind(key.model).bind(toJson(key.allowedModels));
    update.bind(std::int64_t(key.isBackground)).bind(key.expiresAt).bind(key.limits.tokensPerWindow);
    update.bind(toMs(key.limits.window)).bind(key.limits.tokensPerDay).bind(key.limits.tokensPerMinute);
    update.bind(key.limits.requestsPerMinute).bind(key.limits.concurrent);
    return change(update, key.id);
}

Result<void> KeyStore::rotate(std::int64_t id, const std::string &prefix, const keys::KeyHash &hash)
{
    Statement update = m_database.prepare("UPDATE access_key SET prefix = ?, hash = ? WHERE id = ?");
    return change(update.bind(prefix).bindBlob(toBytes(hash)), id);
}

Result<void> KeyStore::remove(std::int64_t id)
{
    Statement remove = m_database.prepare("DELETE FROM access_key WHERE id = ?"); // its spent goes with it
    return change(remove, id);
}

Result<void> KeyStore::touch(const std::vector<std::pair<std::int64_t, base::WallMs>> &lastUsed)
{
    Transaction transaction(m_database);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    Statement update = m_database.prepare(
        "UPDATE access_key SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?");
    for (const auto &[id, at] : lastUsed) {
        if (auto ran = update.bind(at).bind(id).run(); !ran)
            return ran;
    }
    return transaction.commit();
}

Result<void> KeyStore::insertSpent(std::int64_t keyId, int span, const std::vector<keys::Spent> &spent)
{
    // Two buckets of a short window can end in the same millisecond. A key may have been deleted meanwhile.
    Statement insert = m_database.prepare(
        "INSERT INTO spent(key_id, span, at, amount) SELECT nullif(?, 0), ?, ?, ?"
        " WHERE ? = 0 OR EXISTS(SELECT 1 FROM access_key WHERE id = ?)"
        " ON CONFLICT(coalesce(key_id, 0), span, at) DO UPDATE SET amount = amount + excluded.amount");
    for (const keys::Spent &each : spent) {
        if (each.amount <= 0)
            continue;
        insert.bind(keyId).bind(std::int64_t(span)).bind(each.at).bind(each.amount).bind(keyId).bind(keyId);
        if (auto ran = insert.run(); !ran)
            return ran;
    }
    return {};
}

Result<void> KeyStore::saveSpent(const std::vector<KeySpent> &spent)
{
    Transaction transaction(m_database);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    Statement remove = m_database.prepare("DELETE FROM spent WHERE coalesce(key_id, 0) = ?");
    for (const KeySpent &each : spent) {
        if (auto ran = remove.bind(each.keyId).run(); !ran)
            return ran;
        if (auto inserted = insertSpent(each.keyId, WindowSpan, each.window); !inserted)
            return inserted;
        if (auto inserted = insertSpent(each.keyId, DaySpan, each.day); !inserted)
            return inserted;
    }
    return transaction.commit();
}

Result<std::vector<KeySpent>> KeyStore::readSpent() const
{
    Statement select =
        m_database.prepare("SELECT coalesce(key_id, 0), span, at, amount FROM spent ORDER BY 1, 2, 3");
    if (auto ran = select.run(); !ran)
        return base::Unexpected{ran.error()};
    std::vector<KeySpent> all;
    while (select.next()) {
        if (all.empty() || all.back().keyId != select.integer(0))
            all.push_back({select.integer(0), {}, {}});
        auto &list = select.integer(1) == WindowSpan ? all.back().window : all.back().day;
        list.push_back({select.integer(2), select.integer(3)});
    }
    if (auto failure = select.failure(); !failure)
        return base::Unexpected{failure.error()};
    return all;
}

Result<std::int64_t> KeyStore::import(const std::vector<ImportedKey> &keys)
{
    Transaction transaction(m_database, Durability::Power);
    if (auto begun = transaction.begin(); !begun)
        return base::Unexpected{begun.error()};
    std::int64_t added = 0;
    for (const ImportedKey &imported : keys) {
        const auto known = find(imported.key.hash);
        if (!known)
            return base::Unexpected{known.error()};
        if (*known)
            continue;
        const auto id = insertRow(imported.key, imported.tokensBefore);
        if (!id)
            return base::Unexpected{id.error()};
        if (auto inserted = insertSpent(*id, WindowSpan, imported.window); !inserted)
            return base::Unexpected{inserted.error()};
        ++added;
    }
    if (auto committed = transaction.commit(); !committed)
        return base::Unexpected{committed.error()};
    return added;
}

Result<std::int64_t> KeyStore::tokensBefore(std::int64_t id) const
{
    Statement select = m_database.prepare("SELECT tokens_before FROM access_key WHERE id = ?");
    if (auto ran = select.bind(id).run(); !ran)
        return base::Unexpected{ran.error()};
    if (!select.next())
        return base::unexpected(Errc::NotStored, "access key " + std::to_string(id));
    return select.integer(0);
}

} // namespace weir::store
