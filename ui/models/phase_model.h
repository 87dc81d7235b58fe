// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "metrics/request_record.h"
#include <QAbstractTableModel>
#include <vector>

namespace weir::ui {

/// The phases of one request: who was waited for, from when, for how long. Skipped phases have no row.
class PhaseModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column
    {
        Phase,
        Start,
        Duration,
        Share,
        Bar,
        ColumnCount
    };
    enum Role
    {
        BarBeginRole = Qt::UserRole, ///< 0–1 of the whole
        BarEndRole,
        OwnRole, ///< true: Weir's own work
    };

    using QAbstractTableModel::QAbstractTableModel;

    /// nullptr shows nothing.
    void setRecord(const metrics::RequestRecord *record);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row
    {
        QString name;
        base::Duration begin; ///< since the first byte of the request
        base::Duration end;
        bool isOwn = false;
    };

    std::vector<Row> m_rows;
    base::Duration m_whole{1};
};

} // namespace weir::ui
