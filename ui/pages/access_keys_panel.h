// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/dialogs/key_dialog.h"
#include "ui/models/desk.h"
#include <QWidget>

class QAction;
class QLabel;
class QLineEdit;
class QPushButton;
class QSortFilterProxyModel;
class QStackedWidget;
class QTableView;

namespace weir::ui {

class AccessKeyModel;

/// The access keys that tools send to Weir: table, and all that can be done with one.
class AccessKeysPanel : public QWidget
{
    Q_OBJECT
public:
    /// `desk` is borrowed for the panel's life.
    explicit AccessKeysPanel(Desk &desk, QWidget *parent = nullptr);

    /// Asks for the keys again, unless an answer is still awaited.
    void reload();
    void setStates(const std::vector<metrics::KeyState> &states);
    /// What a key can be bound to.
    void setProviders(const QStringList &names) { m_providers = names; }
    /// Above the table; "" = nothing to say.
    void setNote(const QString &text);
    /// Shows why there is nothing to see in place of the table, until the next answer.
    void setUnavailable(const QString &why);
    QWidget *searchField() const;

private:
    using Then = std::function<void(const Reply &)>;

    QAction *addAction(const QString &text, void (AccessKeysPanel::*slot)());
    void makeActions();
    QWidget *makeHead();
    QWidget *makeTable();
    QWidget *makeHint();
    void take(const Reply &reply);
    void showSelected();
    void showState();
    void select(qint64 id);
    const AccessKeyRow *selected() const;

    void create();
    void rename();
    void limit();
    void pause();
    void rotate();
    void remove();
    void change(KeyDialog::Part part);
    /// Asks; on an answer closes `dialog` (if any) and goes on with `then`, on trouble tells it there.
    void perform(const pipeline::Question &question, TaskDialog *dialog, const Then &then);
    void showSecret(const Reply &reply);

    Desk &m_desk;
    AccessKeyModel *m_model;
    QSortFilterProxyModel *m_sorted;
    QStringList m_providers;
    bool m_isAwaited = false;
    bool m_isStale = false; // something was changed while an answer was awaited
    QString m_unavailable;
    bool m_isKnown = false; // there has been an answer
    QAction *m_create = nullptr;
    QAction *m_rename = nullptr;
    QAction *m_limit = nullptr;
    QAction *m_pause = nullptr;
    QAction *m_rotate = nullptr;
    QAction *m_remove = nullptr;
    QLineEdit *m_search = nullptr;
    QLabel *m_note = nullptr;
    QTableView *m_table = nullptr;
    QStackedWidget *m_tableOrHint = nullptr;
    QLabel *m_hint = nullptr;
    QPushButton *m_hintButton = nullptr;
    QLabel *m_rules = nullptr;
    QLabel *m_trouble = nullptr;
};

} // namespace weir::ui
