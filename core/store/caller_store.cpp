// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/caller_store.h"

#include "store/database.h"
#include <array>
#include <QRandomGenerator>

namespace weir::store {

using base::Errc;
using base::Result;
using Durability = Transaction::Durability;

Result<base::Secret> CallerStore::hashKey()
{
    std::array<quint32, 8> random;
    QRandomGenerator::system()->fillRange(random.data(), qsizetype(random.size()));
    const QByteArray fresh(reinterpret_cast<const char *>(random.data()), sizeof random);

    Transaction transaction(m_database, Durability::Power);
    if (auto begun = transaction.begin(); !begun)
        return base::Unexpected{begun.error()};
    Statement insert =
        m_database.prepare("INSERT INTO installation(id, hash_key) VALUES(1, ?) ON CONFLICT(id) DO NOTHING");
    if (auto ran = insert.bindBlob(fresh).run(); !ran)
        return base::Unexpected{ran.error()};
    QByteArray kept;
    {
        Statement select = m_database.prepare("SELECT hash_key FROM installation");
        if (auto ran = select.run(); !ran)
            return base::Unexpected{ran.error()};
        if (!select.next())
            return base::unexpected(Errc::StoreUnavailable, "the installation has no key");
        kept = select.blob(0);
    } // an open query would keep the transaction from its end
    if (auto committed = transaction.commit(); !committed)
        return base::Unexpected{committed.error()};
    return base::Secret(kept.toStdString());
}

Result<void> CallerStore::setLabel(const std::string &caller, const std::string &label)
{
    Transaction transaction(m_database, Durability::Power);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    Statement remove = m_database.prepare("DELETE FROM caller WHERE id = ?");
    if (auto ran = remove.bind(caller).run(); !ran)
        return ran;
    if (!label.empty()) {
        const auto count = m_database.number("SELECT count(*) FROM caller");
        if (!count)
            return base::Unexpected{count.error()};
        if (*count >= LabelsMax)
            return base::unexpected(Errc::StoreUnavailable,
                                    std::to_string(LabelsMax) + " names are the most");
        Statement insert = m_database.prepare("INSERT INTO caller(id, label) VALUES(?, ?)");
        if (auto ran = insert.bind(caller).bind(label).run(); !ran)
            return ran;
    }
    return transaction.commit();
}

Result<std::vector<std::pair<std::string, std::string>>> CallerStore::labels() const
{
    Statement select = m_database.prepare("SELECT id, label FROM caller ORDER BY id");
    if (auto ran = select.run(); !ran)
        return base::Unexpected{ran.error()};
    std::vector<std::pair<std::string, std::string>> labels;
    while (select.next())
        labels.emplace_back(select.text(0), select.text(1));
    if (auto failure = select.failure(); !failure)
        return base::Unexpected{failure.error()};
    return labels;
}

} // namespace weir::store
