// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/pool_page.h"

#include "engine/engine_host.h"
#include "engine/live_feed.h"
#include "ui/models/pool_table_model.h"
#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>

namespace weir::ui {

PoolPage::PoolPage(engine::EngineHost &host, QWidget *parent)
    : Page(parent), m_host(host), m_model(new PoolTableModel(this))
{
    m_table = new QTableView(this);
    m_table->setModel(m_model);
    m_table->setAccessibleName(tr("Pools"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() * 3 / 2);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->resizeSection(PoolTableModel::Origin, fontMetrics().averageCharWidth() * 34);

    m_empty = new QLabel(tr("No upstream connections. They open on the first request."), this);
    m_empty->setAlignment(Qt::AlignCenter);
    auto *layout = new QVBoxLayout(this);
    const int gap = fontMetrics().height() * 2 / 3;
    layout->setContentsMargins(gap, gap, gap, gap);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_empty, 1);
    refresh();
}

void PoolPage::refresh()
{
    const auto &pools = m_host.liveFeed()->snapshot().pools;
    m_model->setPools(pools);
    m_table->setVisible(!pools.empty());
    m_empty->setVisible(pools.empty());
}

} // namespace weir::ui
