// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/access_key_row.h"
#include <QAbstractTableModel>

namespace weir::ui {

/// The access keys as rows, with what each has used of its window at this moment.
class AccessKeyModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column
    {
        Label,
        Prefix,
        Created,
        LastUsed,
        Requests,
        Tokens,
        Limit,
        State,
        ColumnCount
    };

    using QAbstractTableModel::QAbstractTableModel;

    /// In the order of their ids. Rows that stay keep their selection.
    void setKeys(std::vector<AccessKeyRow> keys);
    /// Of Snapshot::keys; those of keys that are not shown are passed over.
    void setStates(const std::vector<metrics::KeyState> &states);
    /// For what is told as "so long ago".
    void setNow(const QDateTime &now) { m_now = now; }

    /// Null if there is no such row. Until the next setKeys().
    const AccessKeyRow *key(int row) const;
    /// -1 if it is not there.
    int rowOf(qint64 id) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row
    {
        AccessKeyRow key;
        std::optional<metrics::KeyState> live;
    };

    void removeMissing(const std::vector<AccessKeyRow> &keys);
    void tellChanged(int firstColumn, int lastColumn);
    QString text(const Row &row, int column) const;
    QVariant sortValue(const Row &row, int column) const;
    QString explain(const Row &row, int column) const;

    std::vector<Row> m_rows; // by id
    QDateTime m_now;
};

} // namespace weir::ui
