// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/pages/page.h"
#include <QTimer>

class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace weir::engine {
class EngineHost;
}

namespace weir::ui {

class PhaseModel;
class RequestFilter;
class RequestTableModel;

/// Every request as it ends, newest first, with the phases of the selected one.
class RequestsPage : public Page
{
    Q_OBJECT
public:
    /// `host` is borrowed for the page's life.
    explicit RequestsPage(engine::EngineHost &host, QWidget *parent = nullptr);

    void refresh() override;
    QWidget *searchField() override;

private:
    /// A filter is applied this long after the last key.
    static constexpr int FilterDelayMs = 200;

    QWidget *makeToolbar();
    QWidget *makeTable();
    QWidget *makeDetail();
    void makeColumns();
    void showDetail();
    void showState();
    void copySelection();

    engine::EngineHost &m_host;
    RequestTableModel *m_model;
    RequestFilter *m_filter;
    PhaseModel *m_phases;
    QLineEdit *m_search = nullptr;
    QPushButton *m_pause = nullptr;
    QLabel *m_count = nullptr;
    QTableView *m_table = nullptr;
    QStackedWidget *m_tableOrHint = nullptr;
    QLabel *m_hint = nullptr;
    QPushButton *m_hintButton = nullptr;
    QWidget *m_detail = nullptr;
    QLabel *m_detailTitle = nullptr;
    QLabel *m_detailFoot = nullptr;
    QTimer m_filterDelay;
};

} // namespace weir::ui
