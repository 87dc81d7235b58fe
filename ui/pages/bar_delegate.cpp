// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/bar_delegate.h"

#include "ui/models/phase_model.h"
#include "ui/theme.h"
#include <QPainter>

namespace weir::ui {

void BarDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyledItemDelegate::paint(painter, option, index); // background and selection
    const double begin = index.data(PhaseModel::BarBeginRole).toDouble();
    const double end = index.data(PhaseModel::BarEndRole).toDouble();
    const QRectF area =
        QRectF(option.rect).adjusted(4, option.rect.height() * 0.28, -8, -option.rect.height() * 0.28);
    // A phase too short to see still shows that it was there.
    const double width = std::max(2.0, (end - begin) * area.width());
    const double left = std::min(area.left() + begin * area.width(), area.right() - width);
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(
        Theme::instance().color(index.data(PhaseModel::OwnRole).toBool() ? Tone::P95 : Tone::P50));
    painter->drawRoundedRect(QRectF(left, area.top(), width, area.height()), 2, 2);
}

} // namespace weir::ui
