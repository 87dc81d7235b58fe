// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/requests_page.h"

#include "engine/engine_host.h"
#include "engine/live_feed.h"
#include "ui/format.h"
#include "ui/models/phase_model.h"
#include "ui/models/request_filter.h"
#include "ui/models/request_table_model.h"
#include "ui/pages/bar_delegate.h"
#include <array>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace weir::ui {

RequestsPage::RequestsPage(engine::EngineHost &host, QWidget *parent)
    : Page(parent)
    , m_host(host)
    , m_model(new RequestTableModel(*host.liveFeed(), this))
    , m_filter(new RequestFilter(this))
    , m_phases(new PhaseModel(this))
{
    m_filter->setSourceModel(m_model);
    auto *splitter = new QSplitter(Qt::Vertical, this);
    splitter->addWidget(makeTable());
    splitter->addWidget(makeDetail());
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    splitter->setChildrenCollapsible(false);

    auto *layout = new QVBoxLayout(this);
    const int gap = fontMetrics().height() * 2 / 3;
    layout->setContentsMargins(gap, gap, gap, gap);
    layout->setSpacing(gap / 2);
    layout->addWidget(makeToolbar());
    layout->addWidget(splitter, 1);

    m_filterDelay.setSingleShot(true);
    m_filterDelay.setInterval(FilterDelayMs);
    connect(&m_filterDelay, &QTimer::timeout, this, [this] {
        m_filter->setText(m_search->text());
        showState();
    });
    connect(m_model, &RequestTableModel::heldBackChanged, this, &RequestsPage::showState);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &RequestsPage::showDetail);
    showDetail();
    showState();
}

QWidget *RequestsPage::makeToolbar()
{
    auto *bar = new QWidget(this);
    m_search = new QLineEdit(bar);
    m_search->setPlaceholderText(tr("Filter by tool, key, model, path, provider, status…"));
    m_search->setAccessibleName(tr("Filter requests"));
    m_search->setClearButtonEnabled(true);
    connect(m_search, &QLineEdit::textChanged, &m_filterDelay, qOverload<>(&QTimer::start));
    m_pause = new QPushButton(tr("&Pause view"), bar);
    m_pause->setCheckable(true);
    m_pause->setToolTip(tr("Freezes the table, not the recording"));
    connect(m_pause, &QPushButton::toggled, m_model, &RequestTableModel::setPaused);
    m_count = new QLabel(bar);
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_search, 1);
    layout->addWidget(m_count);
    layout->addWidget(m_pause);
    return bar;
}

QWidget *RequestsPage::makeTable()
{
    m_table = new QTableView(this);
    m_table->setModel(m_filter);
    m_table->setAccessibleName(tr("Requests"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() * 3 / 2);
    makeColumns();

    auto *copy = new QAction(tr("&Copy rows"), m_table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &RequestsPage::copySelection);
    m_table->addAction(copy);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);

    auto *hint = new QWidget(this);
    hint->setAutoFillBackground(true);
    hint->setBackgroundRole(QPalette::Base);
    m_hint = new QLabel(hint);
    m_hint->setAlignment(Qt::AlignCenter);
    m_hintButton = new QPushButton(hint);
    connect(m_hintButton, &QPushButton::clicked, this, [this] {
        if (m_filter->isActive())
            m_search->clear();
        else
            Q_EMIT pageWanted(QStringLiteral("get-started"));
    });
    auto *hintLayout = new QVBoxLayout(hint);
    hintLayout->addStretch();
    hintLayout->addWidget(m_hint);
    hintLayout->addWidget(m_hintButton, 0, Qt::AlignCenter);
    hintLayout->addStretch();

    m_tableOrHint = new QStackedWidget(this);
    m_tableOrHint->addWidget(m_table);
    m_tableOrHint->addWidget(hint);
    return m_tableOrHint;
}

void RequestsPage::makeColumns()
{
    // Sized once for typical contents; sizing to contents would walk 10,000 rows at each change.
    static constexpr std::array Typical{
        "00:00:00__",
        "Anthropic SDK",
        "Claude, laptop_",
        "/v1/chat/completions",
        "claude-sonnet-4-5-20",
        "simulated___",
        "429 rate limited",
        "First token__",
        "00.00 s__",
        "00.00 ms__",
        "0,000 / 0,000 / 00",
        "$0.000000__",
        "000 tok/s__",
    };
    QHeaderView *header = m_table->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionsMovable(true);
    header->setSectionResizeMode(QHeaderView::Interactive);
    for (int column = 0; column < int(Typical.size()); ++column)
        header->resizeSection(
            column, fontMetrics().horizontalAdvance(QString::fromUtf8(Typical[std::size_t(column)])));
    // A third click on a header goes back to newest first.
    header->setSortIndicatorClearable(true);
    header->setSortIndicator(-1, Qt::AscendingOrder);
    m_table->setSortingEnabled(true);
}

QWidget *RequestsPage::makeDetail()
{
    m_detail = new QWidget(this);
    m_detail->setAutoFillBackground(true);
    m_detail->setBackgroundRole(QPalette::Base);
    m_detailTitle = new QLabel(m_detail);
    m_detailTitle->setWordWrap(true);
    m_detailTitle->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    m_detailTitle->setFont(bold);
    m_detailFoot = new QLabel(m_detail);
    m_detailFoot->setObjectName(QStringLiteral("detail-foot"));
    m_detailFoot->setWordWrap(true);

    auto *phases = new QTableView(m_detail);
    phases->setModel(m_phases);
    phases->setItemDelegateForColumn(PhaseModel::Bar, new BarDelegate(phases));
    phases->setAccessibleName(tr("Phases of the selected request"));
    phases->setFrameShape(QFrame::NoFrame);
    phases->setShowGrid(false);
    phases->setWordWrap(false);
    phases->setTabKeyNavigation(false);
    phases->setSelectionBehavior(QAbstractItemView::SelectRows);
    phases->verticalHeader()->hide();
    phases->verticalHeader()->setDefaultSectionSize(fontMetrics().height() * 4 / 3);
    QHeaderView *header = phases->horizontalHeader();
    header->setHighlightSections(false);
    header->resizeSection(PhaseModel::Phase, fontMetrics().averageCharWidth() * 34);
    header->setStretchLastSection(true);

    auto *layout = new QVBoxLayout(m_detail);
    layout->addWidget(m_detailTitle);
    layout->addWidget(phases, 1);
    layout->addWidget(m_detailFoot);
    return m_detail;
}

void RequestsPage::refresh()
{
    showState();
}

QWidget *RequestsPage::searchField()
{
    return m_search;
}

void RequestsPage::showState()
{
    const int all = m_model->rowCount();
    const int shown = m_filter->rowCount();
    const bool isFiltered = m_filter->isActive();
    m_tableOrHint->setCurrentIndex(shown > 0 ? 0 : 1);
    if (shown == 0) {
        m_hint->setText(isFiltered && all > 0
                            ? tr("Nothing matches this filter (%1 hidden).").arg(all)
                            : tr("No requests yet. Connect a tool and its calls appear here."));
        m_hintButton->setText(isFiltered ? tr("Clear filter") : tr("Connect a tool"));
    }
    const auto held = m_model->heldBack();
    if (m_model->isPaused() && held > 0)
        m_count->setText(tr("Paused, %1 recorded meanwhile").arg(format::count(held)));
    else if (isFiltered)
        m_count->setText(
            tr("%1 of %2").arg(format::count(std::uint64_t(shown)), format::count(std::uint64_t(all))));
    else
        m_count->setText(tr("%1 requests").arg(format::count(std::uint64_t(all))));
}

void RequestsPage::showDetail()
{
    const QModelIndex current = m_filter->mapToSource(m_table->currentIndex());
    const metrics::RequestRecord *record = current.isValid() ? m_model->record(current.row()) : nullptr;
    m_phases->setRecord(record);
    if (!record) {
        m_detailTitle->setText(tr("Select a request to see where its time went."));
        m_detailFoot->clear();
        return;
    }
    QStringList title{QString::fromStdString(record->method + " " + record->path), statusText(*record)};
    if (!record->protocol.empty())
        title += QString::fromStdString(record->protocol) +
                 (record->laneReused ? tr(", open connection") : tr(", new connection"));
    title += tr("%1 up, %2 down").arg(format::bytes(record->requestBytes), format::bytes(record->replyBytes));
    if (!record->endReason.empty())
        title += tr("ended: %1").arg(QString::fromStdString(record->endReason));
    m_detailTitle->setText(title.join(QStringLiteral("  ·  ")));
    QString foot = record->error == base::Errc::None
                       ? QString()
                       : QString::fromUtf8(base::sentence(record->error).data()) + QStringLiteral(".  ");
    foot += addedText(*record);
    if (const QString charge = chargeText(*record); !charge.isEmpty())
        foot += QStringLiteral("  ") + charge + QLatin1Char('.');
    m_detailFoot->setText(foot + QStringLiteral("  ") + costText(*record));
}

void RequestsPage::copySelection()
{
    QStringList rows;
    const QModelIndexList selected = m_table->selectionModel()->selectedRows();
    for (const QModelIndex &row : selected) {
        QStringList cells;
        for (int column = 0; column < m_filter->columnCount(); ++column)
            cells += m_filter->index(row.row(), column).data().toString();
        rows += cells.join(QLatin1Char('\t'));
    }
    QApplication::clipboard()->setText(rows.join(QLatin1Char('\n')));
    Q_EMIT copied(tr("%1 rows").arg(rows.size()));
}

} // namespace weir::ui
