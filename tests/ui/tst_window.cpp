// SPDX-License-Identifier: GPL-3.0-or-later
// The window over a feed that is filled by hand: every page, empty and full, light and dark.
#include "ui/banner.h"
#include "ui/charts/plot_widget.h"
#include "ui/find_widgets.h"
#include "ui/main_window.h"
#include "ui/pages/page.h"
#include "ui/pages/pool_page.h"
#include "ui/ui_fixture.h"
#include <algorithm>
#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTableView>
#include <QTcpServer>
#include <QTemporaryFile>
#include <QTest>

using namespace weir;
using namespace weir::ui;

namespace {

/// The banner that is seen, if it is one.
const Banner *shownBanner(const MainWindow &window)
{
    const Banner *shown = nullptr;
    for (const Banner *banner : window.findChildren<Banner *>()) {
        if (!banner->isVisible())
            continue;
        if (shown)
            return nullptr;
        shown = banner;
    }
    return shown;
}

} // namespace

class TestWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void showsEveryPage_data();
    void showsEveryPage();
    void namesEverythingThatTakesFocus();
    void drawsNothingWhileHidden();
    void findsOnThePageInFront();
    void paintsChartsInTheThemeChosenBeforeTheyAreShown();
    void showsTheSelectedPool();
    void offersAWayOutOfAUsedPort();
    void saysThatUsageIsNotSaved();
    void showsTheDemoAndComesBack();
    void showsWhatWasNoticedAtTheStart();
    void closesToTheTrayOnlyWithATray();
    void plotsExtremes();

private:
    std::unique_ptr<Theme> m_theme;
};

void TestWindow::initTestCase()
{
    // Qt Charts warns at each redraw when an axis cannot show a value.
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".+")));
    m_theme = std::make_unique<Theme>();
}

void TestWindow::showsEveryPage_data()
{
    QTest::addColumn<int>("requests");
    QTest::addColumn<bool>("dark");
    for (const int requests : {0, 1, 10'000}) {
        QTest::addRow("%d requests, light", requests) << requests << false;
        QTest::addRow("%d requests, dark", requests) << requests << true;
    }
}

void TestWindow::showsEveryPage()
{
    QFETCH(int, requests);
    QFETCH(bool, dark);
    m_theme->setChoice(dark ? Theme::Choice::Dark : Theme::Choice::Light);
    engine::EngineHost host;
    MainWindow window(host);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    test::feedRecords(*host.liveFeed(), requests);
    for (const char *id : {"overview", "requests", "pool", "usage", "get-started", "keys"}) {
        window.showPage(QLatin1String(id));
        test::feedRecords(*host.liveFeed(), requests ? 1 : 0, 1'700'000'100'000);
        QVERIFY(!window.grab().isNull());
    }
    auto *table = window.findChild<QTableView *>();
    QVERIFY(table);
    const QColor base = QApplication::palette().color(QPalette::Base);
    QCOMPARE(base.lightness() < 128, dark);
}

void TestWindow::namesEverythingThatTakesFocus()
{
    engine::EngineHost host;
    MainWindow window(host);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    for (QWidget *widget : window.findChildren<QWidget *>()) {
        const bool isInner = widget->objectName().startsWith(QLatin1String("qt_"));
        if (!(widget->focusPolicy() & Qt::TabFocus) || isInner || !widget->isEnabled())
            continue;
        QAccessibleInterface *accessible = QAccessible::queryAccessibleInterface(widget);
        QVERIFY2(accessible && !accessible->text(QAccessible::Name).isEmpty(),
                 qPrintable(QString::fromLatin1(widget->metaObject()->className()) + QLatin1Char(' ') +
                            widget->objectName() + QLatin1Char(' ') +
                            QString::fromLatin1(widget->parentWidget()
                                                    ? widget->parentWidget()->metaObject()->className()
                                                    : "")));
    }
}

void TestWindow::drawsNothingWhileHidden()
{
    engine::EngineHost host;
    MainWindow window(host);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    const auto plots = window.findChildren<PlotWidget *>();
    const auto shown =
        std::find_if(plots.begin(), plots.end(), [](const PlotWidget *plot) { return plot->isVisible(); });
    QVERIFY(shown != plots.end());
    const PlotWidget *plot = *shown;
    test::feedRecords(*host.liveFeed(), 10, 1'700'000'000'000);
    const std::size_t points = plot->lines().front().points.size();
    QVERIFY(points > 0);
    window.hide();
    test::feedRecords(*host.liveFeed(), 10, 1'700'000'005'000);
    QCOMPARE(plot->lines().front().points.size(), points);
    window.show();
    test::feedRecords(*host.liveFeed(), 10, 1'700'000'010'000);
    QVERIFY(plot->lines().front().points.size() > points);
}

void TestWindow::findsOnThePageInFront()
{
    engine::EngineHost host;
    MainWindow window(host);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QAction *find = nullptr;
    QAction *keys = nullptr;
    for (QAction *action : window.findChildren<QAction *>()) {
        if (action->shortcut() == QKeySequence(Qt::CTRL | Qt::Key_F))
            find = action;
        if (action->shortcut() == QKeySequence(Qt::CTRL | Qt::Key_8))
            keys = action;
    }
    QVERIFY(find && keys);
    const auto focused = [&] {
        return window.focusWidget() ? window.focusWidget()->accessibleName() : QString();
    };
    window.showPage(QStringLiteral("pool")); // has nothing to search
    find->trigger();
    QCOMPARE(focused(), QStringLiteral("Filter requests"));
    keys->trigger();
    find->trigger();
    QCOMPARE(focused(), QStringLiteral("Filter access keys"));
}

void TestWindow::paintsChartsInTheThemeChosenBeforeTheyAreShown()
{
    m_theme->setChoice(Theme::Choice::Light);
    engine::EngineHost host;
    MainWindow window(host);
    m_theme->setChoice(Theme::Choice::Dark); // as a start with saved settings does
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    int plots = 0;
    for (PlotWidget *plot : window.findChildren<PlotWidget *>()) {
        if (!plot->isVisible())
            continue;
        ++plots;
        // The right edge of the drawing has neither line nor label.
        const QImage image = plot->grab().toImage();
        const QColor edge =
            image.pixelColor(image.width() - plot->fontMetrics().height(), image.height() / 3);
        QVERIFY2(edge.lightness() < 128, qPrintable(edge.name()));
    }
    QCOMPARE(plots, 3);
}

void TestWindow::showsTheSelectedPool()
{
    engine::EngineHost host;
    PoolPage page(host);
    page.resize(1000, 600);
    page.show();
    auto second = std::make_shared<metrics::Snapshot>(*test::sampleSnapshot(1'700'000'000'000, 40));
    second->pools.push_back(second->pools.front());
    second->pools.back().provider = "local";
    second->pools.back().inFlight = 7;
    host.liveFeed()->accept(second, {});
    page.refresh();
    const auto view = [&](const char *name) {
        const auto views = page.findChildren<QTableView *>();
        const auto found = std::find_if(views.begin(), views.end(), [name](const QTableView *one) {
            return one->accessibleName() == QLatin1String(name);
        });
        return found == views.end() ? nullptr : *found;
    };
    QTableView *pools = view("Pools");
    const QTableView *figures = view("Figures of the selected pool");
    const auto *plot = page.findChild<PlotWidget *>();
    QVERIFY(pools && figures && plot);
    QCOMPARE(pools->currentIndex().row(), 0); // something is shown from the start
    QVERIFY(figures->model()->rowCount() > 10);
    QCOMPARE(plot->lines().front().points.back().value, std::optional<double>(2));
    QTest::keyClick(pools, Qt::Key_Down);
    QCOMPARE(plot->lines().front().points.back().value, std::optional<double>(7));
    // New figures leave the selection where it is.
    host.liveFeed()->accept(second, {});
    page.refresh();
    QCOMPARE(pools->currentIndex().row(), 1);
}

void TestWindow::offersAWayOutOfAUsedPort()
{
    QTcpServer other;
    QVERIFY(other.listen(QHostAddress::LocalHost, 0));
    config::Config config;
    config.listen.port = other.serverPort();
    config.store.enabled = false;
    engine::EngineHost host;
    MainWindow window(host);
    window.show();
    QSignalSpy failed(&host, &engine::EngineHost::failed);
    host.start(std::make_shared<const config::Config>(config));
    QTRY_COMPARE(failed.count(), 1);
    QPushButton *retry = nullptr;
    for (QPushButton *button : window.findChildren<QPushButton *>()) {
        if (button->text() == QLatin1String("&Retry"))
            retry = button;
    }
    QVERIFY(retry && retry->isVisible());
    QSignalSpy wanted(&window, &MainWindow::startWanted);
    retry->click();
    QTRY_COMPARE(wanted.count(), 1);
    other.close();
    QSignalSpy started(&host, &engine::EngineHost::started);
    host.start(std::make_shared<const config::Config>(config));
    QTRY_COMPARE(started.count(), 1);
    QVERIFY(!retry->isVisible()); // resolved
}

void TestWindow::saysThatUsageIsNotSaved()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("^usage is not being saved: ")));
    QTemporaryFile inTheWay; // where the folder of the database should be
    QVERIFY(inTheWay.open());
    qputenv("XDG_DATA_HOME", QFile::encodeName(inTheWay.fileName()));
    config::Config config;
    config.listen.port = 0;
    engine::EngineHost host;
    MainWindow window(host);
    window.show();
    QSignalSpy started(&host, &engine::EngineHost::started);
    host.start(std::make_shared<const config::Config>(config));
    QTRY_COMPARE(started.count(), 1);
    const Banner *banner = shownBanner(window);
    QVERIFY(banner);
    QVERIFY(banner->accessibleName().contains(QLatin1String("Usage is not being saved: ")));
    QVERIFY(banner->accessibleName().contains(inTheWay.fileName()));
}

void TestWindow::showsTheDemoAndComesBack()
{
    engine::EngineHost host;
    engine::EngineHost demo;
    MainWindow window(host);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    test::feedRecords(*host.liveFeed(), 3);
    const auto shown = [&] {
        window.showPage(QStringLiteral("requests"));
        for (const QTableView *table : window.findChildren<QTableView *>()) {
            if (table->isVisible() && table->accessibleName() == QLatin1String("Requests"))
                return table->model()->rowCount();
        }
        return -1;
    };
    QCOMPARE(shown(), 3);
    window.setDemo(&demo);
    test::feedRecords(*demo.liveFeed(), 40);
    QCOMPARE(shown(), 40);
    QSignalSpy left(&window, &MainWindow::leaveDemoWanted);
    QPushButton *leave = test::button(window, "&Leave the demo");
    QVERIFY(leave && leave->isVisible());
    leave->click();
    QTRY_COMPARE(left.count(), 1);
    window.setDemo(nullptr);
    QVERIFY(!leave->isVisible());
    test::feedRecords(*demo.liveFeed(), 40); // nobody listens any more
    QCOMPARE(shown(), 3);
}

void TestWindow::showsWhatWasNoticedAtTheStart()
{
    engine::EngineHost host;
    MainWindow window(host);
    window.setNotices({QStringLiteral("weir.toml:3: there is no setting 'prot' (did you mean 'port'?)"),
                       QStringLiteral("weir.toml: other users can change this file")},
                      QStringLiteral("/nowhere/weir.toml"));
    window.show();
    const Banner *shown = shownBanner(window);
    QVERIFY(shown);
    QVERIFY(shown->accessibleName().contains(QStringLiteral("'prot'")));
    QVERIFY(shown->accessibleName().contains(QStringLiteral("other users")));
    QVERIFY(!test::button(*shown, "&Open file")); // there is none
    test::button(*shown, "D&ismiss")->click();
    QTRY_VERIFY(!shown->isVisible());
}

void TestWindow::closesToTheTrayOnlyWithATray()
{
    engine::EngineHost host;
    MainWindow window(host);
    QSignalSpy quit(&window, &MainWindow::quitWanted);
    window.setClosesToTray(true);
    window.show();
    window.close();
    QVERIFY(!window.isVisible());
    QCOMPARE(quit.count(), 0);
    window.setClosesToTray(false);
    window.show();
    window.close();
    QCOMPARE(quit.count(), 1);
}

void TestWindow::plotsExtremes()
{
    PlotWidget::Options options;
    options.title = QStringLiteral("Extremes");
    options.scale = PlotWidget::Scale::Logarithmic;
    options.floor = 10;
    options.ceiling = 1000;
    options.format = options.tick = [](double value) { return QString::number(value); };
    options.lines = {{QStringLiteral("one"), Tone::P50, Qt::SolidLine, true}};
    PlotWidget plot(options);
    plot.resize(400, 300);
    plot.show();
    PlotLine line;
    for (int second = 0; second <= 300; ++second) {
        // Zero, below the floor, far above the ceiling, and holes.
        const double values[] = {0, 0.001, 50, 1e7};
        const bool isHole = second % 7 == 0;
        line.points.push_back({second - 300.0, isHole ? std::nullopt : std::optional(values[second % 4])});
    }
    plot.setLines({line});
    QVERIFY(!plot.grab().isNull());
    plot.setLines({PlotLine{}});
    QVERIFY(!plot.grab().isNull());
    QTest::keyClick(&plot, Qt::Key_T, Qt::ControlModifier);
    plot.setLines({line});
    QVERIFY(!plot.grab().isNull());
}

QTEST_MAIN(TestWindow)
#include "tst_window.moc"
