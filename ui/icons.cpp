// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/icons.h"

#include "ui/theme.h"
#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPalette>
#include <QSvgRenderer>

namespace weir::ui::icons {

namespace {

/// Paints by a function at whatever size is asked for.
class PaintedEngine final : public QIconEngine
{
public:
    using Paint = void (*)(QPainter &, const QRectF &);
    explicit PaintedEngine(Paint painting) : m_paint(painting) {}

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode, QIcon::State) override
    {
        painter->setRenderHint(QPainter::Antialiasing);
        const double side = std::min(rect.width(), rect.height()) * 0.62;
        QRectF box(0, 0, side, side);
        box.moveCenter(QRectF(rect).center());
        m_paint(*painter, box);
    }
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }
    QIconEngine *clone() const override { return new PaintedEngine(m_paint); }

private:
    Paint m_paint;
};

/// Draws an SVG whose shapes use currentColor.
class SvgEngine final : public QIconEngine
{
public:
    explicit SvgEngine(QByteArray svg) : m_svg(std::move(svg)) {}

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        const QPalette palette = QGuiApplication::palette();
        const QColor color = mode == QIcon::Selected   ? palette.color(QPalette::HighlightedText)
                             : mode == QIcon::Disabled ? palette.color(QPalette::PlaceholderText)
                                                       : palette.color(QPalette::WindowText);
        QByteArray svg = m_svg;
        svg.replace("currentColor", color.name().toLatin1());
        QSvgRenderer(svg).render(painter, rect);
    }
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }
    QIconEngine *clone() const override { return new SvgEngine(m_svg); }

private:
    QByteArray m_svg;
};

QIcon painted(PaintedEngine::Paint paint)
{
    return QIcon(new PaintedEngine(paint));
}

void fill(QPainter &painter, Tone tone)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(Theme::instance().color(tone));
}

} // namespace

QIcon themed(const QString &name)
{
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QIcon(new SvgEngine(file.readAll()));
}

QIcon application()
{
    return QIcon(QStringLiteral(":/icons/weir.svg"));
}

QIcon outcome(const metrics::RequestRecord &record)
{
    if (record.outcome == metrics::Outcome::Cancelled) {
        return painted([](QPainter &painter, const QRectF &box) {
            fill(painter, Tone::Neutral);
            painter.drawRect(
                QRectF(box.left(), box.center().y() - box.height() * 0.12, box.width(), box.height() * 0.24));
        });
    }
    if (record.isError()) {
        return painted([](QPainter &painter, const QRectF &box) {
            painter.setPen(QPen(Theme::instance().color(Tone::Error), box.width() * 0.16));
            painter.setBrush(Qt::NoBrush);
            const QRectF inner = box.adjusted(box.width() * 0.08, box.width() * 0.08, -box.width() * 0.08,
                                              -box.width() * 0.08);
            painter.drawPolygon(
                QPolygonF{{inner.center().x(), inner.top()}, inner.bottomRight(), inner.bottomLeft()});
        });
    }
    if (record.outcome == metrics::Outcome::Answered) {
        return painted([](QPainter &painter, const QRectF &box) {
            fill(painter, Tone::Neutral);
            painter.drawRect(box.adjusted(box.width() * 0.12, box.width() * 0.12, -box.width() * 0.12,
                                          -box.width() * 0.12));
        });
    }
    return painted([](QPainter &painter, const QRectF &box) {
        fill(painter, Tone::Ok);
        painter.drawEllipse(box);
    });
}

} // namespace weir::ui::icons
