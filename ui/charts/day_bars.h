// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <QDate>
#include <QWidget>
#include <vector>

class QBarSet;
class QCategoryAxis;
class QChartView;
class QLabel;
class QStackedBarSeries;

namespace weir::ui {

/// Tokens by day as stacked bars: input, input from the provider's cache, output. The same figures are in the
/// usage table, by day, for whom a chart says nothing. Draws only when setDays() is called.
class DayBars : public QWidget
{
    Q_OBJECT
public:
    static constexpr int Parts = 3;

    /// One bar. Days follow each other without a gap.
    struct Bar
    {
        QDate day;
        std::array<qint64, Parts> tokens{}; ///< from the bottom: fresh input, cached input, output
    };

    explicit DayBars(QWidget *parent = nullptr);
    ~DayBars() override;

    void setDays(const std::vector<Bar> &bars);
    const std::vector<Bar> &days() const { return m_bars; }

    QSize sizeHint() const override;

protected:
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void makeChart();
    void restyle();
    void labelDays();
    void fitTokens();
    void explain(int bar);

    std::vector<Bar> m_bars;
    QChartView *m_view = nullptr;
    QStackedBarSeries *m_series = nullptr;
    std::array<QBarSet *, Parts> m_sets{};
    QCategoryAxis *m_dayAxis = nullptr;
    QCategoryAxis *m_tokenAxis = nullptr;
    std::vector<QLabel *> m_legend;
};

} // namespace weir::ui
