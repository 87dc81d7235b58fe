// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/banner.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace weir::ui {

Banner::Banner(QStyle::StandardPixmap icon, QWidget *parent) : QWidget(parent)
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::ToolTipBase);
    m_icon = new QLabel(this);
    const int side = style()->pixelMetric(QStyle::PM_SmallIconSize);
    m_icon->setPixmap(style()->standardIcon(icon).pixmap(side, side));
    m_text = new QLabel(this);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_layout = new QHBoxLayout(this);
    m_layout->addWidget(m_icon);
    m_layout->addWidget(m_text, 1);
    hide();
}

void Banner::show(const QString &text, const std::vector<Action> &actions)
{
    delete m_buttons;
    m_buttons = new QWidget(this);
    auto *row = new QHBoxLayout(m_buttons);
    row->setContentsMargins(0, 0, 0, 0);
    for (const Action &action : actions) {
        auto *button = new QPushButton(action.text, m_buttons);
        // Queued: the answer may replace the buttons.
        connect(
            button, &QPushButton::clicked, this, [this, id = action.id] { Q_EMIT actionChosen(id); },
            Qt::QueuedConnection);
        row->addWidget(button);
    }
    m_layout->addWidget(m_buttons);
    m_text->setText(text);
    setAccessibleName(text);
    setVisible(true);
}

} // namespace weir::ui
