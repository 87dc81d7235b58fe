// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "integration/kept_usage.h"
#include "keys/access_key.h"
#include "store/key_store.h"
#include "support/raw_client.h"

namespace weir::test {

/// A key as a tool has it.
struct KeptKey
{
    std::int64_t id = 0;
    QByteArray text;

    QByteArray header() const { return "Authorization: Bearer " + text + "\r\n"; }
    /// A request with it.
    QByteArray post(const QByteArray &path, const QByteArray &body, const QByteArray &more = {}) const
    {
        return "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + header() + more +
               "Content-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) +
               "\r\n\r\n" + body;
    }
};

/// Puts a key into the database, while no engine has it open; id 0 if that fails.
inline KeptKey putKey(const KeptUsage &kept, const std::string &label, keys::AccessKey wanted = {})
{
    QDir().mkpath(kept.folder());
    const auto database = kept.open();
    if (!database)
        return {};
    keys::NewAccessKey made = keys::makeAccessKey();
    wanted.label = label;
    wanted.hash = made.key.hash;
    wanted.prefix = made.key.prefix;
    const auto stored = store::KeyStore(*database).insert(std::move(wanted));
    if (!stored)
        return {};
    return {stored->id, QByteArray::fromStdString(std::string(made.secret.reveal()))};
}

/// One with these limits.
inline KeptKey putKey(const KeptUsage &kept, const std::string &label, const keys::Limits &limits)
{
    keys::AccessKey wanted;
    wanted.limits = limits;
    return putKey(kept, label, std::move(wanted));
}

} // namespace weir::test
