// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "metrics/pool_state.h"
#include <QAbstractTableModel>
#include <QString>
#include <vector>

namespace weir::ui {

/// All figures of one pool as rows of name and value.
class PoolDetailModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column
    {
        Name,
        Value,
        ColumnCount
    };

    using QAbstractTableModel::QAbstractTableModel;

    /// Null = no pool is selected. Borrowed for the call.
    void setPool(const metrics::PoolState *pool);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row
    {
        QString name;
        QString value;
    };
    static std::vector<Row> rowsOf(const metrics::PoolState &pool);

    std::vector<Row> m_rows;
};

} // namespace weir::ui
