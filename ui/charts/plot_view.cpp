// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/plot_view.h"

#include <algorithm>
#include <cmath>
#include <QApplication>
#include <QAreaSeries>
#include <QChart>
#include <QGraphicsLayout>
#include <QMouseEvent>

namespace weir::ui {

namespace {

/// A maximum that fell below this share of the axis for this long lets the axis shrink.
constexpr double ShrinkShare = 0.4;
constexpr qint64 ShrinkAfterMs = 10'000;
constexpr int TicksWanted = 4;
/// The least that a logarithmic axis shows.
constexpr double ValueMin = 0.001;

/// 1, 2 or 5 times a power of ten, at least `value`.
double niceStep(double value)
{
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
        if (factor * power >= value * 0.999)
            return factor * power;
    }
    return 10 * power;
}

void clearLabels(QCategoryAxis &axis)
{
    const QStringList labels = axis.categoriesLabels();
    for (const QString &label : labels)
        axis.remove(label);
}

} // namespace

PlotView::PlotView(const PlotWidget::Options &options, QWidget *parent)
    : QChartView(parent)
    , m_options(options)
    , m_timeAxis(new QCategoryAxis(this))
    , m_valueAxis(new QCategoryAxis(this))
    , m_parts(options.lines.size())
{
    QChart *plot = chart();
    plot->legend()->hide();
    // Room for the halves of the outermost labels.
    plot->setMargins({0, fontMetrics().height() / 2, fontMetrics().height(), 0});
    plot->layout()->setContentsMargins(0, 0, 0, 0);
    plot->setBackgroundRoundness(0);
    plot->setDropShadowEnabled(false);
    plot->addAxis(m_timeAxis, Qt::AlignBottom);
    plot->addAxis(m_valueAxis, Qt::AlignLeft);
    for (QCategoryAxis *axis : {m_timeAxis, m_valueAxis}) {
        axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
        axis->setLineVisible(false);
    }
    m_timeAxis->setRange(-PlotWidget::SecondsShown, 0);
    labelTimeAxis();
    const bool isLog = options.scale == PlotWidget::Scale::Logarithmic;
    setRange(isLog ? std::log10(options.floor) : options.floor,
             isLog ? std::log10(options.ceiling) : options.ceiling);
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::NoFocus); // the PlotWidget takes it
    viewport()->setFocusPolicy(Qt::NoFocus);
    setMouseTracking(true);
    setMinimumHeight(fontMetrics().height() * 6);
    restyle();
}

void PlotView::restyle()
{
    const Theme &theme = Theme::instance();
    chart()->setBackgroundBrush(QApplication::palette().base()); // a page not shown yet has still its old one
    chart()->setPlotAreaBackgroundVisible(false);
    setBackgroundBrush(QApplication::palette().base());
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.9);
    for (QCategoryAxis *axis : {m_timeAxis, m_valueAxis}) {
        axis->setGridLineColor(theme.color(Tone::Grid));
        axis->setLabelsColor(theme.color(Tone::Neutral));
        axis->setLabelsFont(small);
    }
    m_timeAxis->setGridLineVisible(false);
    for (std::size_t line = 0; line < m_parts.size(); ++line) {
        const PlotStyle &style = m_options.lines[line];
        QColor color = theme.color(style.tone);
        for (QLineSeries *series : m_parts[line].lines)
            series->setPen(QPen(color, style.pen == Qt::SolidLine ? 2.0 : 1.6, style.pen));
        color.setAlphaF(0.18F);
        for (QAreaSeries *area : m_parts[line].areas) {
            area->setBrush(color);
            area->setPen(Qt::NoPen);
        }
    }
}

void PlotView::labelTimeAxis()
{
    clearLabels(*m_timeAxis);
    const int minutes = int(PlotWidget::SecondsShown) / 60;
    for (int minute = minutes; minute >= 1; --minute)
        m_timeAxis->append(tr("-%1 min").arg(minute), -60.0 * minute);
    m_timeAxis->append(tr("now"), 0);
}

double PlotView::toAxis(double value) const
{
    if (m_options.scale == PlotWidget::Scale::Linear)
        return value;
    return std::log10(std::max(value, ValueMin)); // what is not above zero has no place on the axis
}

void PlotView::setRange(double min, double max)
{
    if (max == m_top && min == m_bottom)
        return;
    m_top = max;
    m_bottom = min;
    m_valueAxis->setRange(min, max);
    labelValueAxis();
}

void PlotView::labelValueAxis()
{
    clearLabels(*m_valueAxis);
    m_ticks = ticksThatFit();
    if (m_options.scale == PlotWidget::Scale::Logarithmic) {
        const double step = std::max(1.0, std::ceil((m_top - m_bottom) / m_ticks));
        for (double decade = m_bottom; decade <= m_top + 0.001; decade += step)
            m_valueAxis->append(m_options.tick(std::pow(10.0, decade)), decade);
        return;
    }
    const double step = niceStep((m_top - m_bottom) / m_ticks);
    for (double tick = m_bottom; tick <= m_top * 1.0001; tick += step)
        m_valueAxis->append(m_options.tick(tick), tick);
}

/// Qt Charts shows dots for labels that it gives too little room.
int PlotView::ticksThatFit() const
{
    // Half a line above and below each, and one line of the other axis.
    const int lines = height() / fontMetrics().height();
    return std::clamp(lines / 2 - 1, 1, TicksWanted);
}

void PlotView::resizeEvent(QResizeEvent *event)
{
    QChartView::resizeEvent(event);
    if (ticksThatFit() != m_ticks)
        labelValueAxis();
}

void PlotView::fitValueAxis(double smallest, double largest)
{
    const bool isLog = m_options.scale == PlotWidget::Scale::Logarithmic;
    const double min = toAxis(m_options.floor);
    double wanted = toAxis(m_options.ceiling);
    if (isLog) {
        // Whole decades; expands only, so that a glance always means the same.
        setRange(std::min({m_bottom, min, std::floor(toAxis(smallest))}),
                 std::max({m_top, wanted, std::ceil(toAxis(largest))}));
        return;
    }
    if (largest > wanted) {
        const double step = niceStep(largest * 1.05 / TicksWanted);
        wanted = step * std::ceil(largest * 1.05 / step);
    }
    const bool isSmall = largest < m_top * ShrinkShare && wanted < m_top;
    if (!isSmall)
        m_smallSince.invalidate();
    else if (!m_smallSince.isValid())
        m_smallSince.start();
    if (wanted > m_top || (isSmall && m_smallSince.elapsed() > ShrinkAfterMs))
        setRange(min, wanted);
}

QLineSeries *PlotView::part(std::size_t line, std::size_t index)
{
    Parts &parts = m_parts[line];
    if (index < parts.lines.size())
        return parts.lines[index];
    auto *series = new QLineSeries(this);
    const auto attach = [this](QAbstractSeries *added) {
        chart()->addSeries(added);
        added->attachAxis(m_timeAxis);
        added->attachAxis(m_valueAxis);
    };
    if (m_options.lines[line].filled) {
        auto *area = new QAreaSeries(series);
        area->setParent(this);
        attach(area);
        parts.areas.push_back(area);
    }
    attach(series);
    parts.lines.push_back(series);
    restyle();
    return series;
}

void PlotView::setLines(const std::vector<PlotLine> &lines)
{
    m_lines = &lines;
    double smallest = m_options.floor;
    double largest = 0;
    for (const PlotLine &line : lines) {
        for (const PlotLine::Point &point : line.points) {
            smallest = std::min(smallest, point.value.value_or(smallest));
            largest = std::max(largest, point.value.value_or(0));
        }
    }
    fitValueAxis(smallest, largest); // before the points: a range change redraws every line

    for (std::size_t index = 0; index < lines.size(); ++index) {
        std::size_t used = 0;
        QList<QPointF> run;
        const auto finishRun = [&] {
            if (run.size() >= 2)
                part(index, used++)->replace(run); // once per run: append() redraws at each point
            run.clear();
        };
        for (const PlotLine::Point &point : lines[index].points) {
            if (point.value)
                run.append({point.seconds, toAxis(*point.value)});
            else
                finishRun();
        }
        finishRun();
        Parts &parts = m_parts[index];
        for (std::size_t at = 0; at < parts.lines.size(); ++at) {
            parts.lines[at]->setVisible(at < used);
            if (at < parts.areas.size())
                parts.areas[at]->setVisible(at < used);
        }
    }
    viewport()->update();
}

void PlotView::mouseMoveEvent(QMouseEvent *event)
{
    const double seconds = chart()->mapToValue(event->position()).x();
    m_cursor = std::clamp(seconds, -PlotWidget::SecondsShown, 0.0);
    viewport()->update();
    QChartView::mouseMoveEvent(event);
}

void PlotView::leaveEvent(QEvent *event)
{
    hideCursor();
    QChartView::leaveEvent(event);
}

void PlotView::moveCursor(int points)
{
    m_cursor = std::clamp(m_cursor.value_or(0) + points, -PlotWidget::SecondsShown, 0.0);
    viewport()->update();
}

void PlotView::hideCursor()
{
    m_cursor.reset();
    viewport()->update();
}

void PlotView::drawForeground(QPainter *painter, const QRectF &)
{
    if (!m_cursor || !m_lines || m_lines->empty() || m_lines->front().points.empty())
        return;
    // The nearest second of the first line; all lines share their seconds.
    const auto &points = m_lines->front().points;
    const auto nearest = std::min_element(points.begin(), points.end(), [this](const auto &a, const auto &b) {
        return std::abs(a.seconds - *m_cursor) < std::abs(b.seconds - *m_cursor);
    });
    const auto index = std::size_t(nearest - points.begin());
    QStringList rows{tr("%1 s ago").arg(int(std::lround(-nearest->seconds)))};
    for (std::size_t line = 0; line < m_lines->size(); ++line) {
        const auto &value = (*m_lines)[line].points[index].value;
        rows += m_options.lines[line].name + QStringLiteral("  ") +
                (value ? m_options.format(*value) : QStringLiteral("–"));
    }
    const QRectF area = chart()->plotArea();
    const double x = chart()->mapToPosition({nearest->seconds, m_valueAxis->min()}).x();
    painter->resetTransform();
    painter->setPen(QPen(Theme::instance().color(Tone::Neutral), 1));
    painter->drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));

    const QFontMetricsF metrics(font());
    double width = 0;
    for (const QString &row : rows)
        width = std::max(width, metrics.horizontalAdvance(row));
    const double pad = metrics.height() * 0.4;
    QRectF box(x + pad, area.top(), width + 2 * pad, metrics.height() * double(rows.size()) + pad);
    if (box.right() > area.right())
        box.moveRight(x - pad);
    painter->setBrush(palette().toolTipBase());
    painter->drawRoundedRect(box, 3, 3);
    painter->setPen(palette().color(QPalette::ToolTipText));
    painter->drawText(box.adjusted(pad, pad / 2, 0, 0), rows.join(QLatin1Char('\n')));
}

} // namespace weir::ui
