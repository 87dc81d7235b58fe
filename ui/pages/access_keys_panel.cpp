// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/access_keys_panel.h"

#include "ui/models/access_key_model.h"
#include "ui/models/table_role.h"
#include "ui/pages/share_delegate.h"
#include "ui/pages/table_parts.h"
#include "ui/theme.h"
#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace weir::ui {

AccessKeysPanel::AccessKeysPanel(Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_model(new AccessKeyModel(this))
    , m_sorted(new QSortFilterProxyModel(this))
{
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(SortRole);
    m_sorted->setSortCaseSensitivity(Qt::CaseInsensitive);
    m_sorted->setFilterRole(SearchRole);
    m_sorted->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_sorted->setFilterKeyColumn(0);
    makeActions();
    m_rules = table_parts::makeNote(this);
    m_trouble = new QLabel(this);
    m_trouble->setObjectName(QStringLiteral("trouble"));
    m_trouble->setWordWrap(true);
    m_trouble->setTextFormat(Qt::PlainText);
    m_trouble->hide();

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(fontMetrics().height() / 3);
    layout->addWidget(makeHead());
    m_note = table_parts::makeNote(this);
    m_note->hide();
    layout->addWidget(m_note);
    m_tableOrHint = new QStackedWidget(this);
    m_tableOrHint->addWidget(makeTable());
    m_tableOrHint->addWidget(makeHint());
    layout->addWidget(m_tableOrHint, 1);
    layout->addWidget(m_rules);
    layout->addWidget(m_trouble);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &AccessKeysPanel::showSelected);
    connect(m_model, &QAbstractItemModel::dataChanged, this, &AccessKeysPanel::showSelected);
    showState();
    showSelected();
}

QAction *AccessKeysPanel::addAction(const QString &text, void (AccessKeysPanel::*slot)())
{
    auto *action = new QAction(text, this);
    connect(action, &QAction::triggered, this, slot);
    return action;
}

void AccessKeysPanel::makeActions()
{
    m_create = addAction(tr("&New key…"), &AccessKeysPanel::create);
    m_create->setShortcut(QKeySequence::New);
    m_create->setShortcutContext(Qt::WindowShortcut);
    m_rename = addAction(tr("Rena&me…"), &AccessKeysPanel::rename);
    m_rename->setShortcut(Qt::Key_F2);
    m_limit = addAction(tr("&Limits…"), &AccessKeysPanel::limit);
    m_pause = addAction(tr("Pa&use"), &AccessKeysPanel::pause);
    m_rotate = addAction(tr("R&otate…"), &AccessKeysPanel::rotate);
    m_remove = addAction(tr("&Delete…"), &AccessKeysPanel::remove);
    m_remove->setShortcut(QKeySequence::Delete);
}

QWidget *AccessKeysPanel::makeHead()
{
    auto *head = new QWidget(this);
    m_search = new QLineEdit(head);
    m_search->setPlaceholderText(tr("Filter by label, prefix, provider, state…"));
    m_search->setAccessibleName(tr("Filter access keys"));
    m_search->setClearButtonEnabled(true);
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_sorted->setFilterFixedString(text);
        showState();
    });
    auto *row = new QHBoxLayout(head);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(table_parts::makeTitle(tr("Access keys"), head));
    row->addSpacing(fontMetrics().height());
    row->addWidget(m_search, 1);
    for (QAction *action : {m_create, m_rename, m_limit, m_pause, m_rotate, m_remove})
        row->addWidget(table_parts::makeButton(action, head));
    return head;
}

QWidget *AccessKeysPanel::makeTable()
{
    m_table = table_parts::makeTable(m_sorted, tr("Access keys"), this);
    m_table->setItemDelegateForColumn(AccessKeyModel::Limit, new ShareDelegate(m_table));
    table_parts::setColumnWidths(*m_table,
                                 {"Claude Code on the laptop____", "weir_abcde…____", "2026-11-24 14:03____",
                                  "2026-11-24 14:03____", "Requests, 24 h___", "Tokens, 24 h___",
                                  "00.0 M tokens per 5 h, 0 at a time__"});
    // A third click on a header goes back to oldest first.
    m_table->horizontalHeader()->setSortIndicatorClearable(true);
    m_table->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_table->setSortingEnabled(true);
    m_create->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    QWidget::addAction(m_create);
    for (QAction *action : {m_rename, m_limit, m_pause, m_rotate, m_remove}) {
        action->setShortcutContext(Qt::WidgetShortcut);
        m_table->addAction(action);
    }
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    connect(m_table, &QTableView::doubleClicked, m_limit, &QAction::trigger);
    return m_table;
}

QWidget *AccessKeysPanel::makeHint()
{
    auto *hint = new QWidget(this);
    hint->setAutoFillBackground(true);
    hint->setBackgroundRole(QPalette::Base);
    m_hint = new QLabel(hint);
    m_hint->setObjectName(QStringLiteral("access-keys-hint"));
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setWordWrap(true);
    m_hint->setTextFormat(Qt::PlainText);
    m_hintButton = new QPushButton(tr("Make one…"), hint);
    connect(m_hintButton, &QPushButton::clicked, this, [this] {
        if (m_model->rowCount() > 0)
            m_search->clear();
        else
            create();
    });
    auto *layout = new QVBoxLayout(hint);
    layout->addStretch();
    layout->addWidget(m_hint);
    layout->addWidget(m_hintButton, 0, Qt::AlignCenter);
    layout->addStretch();
    return hint;
}

QWidget *AccessKeysPanel::searchField() const
{
    return m_search;
}

void AccessKeysPanel::setNote(const QString &text)
{
    m_note->setText(text);
    m_note->setVisible(!text.isEmpty());
}

void AccessKeysPanel::reload()
{
    if (m_isAwaited) {
        m_isStale = true;
        return;
    }
    m_isAwaited = true;
    m_desk.ask(storeQuestion("GET", QStringLiteral("/admin/keys")), this, [this](const Reply &reply) {
        m_isAwaited = false;
        take(reply);
        if (std::exchange(m_isStale, false))
            reload();
    });
}

void AccessKeysPanel::take(const Reply &reply)
{
    if (!reply.isOk()) {
        setUnavailable(tr("Access keys cannot be shown: %1.").arg(reply.trouble));
        return;
    }
    m_unavailable.clear();
    m_isKnown = true;
    m_model->setNow(QDateTime::currentDateTime());
    m_model->setKeys(readAccessKeys(reply.json));
    showState();
    if (!selected() && m_sorted->rowCount() > 0)
        m_table->selectRow(0);
}

void AccessKeysPanel::setUnavailable(const QString &why)
{
    m_unavailable = why;
    showState();
}

void AccessKeysPanel::setStates(const std::vector<metrics::KeyState> &states)
{
    m_model->setStates(states);
}

void AccessKeysPanel::showState()
{
    const bool hasAny = m_model->rowCount() > 0;
    const bool isShown = m_unavailable.isEmpty() && m_sorted->rowCount() > 0;
    m_tableOrHint->setCurrentIndex(isShown ? 0 : 1);
    m_create->setEnabled(m_unavailable.isEmpty());
    m_hintButton->setVisible(m_unavailable.isEmpty() && m_isKnown);
    if (!m_unavailable.isEmpty()) {
        m_hint->setText(m_unavailable);
    } else if (hasAny) {
        m_hint->setText(tr("No key matches this filter (%1 hidden).").arg(m_model->rowCount()));
        m_hintButton->setText(tr("Clear filter"));
    } else if (m_isKnown) {
        m_hint->setText(
            tr("No access keys yet. A tool sends one in place of the provider's key; each has its own "
               "limits and is counted by itself."));
        m_hintButton->setText(tr("Make one…"));
    } else {
        m_hint->clear();
    }
    showSelected();
}

const AccessKeyRow *AccessKeysPanel::selected() const
{
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : m_model->key(m_sorted->mapToSource(rows.constFirst()).row());
}

void AccessKeysPanel::select(qint64 id)
{
    const QModelIndex row = m_sorted->mapFromSource(m_model->index(m_model->rowOf(id), 0));
    if (!row.isValid())
        return;
    m_table->selectRow(row.row());
    m_table->scrollTo(row);
}

void AccessKeysPanel::showSelected()
{
    const AccessKeyRow *key = m_tableOrHint->currentIndex() == 0 ? selected() : nullptr;
    for (QAction *action : {m_rename, m_limit, m_pause, m_rotate, m_remove})
        action->setEnabled(key);
    m_pause->setText(key && key->isPaused ? tr("Res&ume") : tr("Pa&use"));
    m_rules->setText(key ? key->label + QStringLiteral(":  ") + keyRulesText(*key)
                     : m_tableOrHint->currentIndex() == 0 ? tr("Select a key to see what it may do.")
                                                          : QString());
}

} // namespace weir::ui
