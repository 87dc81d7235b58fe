// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/share_delegate.h"

#include "ui/models/table_role.h"
#include "ui/theme.h"
#include <QPainter>

namespace weir::ui {

namespace {

/// From this share on the bar warns.
constexpr double NearlyFull = 0.8;

} // namespace

void ShareDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    // Away from the right-aligned figures of the column before.
    if (option->displayAlignment.testFlag(Qt::AlignLeft))
        option->text.prepend(QChar(0x2002));
}

void ShareDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                          const QModelIndex &index) const
{
    QStyledItemDelegate::paint(painter, option, index); // background, selection, text
    const QVariant share = index.data(BarRole);
    if (!share.isValid())
        return;
    const bool warns = index.data(BarIsFullRole).isValid(); // a limit, not a part of a whole
    const double filled = share.toDouble();
    const QRectF cell(option.rect);
    const double height = std::max(2.0, cell.height() * 0.12);
    const QRectF groove(cell.left() + 4, cell.bottom() - height - 2, cell.width() - 8, height);
    const Tone tone = !warns                               ? Tone::P50
                      : index.data(BarIsFullRole).toBool() ? Tone::Error
                      : filled >= NearlyFull               ? Tone::P95
                                                           : Tone::Ok;
    QColor color = option.state.testFlag(QStyle::State_Selected)
                       ? option.palette.color(QPalette::HighlightedText)
                       : Theme::instance().color(tone);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    QColor faint = color;
    faint.setAlphaF(0.2F);
    painter->setBrush(faint);
    painter->drawRoundedRect(groove, height / 2, height / 2);
    painter->setBrush(color);
    if (filled > 0) {
        painter->drawRoundedRect(
            QRectF(groove.left(), groove.top(), std::max(height, groove.width() * filled), height),
            height / 2, height / 2);
    }
    painter->restore();
}

} // namespace weir::ui
