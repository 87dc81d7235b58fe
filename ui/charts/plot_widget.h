// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/theme.h"
#include <functional>
#include <optional>
#include <QElapsedTimer>
#include <QString>
#include <QWidget>
#include <vector>

class QLabel;
class QStackedLayout;
class QTableWidget;

namespace weir::ui {

class PlotView;

/// One line of a plot: values at seconds before now (≤ 0), oldest first. No value = a gap.
struct PlotLine
{
    struct Point
    {
        double seconds = 0;
        std::optional<double> value;
    };
    std::vector<Point> points;
};

/// How a line looks; told by dash as well as by colour.
struct PlotStyle
{
    QString name;
    Tone tone = Tone::P50;
    Qt::PenStyle pen = Qt::SolidLine;
    bool filled = false;
};

/// A live chart over the last five minutes with its title and legend. The numbers are also there as a table
/// (Ctrl+T) and for screen readers, which cannot see into Qt Charts. Draws only when setLines() is called.
class PlotWidget : public QWidget
{
    Q_OBJECT
public:
    enum class Scale
    {
        Linear,
        Logarithmic
    };
    static constexpr double SecondsShown = 300;

    struct Options
    {
        QString title;
        Scale scale = Scale::Linear;
        double floor = 0;   ///< beginning of the axis (logarithmic: > 0; smaller values extend it)
        double ceiling = 1; ///< what the axis reaches at least
        std::function<QString(double)> format; ///< of values
        std::function<QString(double)> tick;   ///< of the axis
        std::vector<PlotStyle> lines;
    };

    explicit PlotWidget(Options options, QWidget *parent = nullptr);
    ~PlotWidget() override;

    /// One entry per style, in that order.
    void setLines(std::vector<PlotLine> lines);
    const std::vector<PlotLine> &lines() const { return m_lines; }

    QSize sizeHint() const override;

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void updateLegend();
    void updateTable();
    void updateDescription();
    void toggleTable();

    const Options m_options;
    std::vector<PlotLine> m_lines;
    PlotView *m_view;
    QTableWidget *m_table;
    QStackedLayout *m_stack;
    QLabel *m_title;
    std::vector<QLabel *> m_legend;
    QElapsedTimer m_described;
};

} // namespace weir::ui
