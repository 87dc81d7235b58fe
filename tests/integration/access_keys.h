// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "integration/kept_usage.h"
#include "keys/access_key.h"
#include "store/key_store.h"
#include <QByteArray>

namespace weir::test {

/// A key that is in the database before an engine opens it; the text that a tool sends. Empty if it could not
/// be stored.
inline QByteArray storeKey(
    const KeptUsage &kept, const std::string &label,
    const std::function<void(keys::AccessKey &)> &change = [](keys::AccessKey &) {})
{
    QDir().mkpath(kept.folder());
    const auto database = kept.open();
    keys::NewAccessKey made = keys::makeAccessKey();
    made.key.label = label;
    change(made.key);
    if (!database || !store::KeyStore(*database).insert(std::move(made.key)))
        return {};
    const std::string_view text = made.secret.reveal();
    return QByteArray(text.data(), qsizetype(text.size()));
}

} // namespace weir::test
