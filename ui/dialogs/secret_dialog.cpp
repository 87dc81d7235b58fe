// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/secret_dialog.h"

#include "ui/secret_clipboard.h"
#include <QDialogButtonBox>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>
#include <utility>

namespace weir::ui {

SecretDialog::SecretDialog(const QString &label, QString secret, QWidget *parent)
    : QDialog(parent), m_secret(std::move(secret))
{
    setWindowTitle(tr("Copy the new access key"));
    setAttribute(Qt::WA_DeleteOnClose);
    auto *text = new QLabel(
        tr("This is the key of “%1”. It is shown this one time; Weir keeps only a hash of it.").arg(label),
        this);
    text->setTextFormat(Qt::PlainText);
    text->setWordWrap(true);
    m_note = new QLabel(this);
    m_note->setObjectName(QStringLiteral("note"));
    m_note->setWordWrap(true);
    auto *buttons = new QDialogButtonBox(this);
    m_close = buttons->addButton(tr("C&lose and forget"), QDialogButtonBox::RejectRole);
    m_close->setAutoDefault(false);
    connect(buttons, &QDialogButtonBox::rejected, this, &SecretDialog::reject);

    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(fontMetrics().height() * 2 / 3);
    layout->addWidget(text);
    addLine(*layout, tr("Access key"), tr("&Copy"), QString());
    addLine(*layout, tr("For Claude Code and Anthropic SDKs"), tr("Copy &line"),
            QStringLiteral("ANTHROPIC_AUTH_TOKEN="));
    addLine(*layout, tr("For Codex and OpenAI SDKs"), tr("Copy l&ine"), QStringLiteral("OPENAI_API_KEY="));
    layout->addStretch();
    layout->addWidget(m_note);
    layout->addWidget(buttons);
}

SecretDialog::~SecretDialog()
{
    m_secret.fill(QChar(u'\0')); // the text in memory, where nobody else holds it
    if (m_isCopied)
        secret_clipboard::clearLater();
}

void SecretDialog::addLine(QVBoxLayout &layout, const QString &name, const QString &buttonText,
                           const QString &before)
{
    auto *title = new QLabel(name, this);
    auto *field = new QLineEdit(before + m_secret, this);
    field->setObjectName(before.isEmpty() ? QStringLiteral("secret") : QString());
    field->setReadOnly(true);
    field->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    field->setAccessibleName(name);
    field->setCursorPosition(0);
    field->setMinimumWidth(
        QFontMetrics(field->font()).horizontalAdvance(field->text() + QStringLiteral("00")));
    title->setBuddy(field);
    auto *button = new QPushButton(buttonText, this);
    button->setAccessibleName(tr("Copy: %1").arg(name));
    connect(button, &QPushButton::clicked, this, [this, field, name] {
        secret_clipboard::copy(field->text());
        m_isCopied = true;
        m_note->setText(tr("Copied: %1. The clipboard is emptied %2 s after this window is closed.")
                            .arg(name)
                            .arg(secret_clipboard::ClearAfterMs / 1000));
        m_close->setText(tr("C&lose and forget"));
    });
    auto *row = new QHBoxLayout;
    row->addWidget(field, 1);
    row->addWidget(button);
    auto *lines = new QVBoxLayout;
    lines->setSpacing(fontMetrics().height() / 5);
    lines->addWidget(title);
    lines->addLayout(row);
    layout.addLayout(lines);
    if (before.isEmpty()) {
        button->setDefault(true);
        button->setFocus();
    } else {
        button->setAutoDefault(false);
    }
}

void SecretDialog::reject()
{
    // Once: a key that is closed away can only be replaced.
    if (!m_isCopied && m_note->text().isEmpty()) {
        m_note->setText(
            tr("The key has not been copied. Once closed, it cannot be shown again, only replaced."));
        m_close->setText(tr("C&lose without copying"));
        return;
    }
    QDialog::reject();
}

} // namespace weir::ui
