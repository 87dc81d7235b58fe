// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/plot_widget.h"

#include "ui/charts/plot_view.h"
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QStackedLayout>
#include <QTableWidget>
#include <QVBoxLayout>

namespace weir::ui {

namespace {

constexpr qint64 DescribeEveryMs = 10'000;

/// A short piece of the line as it is drawn.
class LineSample final : public QWidget
{
public:
    LineSample(const PlotStyle &style, QWidget *parent) : QWidget(parent), m_style(style)
    {
        const int unit = fontMetrics().height();
        setFixedSize(unit * 3 / 2, unit);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(Theme::instance().color(m_style.tone), 2, m_style.pen));
        painter.drawLine(QPointF(0, height() / 2.0), QPointF(width(), height() / 2.0));
    }

private:
    const PlotStyle m_style;
};

} // namespace

PlotWidget::PlotWidget(Options options, QWidget *parent)
    : QWidget(parent), m_options(std::move(options)), m_lines(m_options.lines.size())
{
    m_view = new PlotView(m_options, this);
    m_table = new QTableWidget(this);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setAccessibleName(tr("%1 as a table").arg(m_options.title));
    m_title = new QLabel(m_options.title, this);
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);

    auto *header = new QHBoxLayout;
    header->addWidget(m_title);
    header->addStretch();
    for (const PlotStyle &style : m_options.lines) {
        header->addSpacing(fontMetrics().height() / 2);
        header->addWidget(new LineSample(style, this));
        auto *label = new QLabel(style.name, this);
        header->addWidget(label);
        m_legend.push_back(label);
    }
    m_stack = new QStackedLayout;
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_table);
    auto *layout = new QVBoxLayout(this);
    const int pad = fontMetrics().height() / 2;
    layout->setContentsMargins(pad, pad, pad, pad / 2);
    layout->setSpacing(pad / 2);
    layout->addLayout(header);
    layout->addLayout(m_stack, 1);

    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("%1, last 5 minutes").arg(m_options.title));
    setToolTip(tr("Ctrl+T: show as a table"));
    connect(&Theme::instance(), &Theme::changed, m_view, &PlotView::restyle);
    updateLegend();
}

PlotWidget::~PlotWidget() = default;

QSize PlotWidget::sizeHint() const
{
    const int unit = fontMetrics().height();
    return {unit * 30, unit * 13};
}

void PlotWidget::setLines(std::vector<PlotLine> lines)
{
    Q_ASSERT(lines.size() == m_options.lines.size());
    m_lines = std::move(lines);
    m_view->setLines(m_lines);
    updateLegend();
    if (m_stack->currentWidget() == m_table)
        updateTable();
    updateDescription();
}

void PlotWidget::updateLegend()
{
    for (std::size_t line = 0; line < m_legend.size(); ++line) {
        const auto &points = m_lines[line].points;
        const bool isKnown = !points.empty() && points.back().value;
        m_legend[line]->setText(m_options.lines[line].name + QStringLiteral(" ") +
                                (isKnown ? m_options.format(*points.back().value) : QStringLiteral("–")));
    }
}

void PlotWidget::updateTable()
{
    const auto rows = m_lines.empty() ? std::size_t(0) : m_lines.front().points.size();
    QStringList titles{tr("Seconds ago")};
    for (const PlotStyle &style : m_options.lines)
        titles += style.name;
    m_table->setColumnCount(int(titles.size()));
    m_table->setHorizontalHeaderLabels(titles);
    m_table->verticalHeader()->hide();
    m_table->setRowCount(int(rows));
    for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t point = rows - 1 - row; // newest first
        const auto put = [&](int column, const QString &text) {
            auto *item = new QTableWidgetItem(text);
            item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            m_table->setItem(int(row), column, item);
        };
        put(0, QString::number(std::lround(-m_lines.front().points[point].seconds)));
        for (std::size_t line = 0; line < m_lines.size(); ++line) {
            const auto &value = m_lines[line].points[point].value;
            put(int(line) + 1, value ? m_options.format(*value) : QStringLiteral("–"));
        }
    }
}

void PlotWidget::updateDescription()
{
    // Not at every redraw: a screen reader would never stop.
    if (m_described.isValid() && m_described.elapsed() < DescribeEveryMs)
        return;
    m_described.start();
    QStringList parts;
    for (const QLabel *label : m_legend)
        parts += label->text();
    setAccessibleDescription(parts.join(QStringLiteral(", ")));
}

void PlotWidget::toggleTable()
{
    const bool showsPlot = m_stack->currentWidget() == m_view;
    if (showsPlot)
        updateTable();
    m_stack->setCurrentWidget(showsPlot ? static_cast<QWidget *>(m_table) : m_view);
}

void PlotWidget::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_T && event->modifiers() == Qt::ControlModifier)
        toggleTable();
    else if (event->key() == Qt::Key_Left)
        m_view->moveCursor(-1);
    else if (event->key() == Qt::Key_Right)
        m_view->moveCursor(1);
    else if (event->key() == Qt::Key_Escape)
        m_view->hideCursor();
    else
        QWidget::keyPressEvent(event);
}

void PlotWidget::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        m_view->restyle();
    QWidget::changeEvent(event);
}

} // namespace weir::ui
