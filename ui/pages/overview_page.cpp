// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview_page.h"

#include "engine/engine_host.h"
#include "engine/live_feed.h"
#include "ui/charts/plot_widget.h"
#include "ui/format.h"
#include "ui/models/history_lines.h"
#include "ui/pages/tile.h"
#include <algorithm>
#include <array>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>

namespace weir::ui {

namespace {

void showPercentile(Tile &tile, std::optional<std::int64_t> micros, std::uint64_t samples,
                    std::uint64_t needed, const QString &meaning, QString basis = {})
{
    if (basis.isEmpty())
        basis = OverviewPage::tr("n = %1, last 5 min").arg(format::count(samples));
    const QString lack =
        OverviewPage::tr("Needs %1 requests, has %2.").arg(needed).arg(format::count(samples)) +
        QLatin1Char('\n');
    tile.show(format::durationUs(micros), basis, (micros ? QString() : lack) + meaning);
}

} // namespace

OverviewPage::OverviewPage(engine::EngineHost &host, QWidget *parent)
    : Page(parent), m_host(host), m_tiles(new QGridLayout)
{
    m_firstTokenP50 = new Tile(tr("First token, p50"), this);
    m_firstTokenP95 = new Tile(tr("First token, p95"), this);
    m_addedP50 = new Tile(tr("Added by Weir, p50"), this);
    m_addedP99 = new Tile(tr("Added by Weir, p99"), this);
    m_requests = new Tile(tr("Requests per second"), this);
    m_errors = new Tile(tr("Errors"), this);
    makePlots();

    m_empty = new QWidget(this);
    auto *hint = new QHBoxLayout(m_empty);
    hint->setContentsMargins(0, 0, 0, 0);
    auto *button = new QPushButton(tr("Connect a tool"), m_empty);
    connect(button, &QPushButton::clicked, this,
            [this] { Q_EMIT pageWanted(QStringLiteral("get-started")); });
    hint->addStretch();
    hint->addWidget(new QLabel(tr("No requests yet. Connect a tool and its calls appear here."), m_empty));
    hint->addWidget(button);
    hint->addStretch();

    auto *grid = new QGridLayout(this);
    const int gap = fontMetrics().height() * 2 / 3;
    grid->setContentsMargins(gap, gap, gap, gap);
    grid->setSpacing(gap);
    m_tiles->setSpacing(gap);
    placeTiles();
    grid->addLayout(m_tiles, 0, 0, 1, 2);
    grid->addWidget(m_empty, 1, 0, 1, 2);
    grid->addWidget(m_firstToken, 2, 0, 1, 2);
    grid->addWidget(m_added, 3, 0);
    grid->addWidget(m_traffic, 3, 1);
    grid->setRowStretch(2, 5);
    grid->setRowStretch(3, 4);
}

/// In one row or, where that would cut figures off, in two.
void OverviewPage::placeTiles()
{
    const std::array tiles{m_firstTokenP50, m_firstTokenP95, m_addedP50, m_addedP99, m_requests, m_errors};
    int widest = 0;
    for (const Tile *tile : tiles)
        widest = std::max(widest, tile->sizeHint().width());
    const bool fits = (widest + m_tiles->spacing()) * int(tiles.size()) <= width();
    const int columns = int(fits ? tiles.size() : tiles.size() / 2);
    if (columns == m_tileColumns)
        return;
    m_tileColumns = columns;
    for (int index = 0; index < int(tiles.size()); ++index) {
        m_tiles->addWidget(tiles[std::size_t(index)], index / columns, index % columns);
        m_tiles->setColumnStretch(index, index < columns ? 1 : 0);
    }
}

void OverviewPage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    placeTiles();
}

void OverviewPage::makePlots()
{
    PlotWidget::Options latency;
    latency.title = tr("Time to first token");
    latency.scale = PlotWidget::Scale::Logarithmic;
    latency.floor = 10;
    latency.ceiling = 10'000;
    latency.format = [](double ms) { return format::durationUs(std::int64_t(ms * 1000)); };
    latency.tick = [](double ms) { return format::tick(std::chrono::nanoseconds(std::int64_t(ms * 1e6))); };
    latency.lines = {{tr("p50"), Tone::P50, Qt::SolidLine, false},
                     {tr("p95"), Tone::P95, Qt::DashLine, false},
                     {tr("p99"), Tone::P99, Qt::DotLine, false}};
    m_firstToken = new PlotWidget(std::move(latency), this);

    PlotWidget::Options added;
    added.title = tr("Added by Weir");
    added.ceiling = 200;
    added.format = [](double us) { return format::durationUs(std::int64_t(us)); };
    added.tick = [](double us) { return format::tick(std::chrono::nanoseconds(std::int64_t(us * 1e3))); };
    added.lines = {{tr("p50"), Tone::P50, Qt::SolidLine, false}, {tr("p99"), Tone::P99, Qt::DotLine, false}};
    m_added = new PlotWidget(std::move(added), this);

    PlotWidget::Options traffic;
    traffic.title = tr("Requests per second");
    traffic.ceiling = 4;
    traffic.format = [](double perSecond) { return format::rate(perSecond); };
    traffic.tick = [](double perSecond) { return format::tick(perSecond); };
    traffic.lines = {{tr("ended"), Tone::Ok, Qt::SolidLine, true}};
    m_traffic = new PlotWidget(std::move(traffic), this);
}

void OverviewPage::refresh()
{
    refreshTiles();
    // Charts once a second: that is how often there is a new point.
    const auto &history = m_host.liveFeed()->history();
    const qint64 second = history.empty() ? -1 : history.newest().at / 1000;
    if (second == m_plottedSecond)
        return;
    m_plottedSecond = second;
    if (!history.empty())
        refreshPercentiles(history.newest());
    refreshPlots();
    placeTiles(); // for longer figures
}

/// Of a chart's newest point: a tile must not contradict the legend below it.
void OverviewPage::refreshPercentiles(const engine::HistoryPoint &point)
{
    const metrics::Percentiles &firstToken = point.firstToken;
    const metrics::Percentiles &added = point.added;
    const QString firstTokenMeaning =
        tr("From the end of the request's head to the first generated content.");
    QString addedMeaning =
        tr("By how much Weir itself has delayed the first token of a request, and its end: deciding, "
           "sending, passing on the head of the reply, its first content and its end.");
    QString addedBasis;
    if (point.pieceMedian) {
        const QString piece = format::duration(point.pieceMedian);
        if (added.p50Us)
            addedBasis = tr("%1 per piece, last 5 min").arg(piece);
        addedMeaning +=
            QLatin1Char('\n') +
            tr("Each piece of a reply was passed on in %1 (median of %2 pieces). Their sum is not "
               "added: each is read before the next one comes.")
                .arg(piece, format::count(point.pieceCount));
    }
    showPercentile(*m_firstTokenP50, firstToken.p50Us, firstToken.samples, metrics::SamplesForP50,
                   firstTokenMeaning);
    showPercentile(*m_firstTokenP95, firstToken.p95Us, firstToken.samples, metrics::SamplesForP95,
                   firstTokenMeaning);
    showPercentile(*m_addedP50, added.p50Us, added.samples, metrics::SamplesForP50, addedMeaning, addedBasis);
    showPercentile(*m_addedP99, added.p99Us, added.samples, metrics::SamplesForP99, addedMeaning);
}

void OverviewPage::refreshTiles()
{
    const metrics::Snapshot &snapshot = m_host.liveFeed()->snapshot();
    m_requests->show(
        format::rate(snapshot.requestsPerSecond),
        tr("%1 active, %2 since start").arg(snapshot.active).arg(format::count(snapshot.requests)),
        tr("Pages of Weir's own, such as /health and /stats, are not counted here nor anywhere below. They "
           "were "
           "asked for %1 times since start.")
            .arg(format::count(snapshot.ownPages)));
    m_errors->show(format::share(snapshot.windowErrors, snapshot.windowRequests),
                   tr("%1 of %2, last 5 min")
                       .arg(format::count(snapshot.windowErrors), format::count(snapshot.windowRequests)));
    m_empty->setVisible(snapshot.requests == 0);
}

void OverviewPage::refreshPlots()
{
    HistoryLines lines = historyLines(m_host.liveFeed()->history());
    m_firstToken->setLines(std::move(lines.firstToken));
    m_added->setLines(std::move(lines.added));
    m_traffic->setLines(std::move(lines.requests));
}

} // namespace weir::ui
