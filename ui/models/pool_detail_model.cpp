// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/pool_detail_model.h"

#include "ui/format.h"
#include "ui/models/pool_table_model.h"

namespace weir::ui {

namespace {

QString number(int value)
{
    return format::count(std::uint64_t(value));
}

QString count(std::optional<std::uint64_t> value)
{
    return value ? format::count(*value) : format::unknown();
}

QString percentiles(const metrics::Percentiles &of)
{
    return format::durationUs(of.p50Us) + QStringLiteral(" · ") + format::durationUs(of.p95Us) +
           QStringLiteral(" · ") + format::durationUs(of.p99Us);
}

} // namespace

std::vector<PoolDetailModel::Row> PoolDetailModel::rowsOf(const metrics::PoolState &pool)
{
    std::vector<Row> rows;
    rows.push_back({tr("State"), poolStateText(pool)});
    rows.push_back({tr("Transport"), QString::fromStdString(pool.transport)});
    if (!pool.notice.empty())
        rows.push_back({tr("Notice"), QString::fromStdString(pool.notice)});
    rows.push_back(
        {tr("Lanes: active, idle, connecting, retired"),
         tr("%1, %2, %3, %4")
             .arg(number(pool.active), number(pool.idle), number(pool.connecting), number(pool.retired))});
    rows.push_back({tr("In use of what the ready lanes carry"),
                    tr("%1 of %2").arg(number(pool.used), number(pool.slots))});
    rows.push_back({tr("Waiting, of these background"),
                    tr("%1, %2").arg(number(pool.waiting), number(pool.waitingBackground))});
    rows.push_back({tr("Wait for a lane, p50 · p95 · p99"), percentiles(pool.wait)});
    rows.push_back({tr("Duration, p50 · p95 · p99"), percentiles(pool.total)});
    rows.push_back(
        {tr("Calls on an open connection"), format::share(pool.started - pool.fresh, pool.started)});
    rows.push_back({tr("Connections opened"), format::count(pool.connections)});
    rows.push_back(
        {tr("Connecting, TLS handshake"),
         format::duration(pool.connectTime) + QStringLiteral(", ") + format::duration(pool.tlsTime)});
    rows.push_back({tr("Round trip"), format::duration(pool.roundTrip)});
    rows.push_back({tr("Failed connections"), format::count(pool.connectFailures)});
    rows.push_back(
        {tr("Calls: whole, failed, tried again"),
         tr("%1, %2, %3")
             .arg(format::count(pool.succeeded), format::count(pool.failures), format::count(pool.retries))});
    rows.push_back(
        {tr("GOAWAYs, resets by the upstream"), tr("%1, %2").arg(count(pool.goAways), count(pool.resets))});
    rows.push_back({tr("Lanes replaced after sleep"), format::count(pool.wakeUps)});
    for (const auto &[code, count] : pool.failuresByKind) {
        const std::string_view sentence = base::sentence(code);
        rows.push_back({tr("Failed: %1").arg(QString::fromUtf8(sentence.data(), qsizetype(sentence.size()))),
                        format::count(count)});
    }
    if (!pool.lastError.empty())
        rows.push_back({tr("Last error"), QString::fromStdString(pool.lastError)});
    return rows;
}

void PoolDetailModel::setPool(const metrics::PoolState *pool)
{
    std::vector<Row> rows = pool ? rowsOf(*pool) : std::vector<Row>();
    if (rows.size() == m_rows.size()) { // the usual case: other figures; selection and scroll stay
        m_rows = std::move(rows);
        if (!m_rows.empty())
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

int PoolDetailModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int PoolDetailModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant PoolDetailModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::ToolTipRole))
        return {};
    const Row &row = m_rows[std::size_t(index.row())];
    return index.column() == Name ? row.name : row.value;
}

QVariant PoolDetailModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    return section == Name ? tr("Figure") : tr("Value");
}

} // namespace weir::ui
