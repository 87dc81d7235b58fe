// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/provider_keys_panel.h"

#include "ui/dialogs/provider_key_dialog.h"
#include "ui/format.h"
#include "ui/models/provider_limits_text.h"
#include "ui/pages/table_parts.h"
#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace weir::ui {

namespace {

QString pathOf(const QString &provider, const char *what)
{
    return QStringLiteral("/admin/providers/%1/%2").arg(provider, QLatin1String(what));
}

} // namespace

ProviderKeysPanel::ProviderKeysPanel(Desk &desk, QWidget *parent)
    : QWidget(parent), m_desk(desk), m_model(new ProviderKeyModel(this))
{
    makeActions();
    m_table = table_parts::makeTable(m_model, tr("Provider keys"), this);
    table_parts::setColumnWidths(*m_table, {"provider-name____", "the tool's is passed on____",
                                            "keychain of this system____", "keychain not available____",
                                            "Ends with____"});
    m_table->addActions({m_set, m_test, m_remove});
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    connect(m_table, &QTableView::doubleClicked, m_set, &QAction::trigger);
    m_hint = table_parts::makeNote(this);
    m_hint->setObjectName(QStringLiteral("provider-keys-hint"));
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setAutoFillBackground(true);
    m_hint->setBackgroundRole(QPalette::Base);
    m_tableOrHint = new QStackedWidget(this);
    m_tableOrHint->addWidget(m_table);
    m_tableOrHint->addWidget(m_hint);
    m_note = table_parts::makeNote(this);

    auto *head = new QHBoxLayout;
    head->addWidget(table_parts::makeTitle(tr("Provider keys"), this));
    head->addStretch();
    for (QAction *action : {m_set, m_test, m_remove})
        head->addWidget(table_parts::makeButton(action, this));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(fontMetrics().height() / 3);
    layout->addLayout(head);
    layout->addWidget(m_tableOrHint, 1);
    layout->addWidget(m_note);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &ProviderKeysPanel::showSelected);
    connect(m_model, &QAbstractItemModel::dataChanged, this, &ProviderKeysPanel::showSelected);
    connect(m_model, &QAbstractItemModel::modelReset, this, &ProviderKeysPanel::showSelected);
    showSelected();
}

void ProviderKeysPanel::makeActions()
{
    m_set = new QAction(tr("&Set key…"), this);
    connect(m_set, &QAction::triggered, this, &ProviderKeysPanel::set);
    m_test = new QAction(tr("&Test"), this);
    connect(m_test, &QAction::triggered, this, &ProviderKeysPanel::test);
    m_remove = new QAction(tr("Remo&ve…"), this);
    connect(m_remove, &QAction::triggered, this, &ProviderKeysPanel::remove);
}

void ProviderKeysPanel::reload()
{
    if (m_isAwaited)
        return;
    m_isAwaited = true;
    m_desk.ask(vaultQuestion("GET", QStringLiteral("/admin/providers")), this, [this](const Reply &reply) {
        m_isAwaited = false;
        take(reply);
    });
}

void ProviderKeysPanel::take(const Reply &reply)
{
    if (!reply.isOk()) {
        setUnavailable(tr("Provider keys cannot be shown: %1.").arg(reply.trouble));
        return;
    }
    std::vector<ProviderKeyRow> rows = readProviderKeys(reply.json);
    QStringList names;
    for (const ProviderKeyRow &row : rows)
        names += row.name;
    m_model->setRows(std::move(rows));
    m_tableOrHint->setCurrentWidget(m_table);
    if (!selected() && m_model->rowCount() > 0)
        m_table->selectRow(0);
    showSelected();
    Q_EMIT known(names, m_model->anyStored());
}

void ProviderKeysPanel::setUnavailable(const QString &why)
{
    m_hint->setText(why);
    m_tableOrHint->setCurrentWidget(m_hint);
    showSelected();
}

const ProviderKeyRow *ProviderKeysPanel::selected() const
{
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    return rows.isEmpty() || m_tableOrHint->currentWidget() != m_table
               ? nullptr
               : m_model->row(rows.constFirst().row());
}

void ProviderKeysPanel::showSelected()
{
    const ProviderKeyRow *row = selected();
    m_set->setEnabled(row && row->canSet());
    m_set->setText(row && row->isOurs() ? tr("Re&place key…") : tr("&Set key…"));
    m_test->setEnabled(row && row->isStored() && row->state == QLatin1String("ready"));
    m_remove->setEnabled(row && row->isStored() && row->isOurs());
    const QString note = row ? noteOf(*row) : QString();
    if (note != m_note->text())
        m_note->setText(note);
}

QString ProviderKeysPanel::noteOf(const ProviderKeyRow &row) const
{
    QStringList sentences;
    if (!row.isStored())
        sentences +=
            tr("For Weir to add a key of its own, set provider.%1.auth = \"stored\" and start it again.")
                .arg(row.name);
    else if (row.place == QLatin1String("environment"))
        sentences += tr("This key comes from the environment that Weir was started in and is changed there.");
    else if (!row.reason.isEmpty())
        sentences += row.reason.left(1).toUpper() + row.reason.mid(1) + QLatin1Char('.');
    if (const QString limits = m_limits.value(row.name); !limits.isEmpty())
        sentences += limits;
    return sentences.join(QLatin1Char('\n'));
}

void ProviderKeysPanel::setLimits(const std::vector<metrics::ProviderLimits> &limits)
{
    m_limits.clear();
    for (const metrics::ProviderLimits &told : limits)
        m_limits[QString::fromStdString(told.provider)] = providerLimitsText(told);
    showSelected();
}

void ProviderKeysPanel::set()
{
    const ProviderKeyRow *row = selected();
    if (!row || !row->canSet())
        return;
    auto *dialog = new ProviderKeyDialog(*row, this);
    connect(dialog, &TaskDialog::confirmed, this, [this, dialog, name = row->name] {
        m_desk.ask(vaultQuestion("PUT", pathOf(name, "secret"), dialog->body()), this,
                   [this, dialog = QPointer<TaskDialog>(dialog), name](const Reply &reply) {
                       if (!reply.isOk()) {
                           if (dialog)
                               dialog->fail(tr("The key was not saved: %1.").arg(reply.trouble));
                           return;
                       }
                       m_model->setTest(name, format::unknown()); // that was the old key's
                       if (dialog)
                           dialog->accept();
                       reload();
                   });
    });
    dialog->open();
}

void ProviderKeysPanel::test()
{
    const ProviderKeyRow *row = selected();
    if (!row)
        return;
    const QString name = row->name;
    m_model->setTest(name, tr("asking…"));
    m_desk.ask(vaultQuestion("POST", pathOf(name, "test")), this, [this, name](const Reply &reply) {
        const QString time = QDateTime::currentDateTime().toString(QStringLiteral("HH:mm:ss"));
        if (!reply.isOk())
            m_model->setTest(name, tr("%1: not tested: %2").arg(time, reply.trouble));
        else if (reply.json[QLatin1String("works")].toBool())
            m_model->setTest(name, tr("%1: it works").arg(time));
        else
            m_model->setTest(name, tr("%1: %2").arg(time, reply.json[QLatin1String("reason")].toString()));
    });
}

void ProviderKeysPanel::remove()
{
    const ProviderKeyRow *row = selected();
    if (!row)
        return;
    auto *dialog = new TaskDialog(tr("Remove the key of %1").arg(row->name), tr("&Remove"), this);
    dialog->setText(
        tr("Weir forgets this key, wherever it is kept. Requests to %1 fail until another is set.")
            .arg(row->name));
    connect(dialog, &TaskDialog::confirmed, this, [this, dialog, name = row->name] {
        m_desk.ask(vaultQuestion("DELETE", pathOf(name, "secret")), this,
                   [this, dialog = QPointer<TaskDialog>(dialog)](const Reply &reply) {
                       if (dialog && !reply.isOk())
                           dialog->fail(tr("The key was not removed: %1.").arg(reply.trouble));
                       else if (dialog)
                           dialog->accept();
                       reload();
                   });
    });
    dialog->open();
}

} // namespace weir::ui
