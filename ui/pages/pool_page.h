// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/pages/page.h"

class QLabel;
class QSplitter;
class QTableView;

namespace weir::engine {
class EngineHost;
}

namespace weir::ui {

class PlotWidget;
class PoolDetailModel;
class PoolTableModel;

/// The connections to the upstreams: one row per pool, and of the selected one its load over time and all its
/// figures.
class PoolPage : public Page
{
    Q_OBJECT
public:
    /// `host` is borrowed for the page's life.
    explicit PoolPage(engine::EngineHost &host, QWidget *parent = nullptr);

    void refresh() override;

private:
    QTableView *makeTable();
    QTableView *makeDetail();
    PlotWidget *makePlot();
    void showSelected();
    void plot();

    engine::EngineHost &m_host;
    PoolTableModel *m_model;
    PoolDetailModel *m_detailModel;
    QTableView *m_table;
    QTableView *m_detail;
    PlotWidget *m_plot;
    QSplitter *m_content;
    QLabel *m_empty;
    qint64 m_plottedSecond = -1;
};

} // namespace weir::ui
