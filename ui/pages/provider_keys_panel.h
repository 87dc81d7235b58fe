// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "metrics/provider_limits.h"
#include "ui/models/desk.h"
#include "ui/models/provider_key_model.h"
#include <QWidget>

class QAction;
class QLabel;
class QStackedWidget;
class QTableView;

namespace weir::ui {

/// The providers' keys: whose is sent, where Weir has it, and what can be done with one.
class ProviderKeysPanel : public QWidget
{
    Q_OBJECT
public:
    /// `desk` is borrowed for the panel's life.
    explicit ProviderKeysPanel(Desk &desk, QWidget *parent = nullptr);

    /// Asks for the state again, unless an answer is still awaited.
    void reload();
    /// Shows why there is nothing to see in place of the table, until the next answer.
    void setUnavailable(const QString &why);
    /// Of Snapshot::providerLimits.
    void setLimits(const std::vector<metrics::ProviderLimits> &limits);

Q_SIGNALS:
    /// After each answer: the providers' names, and whether Weir adds its own key for any of them.
    void known(const QStringList &names, bool anyStored);

private:
    void makeActions();
    void take(const Reply &reply);
    void showSelected();
    QString noteOf(const ProviderKeyRow &row) const;
    const ProviderKeyRow *selected() const;

    void set();
    void test();
    void remove();

    Desk &m_desk;
    ProviderKeyModel *m_model;
    bool m_isAwaited = false;
    QAction *m_set = nullptr;
    QAction *m_test = nullptr;
    QAction *m_remove = nullptr;
    QTableView *m_table = nullptr;
    QStackedWidget *m_tableOrHint = nullptr;
    QLabel *m_hint = nullptr;
    QLabel *m_note = nullptr;
    QHash<QString, QString> m_limits; // what each provider said of its own, in words
};

} // namespace weir::ui
