// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/task_dialog.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>
#include <vector>

namespace weir::ui {

TaskDialog::TaskDialog(const QString &title, const QString &action, QWidget *parent) : QDialog(parent)
{
    setWindowTitle(title);
    setAttribute(Qt::WA_DeleteOnClose);
    m_text = new QLabel(this);
    m_text->setWordWrap(true);
    m_text->hide();
    m_content = new QVBoxLayout;

    m_trouble = new QWidget(this);
    m_trouble->setAutoFillBackground(true);
    m_trouble->setBackgroundRole(QPalette::ToolTipBase);
    auto *icon = new QLabel(m_trouble);
    const int side = style()->pixelMetric(QStyle::PM_SmallIconSize);
    icon->setPixmap(style()->standardIcon(QStyle::SP_MessageBoxWarning).pixmap(side, side));
    m_troubleText = new QLabel(m_trouble);
    m_troubleText->setObjectName(QStringLiteral("trouble"));
    m_troubleText->setWordWrap(true);
    m_troubleText->setTextFormat(Qt::PlainText);
    auto *troubleRow = new QHBoxLayout(m_trouble);
    troubleRow->addWidget(icon);
    troubleRow->addWidget(m_troubleText, 1);
    m_trouble->hide();

    m_buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_action = m_buttons->addButton(action, QDialogButtonBox::AcceptRole);
    m_action->setDefault(true);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &TaskDialog::confirm);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(fontMetrics().height() * 2 / 3);
    layout->addWidget(m_text);
    layout->addLayout(m_content, 1);
    layout->addWidget(m_trouble);
    layout->addWidget(m_buttons);
    setMinimumWidth(fontMetrics().averageCharWidth() * 64);
}

void TaskDialog::setText(const QString &text)
{
    m_text->setText(text);
    m_text->setTextFormat(Qt::PlainText);
    m_text->show();
}

void TaskDialog::confirm()
{
    if (const QString why = mistake(); !why.isEmpty()) {
        fail(why);
        return;
    }
    m_trouble->hide();
    setBusy(true);
    Q_EMIT confirmed();
}

void TaskDialog::showEvent(QShowEvent *event)
{
    // The buttons are older than what was put above them: without this they would come first. Where there is
    // nothing to enter, it is a question whose answer cannot be taken back: then Enter changes nothing.
    QPushButton *cancel = m_buttons->button(QDialogButtonBox::Cancel);
    std::vector<QWidget *> order;
    for (QWidget *widget : findChildren<QWidget *>()) {
        const bool isInner = widget->objectName().startsWith(QLatin1String("qt_"));
        if (widget->focusPolicy() & Qt::TabFocus && !isInner && !m_buttons->isAncestorOf(widget))
            order.push_back(widget);
    }
    QWidget *first = order.empty() ? static_cast<QWidget *>(cancel) : order.front();
    if (order.empty())
        cancel->setDefault(true);
    order.insert(order.end(), {m_action, cancel});
    for (std::size_t at = 1; at < order.size(); ++at)
        setTabOrder(order[at - 1], order[at]);
    first->setFocus();
    QDialog::showEvent(event);
}

void TaskDialog::fail(const QString &why)
{
    setBusy(false);
    m_troubleText->setText(why);
    m_trouble->setAccessibleName(why);
    m_trouble->show();
}

void TaskDialog::setBusy(bool isBusy)
{
    m_action->setEnabled(!isBusy);
}

} // namespace weir::ui
