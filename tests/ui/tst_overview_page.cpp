// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview_page.h"

#include "ui/pages/tile.h"
#include "ui/ui_fixture.h"
#include <QApplication>
#include <QLabel>
#include <QTest>

using namespace weir;
using namespace weir::ui;

class TestOverviewPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cutsNoFigureOff_data();
    void cutsNoFigureOff();
    void tellsPiecesApartFromWhatWasAdded();
    void tilesAgreeWithTheCharts();
    void ownPagesAreToldApart();

private:
    const Theme m_theme;
};

namespace {

/// What a tile of this title says: value, then basis.
QStringList told(const OverviewPage &page, const char *title)
{
    for (const Tile *tile : page.findChildren<Tile *>()) {
        QStringList texts;
        for (const QLabel *label : tile->findChildren<QLabel *>())
            texts += label->text();
        if (texts.takeFirst() == QLatin1String(title))
            return texts + QStringList{tile->toolTip()};
    }
    return {};
}

} // namespace

void TestOverviewPage::cutsNoFigureOff_data()
{
    QTest::addColumn<double>("size"); // of the font
    for (const double size : {1.0, 1.25, 1.5, 2.0})
        QTest::addRow("%.0f %%", size * 100) << size;
}

void TestOverviewPage::cutsNoFigureOff()
{
    QFETCH(double, size);
    const QFont usual = QApplication::font();
    QFont font = usual;
    font.setPointSizeF(font.pointSizeF() * size);
    QApplication::setFont(font);
    engine::EngineHost host;
    OverviewPage page(host);
    page.resize(1100, 760);
    page.show();
    QVERIFY(QTest::qWaitForWindowExposed(&page));
    test::feedRecords(*host.liveFeed(), 1'000);
    page.refresh();
    QTest::qWait(1); // for the layout
    int figures = 0;
    for (const Tile *tile : page.findChildren<Tile *>()) {
        for (const QLabel *label : tile->findChildren<QLabel *>()) {
            ++figures;
            QVERIFY2(label->width() >= label->sizeHint().width(), qPrintable(label->text()));
        }
    }
    QCOMPARE(figures, 3 * 6);
    QApplication::setFont(usual);
}

void TestOverviewPage::tellsPiecesApartFromWhatWasAdded()
{
    engine::EngineHost host;
    OverviewPage page(host);
    host.liveFeed()->accept(test::sampleSnapshot(1'700'000'000'000, 300), {});
    page.refresh();
    const QStringList added = told(page, "Added by Weir, p50");
    QCOMPARE(added.value(0), QStringLiteral("84 µs"));
    QCOMPARE(added.value(1), QStringLiteral("8 µs per piece, last 5 min"));
    QVERIFY2(added.value(2).contains(QStringLiteral("passed on in 8 µs")), qPrintable(added.value(2)));
}

void TestOverviewPage::tilesAgreeWithTheCharts()
{
    engine::EngineHost host;
    OverviewPage page(host);
    host.liveFeed()->accept(test::sampleSnapshot(1'700'000'000'000, 300), {});
    page.refresh();
    // Another tick of the same second: the charts have no point of it.
    metrics::Snapshot later = *test::sampleSnapshot(1'700'000'000'500, 301);
    later.firstToken.p95Us = 777'000;
    host.liveFeed()->accept(std::make_shared<const metrics::Snapshot>(later), {});
    page.refresh();
    QCOMPARE(told(page, "First token, p95").value(0), QStringLiteral("410 ms"));
    later.at += 500;
    host.liveFeed()->accept(std::make_shared<const metrics::Snapshot>(later), {});
    page.refresh();
    QCOMPARE(told(page, "First token, p95").value(0), QStringLiteral("777 ms"));
}

void TestOverviewPage::ownPagesAreToldApart()
{
    engine::EngineHost host;
    OverviewPage page(host);
    metrics::Snapshot snapshot;
    snapshot.ownPages = 50;
    host.liveFeed()->accept(std::make_shared<const metrics::Snapshot>(snapshot), {});
    page.refresh();
    const QStringList requests = told(page, "Requests per second");
    QCOMPARE(requests.value(1), QStringLiteral("0 active, 0 since start"));
    QVERIFY(requests.value(2).contains(QStringLiteral("50 times")));
}

QTEST_MAIN(TestOverviewPage)
#include "tst_overview_page.moc"
