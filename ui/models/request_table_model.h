// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/live_feed.h"
#include <QAbstractTableModel>

namespace weir::ui {

/// The ended requests of the feed as rows, newest first. Rows come and go in batches; texts are made as they
/// are shown.
class RequestTableModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column
    {
        Time,
        Tool,
        Key, ///< label of the access key
        Endpoint,
        Model,
        Provider,
        Status,
        FirstToken,
        Total,
        Added,
        Tokens,
        Cost,
        Speed,
        ColumnCount
    };
    enum Role
    {
        SortRole = Qt::UserRole, ///< raw value
        SearchRole,              ///< what a filter looks at
    };

    /// `feed` is borrowed for the model's life.
    explicit RequestTableModel(const engine::LiveFeed &feed, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// The record of a row; nullptr if it has left the feed (while paused).
    const metrics::RequestRecord *record(int row) const;

    /// Freezes the rows; what comes meanwhile is shown when it ends.
    void setPaused(bool paused);
    bool isPaused() const { return m_paused; }
    /// Requests that came during the pause.
    std::size_t heldBack() const { return m_heldBack; }

Q_SIGNALS:
    void heldBackChanged();

private:
    void takeNew(std::size_t count);
    void reset();
    QString text(const metrics::RequestRecord &record, int column) const;
    QVariant sortValue(const metrics::RequestRecord &record, int column) const;
    QString spoken(const metrics::RequestRecord &record, int column) const;

    const engine::LiveFeed &m_feed;
    int m_rows = 0;
    std::size_t m_heldBack = 0; // newest records of the feed that are not rows yet
    bool m_paused = false;
};

/// "200", "429 rate limited", "502 failed", "cancelled": code and word.
QString statusText(const metrics::RequestRecord &record);
/// "Weir added 85 µs of 1.2 s (< 0.1 %).", and what each piece of the reply was held up.
QString addedText(const metrics::RequestRecord &record);
/// "It cost $0.0123.", "Nothing was charged.", or why it is not known.
QString costText(const metrics::RequestRecord &record);
/// "1,285 tokens counted against the limits of Laptop"; empty if nothing was counted.
QString chargeText(const metrics::RequestRecord &record);

} // namespace weir::ui
