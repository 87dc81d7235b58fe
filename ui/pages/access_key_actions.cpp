// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done with an access key.
#include "ui/dialogs/secret_dialog.h"
#include "ui/format.h"
#include "ui/models/access_key_model.h"
#include "ui/pages/access_keys_panel.h"
#include <QLabel>

namespace weir::ui {

namespace {

QString pathOf(qint64 id)
{
    return QStringLiteral("/admin/keys/%1").arg(id);
}

} // namespace

void AccessKeysPanel::perform(const pipeline::Question &question, TaskDialog *dialog, const Then &then)
{
    m_trouble->hide();
    m_desk.ask(question, this, [this, then, dialog = QPointer<TaskDialog>(dialog)](const Reply &reply) {
        if (reply.isOk()) {
            if (dialog)
                dialog->accept();
            reload();
            then(reply);
        } else if (dialog) {
            dialog->fail(tr("That did not work: %1.").arg(reply.trouble));
        } else {
            m_trouble->setText(tr("That did not work: %1.").arg(reply.trouble));
            m_trouble->show();
        }
    });
}

void AccessKeysPanel::create()
{
    auto *dialog = new KeyDialog(KeyDialog::Part::Everything, {}, m_providers, this);
    connect(dialog, &TaskDialog::confirmed, this, [this, dialog] {
        perform(storeQuestion("POST", QStringLiteral("/admin/keys"), dialog->changes()), dialog,
                [this](const Reply &reply) { showSecret(reply); });
    });
    dialog->open();
}

void AccessKeysPanel::change(KeyDialog::Part part)
{
    const AccessKeyRow *key = selected();
    if (!key)
        return;
    auto *dialog = new KeyDialog(part, *key, m_providers, this);
    connect(dialog, &TaskDialog::confirmed, this, [this, dialog, id = key->id] {
        const QJsonObject changes = dialog->changes();
        if (changes.isEmpty())
            dialog->accept();
        else
            perform(storeQuestion("PATCH", pathOf(id), changes), dialog, [](const Reply &) {});
    });
    dialog->open();
}

void AccessKeysPanel::rename()
{
    change(KeyDialog::Part::Label);
}

void AccessKeysPanel::limit()
{
    change(KeyDialog::Part::Rules);
}

void AccessKeysPanel::pause()
{
    if (const AccessKeyRow *key = selected()) {
        perform(storeQuestion("PATCH", pathOf(key->id), {{QStringLiteral("paused"), !key->isPaused}}),
                nullptr, [](const Reply &) {});
    }
}

void AccessKeysPanel::rotate()
{
    const AccessKeyRow *key = selected();
    if (!key)
        return;
    auto *dialog = new TaskDialog(tr("Rotate access key"), tr("&Rotate"), this);
    dialog->setText(
        tr("“%1” gets a new key, which is shown once. The old one stops working at once: tools that send "
           "it are refused until they have the new one. Limits and usage stay.")
            .arg(key->label));
    connect(dialog, &TaskDialog::confirmed, this, [this, dialog, id = key->id] {
        perform(storeQuestion("POST", pathOf(id) + QStringLiteral("/rotate")), dialog,
                [this](const Reply &reply) { showSecret(reply); });
    });
    dialog->open();
}

void AccessKeysPanel::remove()
{
    const AccessKeyRow *key = selected();
    if (!key)
        return;
    auto *dialog = new TaskDialog(tr("Delete access key"), tr("&Delete"), this);
    const QString use = key->lastUsedAt ? tr("It was used last %1; %2 requests in the last 24 h.")
                                              .arg(format::ago(key->lastUsedAt, QDateTime::currentDateTime()),
                                                   format::count(std::uint64_t(key->requests24h)))
                                        : tr("It was never used.");
    dialog->setText(
        tr("“%1” stops working at once, for good: tools that send it are refused. What it has used stays "
           "in Usage.")
            .arg(key->label) +
        QLatin1Char('\n') + use);
    connect(dialog, &TaskDialog::confirmed, this, [this, dialog, id = key->id] {
        perform(storeQuestion("DELETE", pathOf(id)), dialog, [](const Reply &) {});
    });
    dialog->open();
}

void AccessKeysPanel::showSecret(const Reply &reply)
{
    const AccessKeyRow key = readAccessKey(reply.json);
    auto *dialog = new SecretDialog(key.label, reply.json[QLatin1String("secret")].toString(), this);
    // Later: the row may not be there yet.
    connect(dialog, &QDialog::finished, this, [this, id = key.id] { select(id); });
    dialog->open();
}

} // namespace weir::ui
