// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/desk.h"
#include "ui/pages/page.h"
#include <QDate>
#include <QTimer>

class QComboBox;
class QLabel;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace weir::ui {

class DayBars;
class UsageModel;
class UsageSort;

/// What has been used, from the database: tokens by day, and a table by model, key, tool, provider or day.
class UsagePage : public Page
{
    Q_OBJECT
public:
    /// Asks again this often while it is seen.
    static constexpr int ReloadMs = 5000;

    /// `host` and `desk` are borrowed for the page's life.
    UsagePage(engine::EngineHost &host, Desk &desk, QWidget *parent = nullptr);

    void refresh() override;
    /// Writes the table as CSV; on trouble says why on the page.
    void exportTo(const QString &path);

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    QWidget *makeToolbar();
    QWidget *makeTable();
    void choose();
    void reload();
    void takeTable(const Reply &reply);
    void takeDays(const Reply &reply);
    void showState(const QString &why);
    QString target(const QString &by) const;
    /// First day of the chosen period; invalid = from the beginning.
    QDate firstDay() const;
    void askForFile();

    engine::EngineHost &m_host;
    Desk &m_desk;
    UsageModel *m_model;
    UsageSort *m_sorted;
    QComboBox *m_period = nullptr;
    QComboBox *m_by = nullptr;
    QPushButton *m_export = nullptr;
    QLabel *m_told = nullptr;
    DayBars *m_days;
    QTableView *m_table = nullptr;
    QStackedWidget *m_tableOrHint = nullptr;
    QLabel *m_hint = nullptr;
    QPushButton *m_hintButton = nullptr;
    int m_awaited = 0;           // answers
    quint64 m_choice = 0;        // counts what was chosen: an answer to an older choice is stale
    bool m_isChosenAnew = false; // while answers were awaited
    QTimer m_timer;
};

} // namespace weir::ui
