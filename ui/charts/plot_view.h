// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/charts/plot_widget.h"
#include <QCategoryAxis>
#include <QChartView>
#include <QElapsedTimer>
#include <QLineSeries>

class QAreaSeries;

namespace weir::ui {

/// The drawing part of a PlotWidget. Both axes are category axes, so that the labels are ours ("100 ms", "-3
/// min") and a logarithmic scale is ours too: Qt's own hides a whole line for one value ≤ 0.
class PlotView final : public QChartView
{
    Q_OBJECT
public:
    /// `options` is borrowed for the view's life.
    explicit PlotView(const PlotWidget::Options &options, QWidget *parent = nullptr);

    void setLines(const std::vector<PlotLine> &lines);
    /// Takes the colours of the theme.
    void restyle();
    /// Moves the cursor by whole points; shows it first.
    void moveCursor(int points);
    void hideCursor();

protected:
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void drawForeground(QPainter *painter, const QRectF &rect) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    /// Parts of one line between its gaps; made as they are needed, hidden when not.
    struct Parts
    {
        std::vector<QLineSeries *> lines;
        std::vector<QAreaSeries *> areas;
    };

    double toAxis(double value) const;
    void fitValueAxis(double smallest, double largest);
    void setRange(double min, double max);
    void labelTimeAxis();
    void labelValueAxis();
    int ticksThatFit() const;
    QLineSeries *part(std::size_t line, std::size_t index);

    const PlotWidget::Options &m_options;
    const std::vector<PlotLine> *m_lines = nullptr; // the PlotWidget's
    QCategoryAxis *m_timeAxis;
    QCategoryAxis *m_valueAxis;
    std::vector<Parts> m_parts;
    double m_top = 0; // in axis units
    double m_bottom = 0;
    int m_ticks = 0; // that the value axis has
    QElapsedTimer m_smallSince;
    std::optional<double> m_cursor; // seconds before now
};

} // namespace weir::ui
