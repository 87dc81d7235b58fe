// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/pool_page.h"

#include "engine/engine_host.h"
#include "engine/live_feed.h"
#include "ui/charts/plot_widget.h"
#include "ui/format.h"
#include "ui/models/history_lines.h"
#include "ui/models/pool_detail_model.h"
#include "ui/models/pool_table_model.h"
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace weir::ui {

namespace {

QTableView *makeView(QAbstractItemModel *model, const QString &name, QWidget *parent)
{
    auto *view = new QTableView(parent);
    view->setModel(model);
    view->setAccessibleName(name);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setSelectionMode(QAbstractItemView::SingleSelection);
    view->setAlternatingRowColors(true);
    view->setShowGrid(false);
    view->setWordWrap(false);
    view->setTabKeyNavigation(false);
    view->setFrameShape(QFrame::NoFrame);
    view->verticalHeader()->hide();
    view->verticalHeader()->setDefaultSectionSize(view->fontMetrics().height() * 3 / 2);
    view->horizontalHeader()->setHighlightSections(false);
    view->horizontalHeader()->setStretchLastSection(true);
    return view;
}

} // namespace

PoolPage::PoolPage(engine::EngineHost &host, QWidget *parent)
    : Page(parent)
    , m_host(host)
    , m_model(new PoolTableModel(this))
    , m_detailModel(new PoolDetailModel(this))
    , m_table(makeTable())
    , m_detail(makeDetail())
    , m_plot(makePlot())
{
    auto *lower = new QSplitter(Qt::Horizontal, this);
    lower->addWidget(m_plot);
    lower->addWidget(m_detail);
    lower->setStretchFactor(0, 1);
    lower->setStretchFactor(1, 1);
    lower->setSizes({1000, 1000}); // halves
    lower->setChildrenCollapsible(false);
    m_content = new QSplitter(Qt::Vertical, this);
    m_content->addWidget(m_table);
    m_content->addWidget(lower);
    m_content->setStretchFactor(0, 1);
    m_content->setStretchFactor(1, 2);
    m_content->setSizes({200, 800});
    m_content->setChildrenCollapsible(false);

    m_empty = new QLabel(tr("No upstream connections. They open on the first request."), this);
    m_empty->setAlignment(Qt::AlignCenter);
    auto *layout = new QVBoxLayout(this);
    const int gap = fontMetrics().height() * 2 / 3;
    layout->setContentsMargins(gap, gap, gap, gap);
    layout->addWidget(m_content, 1);
    layout->addWidget(m_empty, 1);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this] {
        showSelected();
        plot();
    });
    refresh();
}

QTableView *PoolPage::makeTable()
{
    QTableView *table = makeView(m_model, tr("Pools"), this);
    QHeaderView *header = table->horizontalHeader();
    const int character = fontMetrics().averageCharWidth();
    header->setDefaultSectionSize(character * 11);
    header->resizeSection(PoolTableModel::State, character * 14);
    header->resizeSection(PoolTableModel::Origin, character * 34);
    header->resizeSection(PoolTableModel::Latency, character * 15);
    return table;
}

QTableView *PoolPage::makeDetail()
{
    QTableView *detail = makeView(m_detailModel, tr("Figures of the selected pool"), this);
    detail->horizontalHeader()->resizeSection(PoolDetailModel::Name, fontMetrics().averageCharWidth() * 42);
    return detail;
}

PlotWidget *PoolPage::makePlot()
{
    PlotWidget::Options load;
    load.title = tr("Calls of the selected pool");
    load.ceiling = 4;
    load.format = [](double calls) { return format::count(std::uint64_t(calls)); };
    load.tick = [](double calls) { return format::tick(calls); };
    load.lines = {{tr("in flight"), Tone::Ok, Qt::SolidLine, true},
                  {tr("waiting"), Tone::P95, Qt::DashLine, false}};
    return new PlotWidget(std::move(load), this);
}

void PoolPage::refresh()
{
    const auto &pools = m_host.liveFeed()->snapshot().pools;
    m_model->setPools(pools);
    m_content->setVisible(!pools.empty());
    m_empty->setVisible(pools.empty());
    if (!m_table->currentIndex().isValid() && !pools.empty())
        m_table->selectRow(0);
    showSelected();
    // The chart once a second: that is how often there is a new point.
    const auto &history = m_host.liveFeed()->history();
    const qint64 second = history.empty() ? -1 : history.newest().at / 1000;
    if (second == m_plottedSecond)
        return;
    m_plottedSecond = second;
    plot();
}

void PoolPage::showSelected()
{
    const auto &pools = m_host.liveFeed()->snapshot().pools;
    const QModelIndex current = m_table->currentIndex();
    const bool isSelected = current.isValid() && std::size_t(current.row()) < pools.size();
    m_detailModel->setPool(isSelected ? &pools[std::size_t(current.row())] : nullptr);
}

void PoolPage::plot()
{
    const QModelIndex current = m_table->currentIndex();
    if (current.isValid())
        m_plot->setLines(poolLines(m_host.liveFeed()->history(), std::size_t(current.row())));
}

} // namespace weir::ui
