// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/day_bars.h"

#include "ui/format.h"
#include "ui/theme.h"
#include <algorithm>
#include <cmath>
#include <QApplication>
#include <QBarSet>
#include <QCategoryAxis>
#include <QChart>
#include <QChartView>
#include <QCursor>
#include <QEvent>
#include <QGraphicsLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QStackedBarSeries>
#include <QToolTip>
#include <QVBoxLayout>

namespace weir::ui {

namespace {

constexpr int TicksWanted = 4;
/// What the axis reaches at least: a range of nothing shows nothing.
constexpr double TokensMin = 1000;
constexpr double BarWidth = 0.7;

struct PartStyle
{
    Tone tone;
    Qt::BrushStyle brush; ///< told by pattern as well as by colour
};

constexpr std::array<PartStyle, DayBars::Parts> Styles{
    {{Tone::P50, Qt::SolidPattern}, {Tone::P50, Qt::Dense5Pattern}, {Tone::P95, Qt::SolidPattern}}};

QBrush brushOf(const PartStyle &style)
{
    return QBrush(Theme::instance().color(style.tone), style.brush);
}

QString nameOf(int part)
{
    switch (part) {
    case 0:
        return DayBars::tr("input");
    case 1:
        return DayBars::tr("cached input");
    default:
        return DayBars::tr("output");
    }
}

/// A square as the bars are filled.
class Swatch final : public QWidget
{
public:
    Swatch(const PartStyle &style, QWidget *parent) : QWidget(parent), m_style(style)
    {
        const int side = fontMetrics().height() * 3 / 4;
        setFixedSize(side, side);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setPen(Theme::instance().color(m_style.tone));
        painter.setBrush(brushOf(m_style));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }

private:
    const PartStyle m_style;
};

/// 1, 2 or 5 times a power of ten, at least `value`.
double niceStep(double value)
{
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double factor : {1.0, 2.0, 5.0}) {
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

qint64 sumOf(const DayBars::Bar &bar)
{
    return bar.tokens[0] + bar.tokens[1] + bar.tokens[2];
}

} // namespace

DayBars::DayBars(QWidget *parent) : QWidget(parent)
{
    auto *title = new QLabel(tr("Tokens by day"), this);
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    title->setFont(bold);
    auto *header = new QHBoxLayout;
    header->addWidget(title);
    header->addStretch();
    for (int part = 0; part < Parts; ++part) {
        header->addSpacing(fontMetrics().height() / 2);
        header->addWidget(new Swatch(Styles[std::size_t(part)], this));
        m_legend.push_back(new QLabel(this));
        header->addWidget(m_legend.back());
    }
    makeChart();
    auto *layout = new QVBoxLayout(this);
    const int pad = fontMetrics().height() / 2;
    layout->setContentsMargins(pad, pad, pad, pad / 2);
    layout->setSpacing(pad / 2);
    layout->addLayout(header);
    layout->addWidget(m_view, 1);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Tokens by day"));
    connect(&Theme::instance(), &Theme::changed, this, &DayBars::restyle);
    setDays({});
}

DayBars::~DayBars() = default;

void DayBars::makeChart()
{
    m_view = new QChartView(this);
    QChart *plot = m_view->chart();
    plot->legend()->hide();
    plot->setMargins({0, fontMetrics().height() / 2, fontMetrics().height(), 0});
    plot->layout()->setContentsMargins(0, 0, 0, 0);
    plot->setBackgroundRoundness(0);
    plot->setDropShadowEnabled(false);
    m_dayAxis = new QCategoryAxis(this);
    m_tokenAxis = new QCategoryAxis(this);
    plot->addAxis(m_dayAxis, Qt::AlignBottom);
    plot->addAxis(m_tokenAxis, Qt::AlignLeft);
    m_dayAxis->setGridLineVisible(false);
    m_series = new QStackedBarSeries(this);
    m_series->setBarWidth(BarWidth);
    for (int part = 0; part < Parts; ++part) {
        m_sets[std::size_t(part)] = new QBarSet(nameOf(part), m_series);
        m_series->append(m_sets[std::size_t(part)]);
    }
    plot->addSeries(m_series);
    for (QCategoryAxis *axis : {m_dayAxis, m_tokenAxis}) {
        axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
        axis->setLineVisible(false);
        m_series->attachAxis(axis);
    }
    connect(m_series, &QAbstractBarSeries::hovered, this, [this](bool isOver, int bar) {
        if (isOver)
            explain(bar);
        else
            QToolTip::hideText();
    });
    m_view->setRenderHint(QPainter::Antialiasing);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setFocusPolicy(Qt::NoFocus);
    m_view->viewport()->setFocusPolicy(Qt::NoFocus);
    m_view->setMinimumHeight(fontMetrics().height() * 6);
    restyle();
}

void DayBars::restyle()
{
    const Theme &theme = Theme::instance();
    m_view->chart()->setBackgroundBrush(QApplication::palette().base());
    m_view->setBackgroundBrush(QApplication::palette().base());
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.9);
    for (QCategoryAxis *axis : {m_dayAxis, m_tokenAxis}) {
        axis->setGridLineColor(theme.color(Tone::Grid));
        axis->setLabelsColor(theme.color(Tone::Neutral));
        axis->setLabelsFont(small);
    }
    for (int part = 0; part < Parts; ++part) {
        QBarSet *set = m_sets[std::size_t(part)];
        set->setBrush(brushOf(Styles[std::size_t(part)]));
        set->setPen(QPen(theme.color(Styles[std::size_t(part)].tone), 1));
    }
}

void DayBars::setDays(const std::vector<Bar> &bars)
{
    m_bars = bars;
    // Ranges before values: each change of a range draws every bar again.
    labelDays();
    fitTokens();
    std::array<qint64, Parts> sums{};
    for (int part = 0; part < Parts; ++part) {
        QBarSet *set = m_sets[std::size_t(part)];
        if (set->count() > int(bars.size()))
            set->remove(int(bars.size()), set->count() - int(bars.size()));
        QList<qreal> more;
        for (int bar = 0; bar < int(bars.size()); ++bar) {
            const qint64 tokens = bars[std::size_t(bar)].tokens[std::size_t(part)];
            sums[std::size_t(part)] += tokens;
            if (bar >= set->count())
                more.append(qreal(tokens));
            else if (set->at(bar) != qreal(tokens))
                set->replace(bar, qreal(tokens));
        }
        if (!more.isEmpty())
            set->append(more);
    }
    QStringList told;
    for (int part = 0; part < Parts; ++part) {
        m_legend[std::size_t(part)]->setText(nameOf(part) + QLatin1Char(' ') +
                                             format::count(std::uint64_t(sums[std::size_t(part)])));
        told += m_legend[std::size_t(part)]->text();
    }
    setAccessibleDescription(tr("%n day(s)", nullptr, int(bars.size())) + QStringLiteral(": ") +
                             told.join(QStringLiteral(", ")));
}

void DayBars::labelDays()
{
    clearLabels(*m_dayAxis);
    const int count = std::max<int>(1, int(m_bars.size()));
    m_dayAxis->setRange(-0.5, count - 0.5);
    // So many that there is room, and today among them. The axis takes them from left to right only.
    const int labelWidth = fontMetrics().horizontalAdvance(QStringLiteral("00.00.__"));
    const int room = std::max(1, m_view->width() / std::max(1, labelWidth));
    const int every = std::max(1, (count + room - 1) / room);
    for (int bar = (int(m_bars.size()) - 1) % every; bar < int(m_bars.size()); bar += every)
        m_dayAxis->append(m_bars[std::size_t(bar)].day.toString(QStringLiteral("MM-dd")), bar);
}

void DayBars::fitTokens()
{
    double most = TokensMin;
    for (const Bar &bar : m_bars)
        most = std::max(most, double(sumOf(bar)));
    const double step = niceStep(most * 1.02 / TicksWanted);
    const double top = step * std::ceil(most * 1.02 / step);
    if (top == m_tokenAxis->max() && m_tokenAxis->count() > 0)
        return;
    clearLabels(*m_tokenAxis);
    m_tokenAxis->setRange(0, top);
    for (double tick = 0; tick <= top * 1.0001; tick += step)
        m_tokenAxis->append(format::tick(tick), tick);
}

void DayBars::explain(int bar)
{
    if (bar < 0 || bar >= int(m_bars.size()))
        return;
    const Bar &hovered = m_bars[std::size_t(bar)];
    QStringList rows{QLocale().toString(hovered.day, QLocale::LongFormat)};
    for (int part = 0; part < Parts; ++part)
        rows += nameOf(part) + QStringLiteral(": ") +
                format::count(std::uint64_t(hovered.tokens[std::size_t(part)]));
    QToolTip::showText(QCursor::pos(), rows.join(QLatin1Char('\n')), this);
}

QSize DayBars::sizeHint() const
{
    const int unit = fontMetrics().height();
    return {unit * 30, unit * 12};
}

void DayBars::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    labelDays(); // there may be room for more
}

void DayBars::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        restyle();
    QWidget::changeEvent(event);
}

} // namespace weir::ui
