// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "metrics/snapshot.h"
#include <QAbstractTableModel>
#include <vector>

namespace weir::ui {

/// What a pool is doing, in a word or two.
QString poolStateText(const metrics::PoolState &pool);

/// The pools of the newest snapshot as rows.
class PoolTableModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column
    {
        Provider,
        Origin,
        Protocol,
        State,
        Lanes,
        InFlight,
        Utilization,
        Waiting,
        Calls,
        Failures,
        Latency,
        LastError,
        ColumnCount
    };

    using QAbstractTableModel::QAbstractTableModel;

    void setPools(const std::vector<metrics::PoolState> &pools);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<metrics::PoolState> m_pools;
};

} // namespace weir::ui
