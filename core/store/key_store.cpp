// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/key_store.h"

#include "store/spent_book.h"
#include <algorithm>
#include <QJsonArray>
#include <QJsonDocument>

namespace weir::store {

using base::Errc;
using base::Result;
using Durability = Transaction::Durability;

namespace {

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
        SpentAmounts amounts;
        for (const keys::Spent &each : imported.spent)
            amounts[{*id, each.at}] += each.amount;
        if (auto counted = addSpent(m_database, amounts); !counted)
            return base::Unexpected{counted.error()};
        ++added;
    }
    if (auto committed = transaction.commit(); !committed)
        return base::Unexpected{committed.error()};
    return added;
}

Result<std::int64_t> KeyStore::lifetimeTokens(std::int64_t id) const
{
    Statement select = m_database.prepare("SELECT tokens_before + tokens_used FROM access_key WHERE id = ?");
    if (auto ran = select.bind(id).run(); !ran)
        return base::Unexpected{ran.error()};
    if (select.next())
        return select.integer(0);
    if (auto failure = select.failure(); !failure)
        return base::Unexpected{failure.error()};
    return base::unexpected(Errc::NotStored, "access key " + std::to_string(id));
}

} // namespace weir::store
