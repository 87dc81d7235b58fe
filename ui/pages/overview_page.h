// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/pages/page.h"

class QGridLayout;

namespace weir::engine {
class EngineHost;
struct HistoryPoint;
} // namespace weir::engine

namespace weir::ui {

class PlotWidget;
class Tile;

/// Figures and charts of the last five minutes.
class OverviewPage : public Page
{
    Q_OBJECT
public:
    /// `host` is borrowed for the page's life.
    explicit OverviewPage(engine::EngineHost &host, QWidget *parent = nullptr);

    void refresh() override;

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void placeTiles();
    void makePlots();
    void refreshTiles();
    void refreshPercentiles(const engine::HistoryPoint &point);
    void refreshPlots();

    engine::EngineHost &m_host;
    QGridLayout *m_tiles;
    int m_tileColumns = 0;
    Tile *m_firstTokenP50;
    Tile *m_firstTokenP95;
    Tile *m_addedP50;
    Tile *m_addedP99;
    Tile *m_requests;
    Tile *m_errors;
    PlotWidget *m_firstToken = nullptr;
    PlotWidget *m_added = nullptr;
    PlotWidget *m_traffic = nullptr;
    QWidget *m_empty;
    qint64 m_plottedSecond = -1;
};

} // namespace weir::ui
