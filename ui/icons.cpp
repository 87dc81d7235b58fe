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
    using Paint = void (*)(QPainter &, const QRectF &, const QColor &);
    /// `tone` is the colour unless the row is selected.
    PaintedEngine(Paint painting, Tone tone) : m_paint(painting), m_tone(tone) {}

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        const QColor color = mode == QIcon::Selected
                                 ? QGuiApplication::palette().color(QPalette::HighlightedText)
                                 : Theme::instance().color(m_tone);
        painter->setRenderHint(QPainter::Antialiasing);
        const double side = std::min(rect.width(), rect.height()) * 0.62;
        QRectF box(0, 0, side, side);
        box.moveCenter(QRectF(rect).center());
        m_paint(*painter, box, color);
    }
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }
    QIconEngine *clone() const override { return new PaintedEngine(m_paint, m_tone); }

private:
    Paint m_paint;
    Tone m_tone;
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

QIcon painted(Tone tone, PaintedEngine::Paint paint)
{
    return QIcon(new PaintedEngine(paint, tone));
}

QRectF inset(const QRectF &box, double share)
{
    const double by = box.width() * share;
    return box.adjusted(by, by, -by, -by);
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
        return painted(Tone::Neutral, [](QPainter &painter, const QRectF &box, const QColor &color) {
            painter.fillRect(box.adjusted(0, box.height() * 0.38, 0, -box.height() * 0.38), color);
        });
    }
    if (record.isError()) {
        return painted(Tone::Error, [](QPainter &painter, const QRectF &box, const QColor &color) {
            painter.setPen(QPen(color, box.width() * 0.16));
            painter.setBrush(Qt::NoBrush);
            const QRectF inner = inset(box, 0.08);
            painter.drawPolygon(
                QPolygonF{{inner.center().x(), inner.top()}, inner.bottomRight(), inner.bottomLeft()});
        });
    }
    if (record.outcome == metrics::Outcome::Answered) {
        return painted(Tone::Neutral, [](QPainter &painter, const QRectF &box, const QColor &color) {
            painter.fillRect(inset(box, 0.12), color);
        });
    }
    return painted(Tone::Ok, [](QPainter &painter, const QRectF &box, const QColor &color) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawEllipse(box);
    });
}

} // namespace weir::ui::icons
