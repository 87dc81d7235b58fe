// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/pages/page.h"

class QLabel;
class QTableView;

namespace weir::engine {
class EngineHost;
}

namespace weir::ui {

class PoolTableModel;

/// The connections to the upstreams, one row per pool.
class PoolPage : public Page
{
    Q_OBJECT
public:
    /// `host` is borrowed for the page's life.
    explicit PoolPage(engine::EngineHost &host, QWidget *parent = nullptr);

    void refresh() override;

private:
    engine::EngineHost &m_host;
    PoolTableModel *m_model;
    QTableView *m_table;
    QLabel *m_empty;
};

} // namespace weir::ui
