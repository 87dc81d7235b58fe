// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/pool_table_model.h"

#include "ui/format.h"

namespace weir::ui {

QString poolStateText(const metrics::PoolState &pool)
{
    if (pool.active + pool.idle == 0) { // else those that stand matter, not those that could not be added
        if (pool.breaker == metrics::Breaker::Open)
            return PoolTableModel::tr("unreachable");
        if (pool.breaker == metrics::Breaker::HalfOpen)
            return PoolTableModel::tr("trying again");
        if (pool.connecting > 0)
            return PoolTableModel::tr("connecting");
    }
    if (pool.waiting > 0)
        return PoolTableModel::tr("full");
    if (pool.active > 0)
        return PoolTableModel::tr("active");
    return pool.lanes() > 0 ? PoolTableModel::tr("idle") : PoolTableModel::tr("closed");
}

void PoolTableModel::setPools(const std::vector<metrics::PoolState> &pools)
{
    if (pools.size() ==
        m_pools.size()) { // the usual case: same pools, other figures; selection and scroll stay
        m_pools = pools;
        if (!m_pools.empty())
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1), {Qt::DisplayRole});
        return;
    }
    beginResetModel();
    m_pools = pools;
    endResetModel();
}

int PoolTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_pools.size());
}

int PoolTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant PoolTableModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const bool isNumber = index.column() >= Lanes && index.column() <= Latency;
    if (role == Qt::TextAlignmentRole)
        return int((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    const metrics::PoolState &pool = m_pools[std::size_t(index.row())];
    switch (index.column()) {
    case Provider:
        return QString::fromStdString(pool.provider);
    case Origin:
        return QString::fromStdString(pool.origin);
    case Protocol:
        return pool.protocol.empty() ? format::unknown() : QString::fromStdString(pool.protocol);
    case State:
        return poolStateText(pool);
    case Lanes:
        return tr("%1 of %2").arg(pool.lanes()).arg(pool.lanesMax);
    case InFlight:
        return format::count(std::uint64_t(pool.inFlight));
    case Utilization:
        return format::share(std::uint64_t(pool.used), std::uint64_t(pool.slots));
    case Waiting:
        return format::count(std::uint64_t(pool.waiting));
    case Calls:
        return format::count(pool.calls);
    case Failures:
        return format::count(pool.failures);
    case Latency:
        return format::durationUs(pool.total.p50Us);
    case LastError:
        return QString::fromStdString(pool.lastError);
    default:
        return {};
    }
}

QVariant PoolTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Provider:
        return tr("Provider");
    case Origin:
        return tr("Origin");
    case Protocol:
        return tr("Protocol");
    case State:
        return tr("State");
    case Lanes:
        return tr("Lanes");
    case InFlight:
        return tr("In flight");
    case Utilization:
        return tr("In use");
    case Waiting:
        return tr("Waiting");
    case Calls:
        return tr("Calls");
    case Failures:
        return tr("Failures");
    case Latency:
        return tr("Duration, p50");
    case LastError:
        return tr("Last error");
    default:
        return {};
    }
}

} // namespace weir::ui
