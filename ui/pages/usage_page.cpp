// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/usage_page.h"

#include "engine/engine_host.h"
#include "ui/charts/day_bars.h"
#include "ui/models/usage_model.h"
#include "ui/pages/share_delegate.h"
#include "ui/pages/table_parts.h"
#include <array>
#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSaveFile>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace weir::ui {

namespace {

/// What can be chosen: `since` as /stats/all takes it, "today" is a date.
struct Period
{
    const char *name;
    const char *since;
    int days; ///< of the chart; 0 = from the beginning
};
constexpr std::array Periods{
    Period{QT_TRANSLATE_NOOP("weir::ui::UsagePage", "today"), "today", 1},
    Period{QT_TRANSLATE_NOOP("weir::ui::UsagePage", "last 24 hours"), "24h", 2},
    Period{QT_TRANSLATE_NOOP("weir::ui::UsagePage", "last 7 days"), "7d", 8},
    Period{QT_TRANSLATE_NOOP("weir::ui::UsagePage", "last 30 days"), "30d", 31},
    Period{QT_TRANSLATE_NOOP("weir::ui::UsagePage", "all that is kept"), "", 0},
};
constexpr int DefaultPeriod = 2;

const Period &period(const QComboBox &box)
{
    return Periods[std::size_t(std::max(0, box.currentIndex()))];
}

} // namespace

UsagePage::UsagePage(engine::EngineHost &host, Desk &desk, QWidget *parent)
    : Page(parent)
    , m_host(host)
    , m_desk(desk)
    , m_model(new UsageModel(this))
    , m_sorted(new UsageSort(this))
    , m_days(new DayBars(this))
{
    m_sorted->setSourceModel(m_model);
    m_told = table_parts::makeNote(this);
    m_told->setObjectName(QStringLiteral("told"));
    m_told->hide();
    auto *splitter = new QSplitter(Qt::Vertical, this);
    splitter->addWidget(m_days);
    splitter->addWidget(makeTable());
    splitter->setStretchFactor(0, 2);
    splitter->setStretchFactor(1, 3);
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(fontMetrics().height() / 2);
    auto *layout = new QVBoxLayout(this);
    const int gap = fontMetrics().height() * 2 / 3;
    layout->setContentsMargins(gap, gap, gap, gap);
    layout->setSpacing(gap / 2);
    layout->addWidget(makeToolbar());
    layout->addWidget(m_told);
    layout->addWidget(splitter, 1);

    m_timer.setTimerType(Qt::CoarseTimer);
    m_timer.setInterval(ReloadMs);
    connect(&m_timer, &QTimer::timeout, this, &UsagePage::reload);
    connect(&host, &engine::EngineHost::stateChanged, this, [this] {
        if (isVisible())
            reload();
    });
}

QWidget *UsagePage::makeToolbar()
{
    auto *bar = new QWidget(this);
    m_by = new QComboBox(bar);
    m_by->addItem(tr("by access key"), QStringLiteral("key"));
    m_by->addItem(tr("by model"), QStringLiteral("model"));
    m_by->addItem(tr("by tool"), QStringLiteral("tool"));
    m_by->addItem(tr("by provider"), QStringLiteral("provider"));
    m_by->addItem(tr("by day"), QStringLiteral("day"));
    m_by->setCurrentIndex(m_by->findData(QStringLiteral("model")));
    m_period = new QComboBox(bar);
    for (const Period &each : Periods)
        m_period->addItem(tr(each.name));
    m_period->setCurrentIndex(DefaultPeriod);
    m_export = new QPushButton(tr("E&xport CSV…"), bar);
    connect(m_by, &QComboBox::currentIndexChanged, this, &UsagePage::choose);
    connect(m_period, &QComboBox::currentIndexChanged, this, &UsagePage::choose);
    connect(m_export, &QPushButton::clicked, this, &UsagePage::askForFile);
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    const auto add = [&](const QString &text, QComboBox *box) {
        auto *label = new QLabel(text, bar);
        label->setBuddy(box);
        row->addWidget(label);
        row->addWidget(box);
    };
    add(tr("Peri&od:"), m_period);
    row->addSpacing(fontMetrics().height());
    add(tr("&Show:"), m_by);
    row->addStretch();
    row->addWidget(m_export);
    return bar;
}

QWidget *UsagePage::makeTable()
{
    m_table = table_parts::makeTable(m_sorted, tr("Usage"), this);
    m_table->setItemDelegateForColumn(UsageModel::Share, new ShareDelegate(m_table));
    table_parts::setColumnWidths(*m_table, {"claude-sonnet-4-5-20250929____", "Requests____", "Errors____",
                                            "≈ 00.0 M____", "of it cached____", "Cache write____",
                                            "≈ 00.0 M____", "Reasoning____", "> $000.00____"});
    m_table->horizontalHeader()->setSortIndicatorClearable(true);
    m_table->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_table->setSortingEnabled(true);

    auto *hint = new QWidget(this);
    hint->setAutoFillBackground(true);
    hint->setBackgroundRole(QPalette::Base);
    m_hint = new QLabel(hint);
    m_hint->setObjectName(QStringLiteral("usage-hint"));
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setWordWrap(true);
    m_hint->setTextFormat(Qt::PlainText);
    m_hintButton = new QPushButton(tr("Show all that is kept"), hint);
    connect(m_hintButton, &QPushButton::clicked, this,
            [this] { m_period->setCurrentIndex(int(Periods.size()) - 1); });
    auto *layout = new QVBoxLayout(hint);
    layout->addStretch();
    layout->addWidget(m_hint);
    layout->addWidget(m_hintButton, 0, Qt::AlignCenter);
    layout->addStretch();
    m_tableOrHint = new QStackedWidget(this);
    m_tableOrHint->addWidget(m_table);
    m_tableOrHint->addWidget(hint);
    return m_tableOrHint;
}

QDate UsagePage::firstDay() const
{
    const int days = period(*m_period).days;
    return days == 0 ? QDate() : QDate::currentDate().addDays(1 - days);
}

QString UsagePage::target(const QString &by) const
{
    QString since = QLatin1String(period(*m_period).since);
    if (since == QLatin1String("today"))
        since = QDate::currentDate().toString(Qt::ISODate);
    const QString target = QStringLiteral("/stats/all?by=%1").arg(by);
    return since.isEmpty() ? target : target + QStringLiteral("&since=") + since;
}

void UsagePage::choose()
{
    ++m_choice;
    m_isChosenAnew = m_awaited > 0;
    if (isVisible())
        reload();
}

void UsagePage::reload()
{
    if (m_host.state() != engine::EngineHost::State::Running) {
        showState(tr("Weir is stopped. What has been used can be seen while it runs."));
        return;
    }
    if (m_awaited > 0)
        return;
    m_awaited = 2;
    const auto ask = [this](const QString &by, void (UsagePage::*take)(const Reply &)) {
        m_desk.ask(storeQuestion("GET", target(by)), this,
                   [this, take, choice = m_choice](const Reply &reply) {
                       --m_awaited;
                       if (choice == m_choice)
                           (this->*take)(reply);
                       if (m_awaited == 0 && std::exchange(m_isChosenAnew, false))
                           reload();
                   });
    };
    ask(m_by->currentData().toString(), &UsagePage::takeTable);
    ask(QStringLiteral("day"), &UsagePage::takeDays);
}

void UsagePage::takeTable(const Reply &reply)
{
    if (!reply.isOk()) {
        showState(tr("Usage cannot be shown: %1.").arg(reply.trouble));
        return;
    }
    m_model->setReport(readUsageReport(reply.json));
    showState({});
}

void UsagePage::takeDays(const Reply &reply)
{
    std::vector<DayBars::Bar> bars;
    if (reply.isOk()) {
        for (const UsageDay &day : usageDays(readUsageReport(reply.json), firstDay(), QDate::currentDate()))
            bars.push_back({day.day, {day.freshInput, day.cachedInput, day.output}});
    }
    m_days->setDays(bars);
}

void UsagePage::showState(const QString &why)
{
    const bool isEmpty = m_model->report().rows.empty();
    const bool isShown = why.isEmpty() && !isEmpty;
    m_tableOrHint->setCurrentIndex(isShown ? 0 : 1);
    m_hint->setText(why.isEmpty() ? tr("No usage in this period.") : why);
    m_hintButton->setVisible(why.isEmpty() && period(*m_period).days > 0);
    m_export->setEnabled(isShown);
    m_days->setVisible(why.isEmpty());
}

void UsagePage::askForFile()
{
    auto *dialog = new QFileDialog(this, tr("Export usage"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilter(tr("CSV (*.csv)"));
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->selectFile(QStringLiteral("weir-usage-by-%1-%2.csv")
                           .arg(m_model->report().by, QDate::currentDate().toString(Qt::ISODate)));
    connect(dialog, &QFileDialog::fileSelected, this, &UsagePage::exportTo);
    dialog->open();
}

void UsagePage::exportTo(const QString &path)
{
    QSaveFile file(path);
    const QByteArray text = usageCsv(m_model->report());
    const bool isWritten =
        file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.commit();
    m_told->setText(isWritten ? tr("Saved: %1").arg(path)
                              : tr("%1 was not saved: %2.").arg(path, file.errorString()));
    m_told->show();
}

void UsagePage::refresh()
{
    // Nothing here comes with a tick; the page asks by itself.
}

void UsagePage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    reload();
    m_timer.start();
}

void UsagePage::hideEvent(QHideEvent *event)
{
    m_timer.stop();
    m_told->hide(); // has been read
    Page::hideEvent(event);
}

} // namespace weir::ui
