// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/provider_key_model.h"

#include "ui/format.h"
#include <algorithm>
#include <QJsonArray>

namespace weir::ui {

namespace {

QString authText(const QString &auth)
{
    if (auth == QLatin1String("stored"))
        return ProviderKeyModel::tr("Weir adds its own");
    if (auth == QLatin1String("none"))
        return ProviderKeyModel::tr("none is sent");
    return ProviderKeyModel::tr("the tool's is passed on");
}

QString placeText(const QString &place)
{
    if (place == QLatin1String("keychain"))
        return ProviderKeyModel::tr("keychain of this system");
    if (place == QLatin1String("this_run"))
        return ProviderKeyModel::tr("this run only");
    if (place == QLatin1String("environment"))
        return ProviderKeyModel::tr("environment");
    return format::unknown();
}

QString stateText(const QString &state)
{
    if (state == QLatin1String("ready"))
        return ProviderKeyModel::tr("ready");
    if (state == QLatin1String("opening"))
        return ProviderKeyModel::tr("asking the keychain…");
    if (state == QLatin1String("missing"))
        return ProviderKeyModel::tr("no key yet");
    if (state == QLatin1String("unavailable"))
        return ProviderKeyModel::tr("keychain not available");
    if (state == QLatin1String("not_needed"))
        return ProviderKeyModel::tr("not needed");
    return state;
}

} // namespace

std::vector<ProviderKeyRow> readProviderKeys(const QJsonObject &answer)
{
    std::vector<ProviderKeyRow> rows;
    for (const QJsonValue &value : answer[QLatin1String("providers")].toArray()) {
        const QJsonObject json = value.toObject();
        const auto word = [&](const char *key) { return json[QLatin1String(key)].toString(); };
        rows.push_back(
            {word("name"), word("auth"), word("place"), word("state"), word("reason"), word("ends_with")});
    }
    return rows;
}

void ProviderKeyModel::setRows(std::vector<ProviderKeyRow> rows)
{
    const bool isSameSet = std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(),
                                      [](const auto &a, const auto &b) { return a.name == b.name; });
    if (isSameSet) { // the usual case: selection and scroll stay
        m_rows = std::move(rows);
        if (!m_rows.empty())
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

void ProviderKeyModel::setTest(const QString &provider, const QString &words)
{
    m_tests[provider] = words;
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, LastTest), index(rowCount() - 1, LastTest));
}

const ProviderKeyRow *ProviderKeyModel::row(int row) const
{
    return row >= 0 && std::size_t(row) < m_rows.size() ? &m_rows[std::size_t(row)] : nullptr;
}

bool ProviderKeyModel::anyStored() const
{
    return std::any_of(m_rows.begin(), m_rows.end(),
                       [](const ProviderKeyRow &row) { return row.isStored(); });
}

int ProviderKeyModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int ProviderKeyModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QString ProviderKeyModel::text(const ProviderKeyRow &row, int column) const
{
    switch (column) {
    case Provider:
        return row.name;
    case Auth:
        return authText(row.auth);
    case Place:
        return placeText(row.place);
    case State:
        return stateText(row.state);
    case EndsWith:
        return row.endsWith.isEmpty() ? format::unknown() : QStringLiteral("…") + row.endsWith;
    case LastTest:
        return m_tests.value(row.name, format::unknown());
    default:
        return {};
    }
}

QVariant ProviderKeyModel::data(const QModelIndex &index, int role) const
{
    const ProviderKeyRow *row = index.isValid() ? this->row(index.row()) : nullptr;
    if (!row)
        return {};
    if (role == Qt::DisplayRole)
        return text(*row, index.column());
    if (role == Qt::ToolTipRole && index.column() == State)
        return row->reason;
    if (role == Qt::ToolTipRole && index.column() == LastTest)
        return m_tests.value(row->name);
    if (role == Qt::AccessibleTextRole && index.column() == State && !row->reason.isEmpty())
        return QString(stateText(row->state) + QStringLiteral(": ") + row->reason);
    return {};
}

QVariant ProviderKeyModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Provider:
        return tr("Provider");
    case Auth:
        return tr("Whose key");
    case Place:
        return tr("Stored in");
    case State:
        return tr("State");
    case EndsWith:
        return tr("Ends with");
    case LastTest:
        return tr("Last test");
    default:
        return {};
    }
}

} // namespace weir::ui
