// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/tile.h"

#include "ui/theme.h"
#include <QEvent>
#include <QLabel>
#include <QVBoxLayout>

namespace weir::ui {

Tile::Tile(const QString &title, QWidget *parent) : QWidget(parent)
{
    m_title = new QLabel(title, this);
    m_value = new QLabel(QStringLiteral("–"), this);
    m_basis = new QLabel(this);
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.9);
    large.setWeight(QFont::DemiBold);
    m_value->setFont(large);
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.9);
    m_basis->setFont(small);

    auto *layout = new QVBoxLayout(this);
    const int pad = fontMetrics().height() / 2;
    layout->setContentsMargins(pad * 3 / 2, pad, pad, pad);
    layout->setSpacing(0);
    layout->addWidget(m_title);
    layout->addWidget(m_value);
    layout->addWidget(m_basis);

    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    setAccessibleName(title);
    restyle();
}

void Tile::show(const QString &value, const QString &basis, const QString &why)
{
    m_value->setText(value);
    m_basis->setText(basis);
    setToolTip(why);
    setAccessibleDescription(value + QStringLiteral(", ") + basis);
}

void Tile::restyle()
{
    QPalette quiet = palette();
    quiet.setColor(QPalette::WindowText, Theme::instance().color(Tone::Neutral));
    m_title->setPalette(quiet);
    m_basis->setPalette(quiet);
}

void Tile::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        restyle();
    QWidget::changeEvent(event);
}

} // namespace weir::ui
