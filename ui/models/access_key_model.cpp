// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/access_key_model.h"

#include "ui/format.h"
#include "ui/models/table_role.h"
#include <algorithm>
#include <unordered_map>

namespace weir::ui {

namespace {

/// Used and set aside, of the window's limit; nothing without a limit or before the first tick.
std::optional<double> windowShare(const metrics::KeyState &live)
{
    if (live.windowLimit.value_or(0) <= 0)
        return std::nullopt;
    return std::clamp(double(live.tokensInWindow + live.reserved) / double(*live.windowLimit), 0.0, 1.0);
}

qint64 msOf(const std::optional<QDateTime> &time)
{
    return time ? time->toMSecsSinceEpoch() : -1;
}

bool isSame(const std::optional<metrics::KeyState> &a, const metrics::KeyState *b)
{
    if (!a || !b)
        return !a && !b;
    return a->tokensInWindow == b->tokensInWindow && a->windowLimit == b->windowLimit &&
           a->reserved == b->reserved && a->running == b->running && a->refused == b->refused;
}

} // namespace

void AccessKeyModel::setKeys(std::vector<AccessKeyRow> keys)
{
    removeMissing(keys);
    // What is left is a part of what came, in the same order: update it, insert between.
    for (std::size_t at = 0; at < keys.size(); ++at) {
        if (at < m_rows.size() && m_rows[at].key.id == keys[at].id) {
            m_rows[at].key = std::move(keys[at]);
            continue;
        }
        beginInsertRows({}, int(at), int(at));
        m_rows.insert(m_rows.begin() + std::ptrdiff_t(at), Row{std::move(keys[at]), {}});
        endInsertRows();
    }
    tellChanged(0, ColumnCount - 1);
}

void AccessKeyModel::removeMissing(const std::vector<AccessKeyRow> &keys)
{
    for (int row = int(m_rows.size()) - 1; row >= 0; --row) {
        const qint64 id = m_rows[std::size_t(row)].key.id;
        const auto found =
            std::lower_bound(keys.begin(), keys.end(), id,
                             [](const AccessKeyRow &key, qint64 wanted) { return key.id < wanted; });
        if (found != keys.end() && found->id == id)
            continue;
        beginRemoveRows({}, row, row);
        m_rows.erase(m_rows.begin() + row);
        endRemoveRows();
    }
}

void AccessKeyModel::setStates(const std::vector<metrics::KeyState> &states)
{
    std::unordered_map<qint64, const metrics::KeyState *> byId;
    for (const metrics::KeyState &state : states)
        byId[state.id] = &state;
    bool isChanged = false;
    for (Row &row : m_rows) {
        const auto found = byId.find(row.key.id);
        const metrics::KeyState *live = found == byId.end() ? nullptr : found->second;
        if (isSame(row.live, live))
            continue;
        row.live = live ? std::optional(*live) : std::nullopt;
        isChanged = true;
    }
    if (isChanged)
        tellChanged(Limit, State);
}

void AccessKeyModel::tellChanged(int firstColumn, int lastColumn)
{
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, firstColumn), index(rowCount() - 1, lastColumn));
}

const AccessKeyRow *AccessKeyModel::key(int row) const
{
    return row >= 0 && std::size_t(row) < m_rows.size() ? &m_rows[std::size_t(row)].key : nullptr;
}

int AccessKeyModel::rowOf(qint64 id) const
{
    const auto found =
        std::find_if(m_rows.begin(), m_rows.end(), [id](const Row &row) { return row.key.id == id; });
    return found == m_rows.end() ? -1 : int(found - m_rows.begin());
}

int AccessKeyModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int AccessKeyModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant AccessKeyModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || std::size_t(index.row()) >= m_rows.size())
        return {};
    const Row &row = m_rows[std::size_t(index.row())];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return text(row, column);
    case Qt::ToolTipRole:
        return explain(row, column);
    case Qt::TextAlignmentRole:
        return int((column == Requests || column == Tokens ? Qt::AlignRight : Qt::AlignLeft) |
                   Qt::AlignVCenter);
    case SortRole:
        return sortValue(row, column);
    case SearchRole:
        return QStringList{row.key.label, row.key.prefix, row.key.provider, row.key.model, text(row, State)}
            .join(QLatin1Char(' '));
    case BarRole:
        if (const auto share = column == Limit && row.live ? windowShare(*row.live) : std::nullopt)
            return *share;
        return {};
    case BarIsFullRole:
        return column == Limit && row.live && windowShare(*row.live) >= 1.0;
    default:
        return {};
    }
}

QString AccessKeyModel::text(const Row &row, int column) const
{
    const AccessKeyRow &key = row.key;
    switch (column) {
    case Label:
        return key.label;
    case Prefix:
        return key.prefix + QStringLiteral("…");
    case Created:
        return format::dateTime(key.createdAt);
    case LastUsed:
        return key.lastUsedAt ? format::ago(key.lastUsedAt, m_now) : tr("never");
    case Requests:
        return format::count(std::uint64_t(key.requests24h));
    case Tokens:
        return format::count(std::uint64_t(key.tokens24h));
    case Limit:
        if (row.live && row.live->windowLimit.value_or(0) > 0) {
            return tr("%1 of %2 per %3")
                .arg(format::count(std::uint64_t(row.live->tokensInWindow + row.live->reserved)),
                     format::count(std::uint64_t(*row.live->windowLimit)), format::span(key.limits.windowMs));
        }
        return keyLimitsText(key);
    case State:
        return keyStateText(key, row.live ? &*row.live : nullptr);
    default:
        return {};
    }
}

QVariant AccessKeyModel::sortValue(const Row &row, int column) const
{
    switch (column) {
    case Created:
        return msOf(row.key.createdAt);
    case LastUsed:
        return msOf(row.key.lastUsedAt);
    case Requests:
        return row.key.requests24h;
    case Tokens:
        return row.key.tokens24h;
    case Limit:
        return row.live ? windowShare(*row.live).value_or(-1) : -1.0;
    default:
        return text(row, column);
    }
}

QString AccessKeyModel::explain(const Row &row, int column) const
{
    switch (column) {
    case Created:
    case LastUsed: {
        const auto &time = column == Created ? row.key.createdAt : row.key.lastUsedAt;
        return time ? format::isoTime(time->toMSecsSinceEpoch()) : QString();
    }
    case Limit: {
        QString words = tr("Limits: %1.").arg(keyLimitsText(row.key));
        if (row.live && row.live->windowLimit.value_or(0) > 0) {
            words +=
                QLatin1Char('\n') +
                tr("Used in this window: %1; set aside for running requests: %2; refused since start: %3.")
                    .arg(format::count(std::uint64_t(row.live->tokensInWindow)),
                         format::count(std::uint64_t(row.live->reserved)), format::count(row.live->refused));
        }
        return words;
    }
    default:
        return {};
    }
}

QVariant AccessKeyModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section == Requests || section == Tokens ? Qt::AlignRight : Qt::AlignLeft) |
                   Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && section == Limit)
        return tr("What is used of the limit at this moment, running requests included");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Label:
        return tr("Label");
    case Prefix:
        return tr("Begins with");
    case Created:
        return tr("Created");
    case LastUsed:
        return tr("Last used");
    case Requests:
        return tr("Requests, 24 h");
    case Tokens:
        return tr("Tokens, 24 h");
    case Limit:
        return tr("Limit");
    case State:
        return tr("State");
    default:
        return {};
    }
}

} // namespace weir::ui
