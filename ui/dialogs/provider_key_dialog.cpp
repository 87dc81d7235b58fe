// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/provider_key_dialog.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QVBoxLayout>

namespace weir::ui {

ProviderKeyDialog::ProviderKeyDialog(const ProviderKeyRow &provider, QWidget *parent)
    : TaskDialog(provider.isOurs() ? tr("Replace the key of %1").arg(provider.name)
                                   : tr("Set the key of %1").arg(provider.name),
                 tr("&Save"), parent)
{
    setText(tr("Weir sends this key to %1 for every tool that calls with one of Weir's access keys. "
               "The tools never see it.")
                .arg(provider.name));
    m_key = new QLineEdit(this);
    m_key->setObjectName(QStringLiteral("provider-key"));
    m_key->setEchoMode(QLineEdit::Password);
    m_key->setPlaceholderText(tr("paste it here"));
    auto *show = new QPushButton(tr("S&how"), this);
    show->setAutoDefault(false);
    show->setToolTip(tr("Shows it for %1 s").arg(ShownForMs / 1000));
    m_hide.setSingleShot(true);
    m_hide.setInterval(ShownForMs);
    connect(&m_hide, &QTimer::timeout, this, [this] { m_key->setEchoMode(QLineEdit::Password); });
    connect(show, &QPushButton::clicked, this, [this] {
        m_key->setEchoMode(QLineEdit::Normal);
        m_hide.start();
    });
    auto *keyRow = new QHBoxLayout;
    keyRow->addWidget(m_key, 1);
    keyRow->addWidget(show);
    auto *keyLabel = new QLabel(tr("&Key:"), this);
    keyLabel->setBuddy(m_key);

    m_keychain = new QRadioButton(tr("in the keychain of this &system"), this);
    m_thisRun = new QRadioButton(tr("in memory, for this &run of Weir only"), this);
    const bool hasNoKeychain = provider.state == QLatin1String("unavailable");
    const bool isThisRun = hasNoKeychain || provider.place == QLatin1String("this_run");
    m_keychain->setChecked(!isThisRun);
    m_thisRun->setChecked(isThisRun);
    auto *places = new QVBoxLayout;
    places->addWidget(m_keychain);
    places->addWidget(m_thisRun);
    if (hasNoKeychain) {
        auto *why = new QLabel(tr("The keychain cannot be used now: %1").arg(provider.reason), this);
        why->setWordWrap(true);
        why->setTextFormat(Qt::PlainText);
        places->addWidget(why);
    }

    auto *form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    form->addRow(keyLabel, keyRow);
    form->addRow(tr("Kept"), places);
    content()->addLayout(form);
    m_key->setFocus();
}

ProviderKeyDialog::~ProviderKeyDialog()
{
    m_key->clear();
}

QJsonObject ProviderKeyDialog::body() const
{
    return {{QStringLiteral("secret"), m_key->text().trimmed()},
            {QStringLiteral("place"),
             m_thisRun->isChecked() ? QStringLiteral("this_run") : QStringLiteral("keychain")}};
}

QString ProviderKeyDialog::mistake()
{
    if (!m_key->text().trimmed().isEmpty())
        return {};
    m_key->setFocus();
    return tr("The key is missing.");
}

} // namespace weir::ui
