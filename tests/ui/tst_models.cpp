// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format.h"
#include "ui/models/history_lines.h"
#include "ui/models/phase_model.h"
#include "ui/models/pool_detail_model.h"
#include "ui/models/pool_table_model.h"
#include "ui/models/request_filter.h"
#include "ui/models/request_table_model.h"
#include "ui/ui_fixture.h"
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace weir;
using namespace weir::ui;
using std::chrono::microseconds;
using test::feedRecords;

class TestModels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsTheNewestOnTop();
    void dropsTheOldestAtTheBound();
    void freezesWhilePaused();
    void startsWithWhatTheFeedHolds();
    void filtersByEveryWord();
    void sortsByRawValues();
    void splitsTimeIntoPhases();
    void tellsConnectingAndTlsApart();
    void showsPools();
    void tellsTheStateOfAPool_data();
    void tellsTheStateOfAPool();
    void listsAllFiguresOfAPool();
    void breaksLinesAtGaps();
    void findsRequestsOfAKey();
};

void TestModels::keepsTheNewestOnTop()
{
    engine::LiveFeed feed;
    RequestTableModel model(feed);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    feedRecords(feed, 600);
    QCOMPARE(model.rowCount(), 600);
    QCOMPARE(model.record(0)->id, base::ExchangeId{599});
    QCOMPARE(model.record(599)->id, base::ExchangeId{0});
    feed.clear();
    QCOMPARE(model.rowCount(), 0);
}

void TestModels::dropsTheOldestAtTheBound()
{
    engine::LiveFeed feed;
    RequestTableModel model(feed);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const int all = int(engine::LiveFeed::RecordsKept) + 700;
    feedRecords(feed, all);
    QCOMPARE(model.rowCount(), int(engine::LiveFeed::RecordsKept));
    QCOMPARE(model.record(0)->id, base::ExchangeId(std::uint64_t(all) - 1));
    QCOMPARE(model.record(model.rowCount() - 1)->id, base::ExchangeId{700});
    QCOMPARE(feed.recordCount(), std::uint64_t(all));
}

void TestModels::freezesWhilePaused()
{
    engine::LiveFeed feed;
    RequestTableModel model(feed);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    feedRecords(feed, 100);
    const base::ExchangeId top = model.record(0)->id;
    model.setPaused(true);
    feedRecords(feed, 40);
    QCOMPARE(model.rowCount(), 100);
    QCOMPARE(model.record(0)->id, top);
    QCOMPARE(model.heldBack(), std::size_t(40));
    model.setPaused(false);
    QCOMPARE(model.rowCount(), 140);
    QCOMPARE(model.heldBack(), std::size_t(0));
    // More than the feed can hold comes during a pause: rows empty out, nothing breaks.
    model.setPaused(true);
    feedRecords(feed, int(engine::LiveFeed::RecordsKept) + 10);
    QVERIFY(!model.record(0));
    QVERIFY(!model.index(0, 0).data().isValid());
    model.setPaused(false);
    QCOMPARE(model.rowCount(), int(engine::LiveFeed::RecordsKept));
}

void TestModels::startsWithWhatTheFeedHolds()
{
    engine::LiveFeed feed;
    feedRecords(feed, 30);
    const RequestTableModel model(feed);
    QCOMPARE(model.rowCount(), 30);
}

void TestModels::filtersByEveryWord()
{
    engine::LiveFeed feed;
    RequestTableModel model(feed);
    RequestFilter filter;
    filter.setSourceModel(&model);
    feedRecords(feed, 340);
    filter.setText(QStringLiteral("codex 429"));
    QCOMPARE(filter.rowCount(), 7); // multiples of 3 and of 17 below 340
    filter.setText(QStringLiteral("RATE limited"));
    QCOMPARE(filter.rowCount(), 20);
    filter.setText(QStringLiteral("nothing has this"));
    QCOMPARE(filter.rowCount(), 0);
    filter.setText(QString());
    QCOMPARE(filter.rowCount(), 340);
}

void TestModels::sortsByRawValues()
{
    engine::LiveFeed feed;
    RequestTableModel model(feed);
    RequestFilter filter;
    filter.setSourceModel(&model);
    feedRecords(feed, 120);
    filter.sort(RequestTableModel::Added, Qt::DescendingOrder);
    for (int row = 1; row < filter.rowCount(); ++row) {
        const auto value = [&](int at) {
            return filter.index(at, RequestTableModel::Added).data(RequestTableModel::SortRole).toLongLong();
        };
        QVERIFY(value(row - 1) >= value(row));
    }
}

void TestModels::splitsTimeIntoPhases()
{
    PhaseModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const metrics::RequestRecord record = test::sampleRecord(1);
    model.setRecord(&record);
    QCOMPARE(model.rowCount(), 12); // nothing was connected: no such row
    QCOMPARE(model.index(6, PhaseModel::Phase).data().toString(), QStringLiteral("Upstream works"));
    double own = 0;
    for (int row = 0; row < model.rowCount(); ++row) {
        const double begin = model.index(row, PhaseModel::Bar).data(PhaseModel::BarBeginRole).toDouble();
        const double end = model.index(row, PhaseModel::Bar).data(PhaseModel::BarEndRole).toDouble();
        QVERIFY(0 <= begin && begin <= end && end <= 1);
        if (model.index(row, PhaseModel::Bar).data(PhaseModel::OwnRole).toBool())
            own += end - begin;
    }
    // What is drawn as Weir's adds up to what is told of it.
    const base::Duration whole = record.total + microseconds(50); // and the client's head
    QVERIFY(qFuzzyCompare(own * double(whole.count()), double(record.own.count())));
    model.setRecord(nullptr);
    QCOMPARE(model.rowCount(), 0);
}

void TestModels::showsPools()
{
    PoolTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setPools(test::sampleSnapshot(0, 10)->pools);
    QCOMPARE(model.index(0, PoolTableModel::Protocol).data().toString(), QStringLiteral("h2"));
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.setPools(test::sampleSnapshot(0, 11)->pools);
    QCOMPARE(changed.count(), 1);
    model.setPools({});
    QCOMPARE(model.rowCount(), 0);
}

void TestModels::tellsConnectingAndTlsApart()
{
    using profiling::Stage;
    using std::chrono::milliseconds;
    const base::Instant start{std::chrono::seconds(1000)};
    metrics::RequestRecord record;
    record.timeline = profiling::Timeline(true);
    const std::pair<Stage, int> stamps[] = {{Stage::HeadBegan, 0},    {Stage::BodyDone, 0},
                                            {Stage::BodyDecided, 1},  {Stage::Queued, 1},
                                            {Stage::ConnectBegan, 3}, {Stage::TcpConnected, 23},
                                            {Stage::Connected, 53},   {Stage::LaneAcquired, 54},
                                            {Stage::RequestSent, 55}, {Stage::Finished, 90}};
    for (const auto &[stage, at] : stamps)
        record.timeline.mark(stage, start + milliseconds(at));
    record.timeline.addOwn(profiling::Work::Preparing, milliseconds(1));
    record.timeline.addOwn(profiling::Work::Sending, milliseconds(1));
    PhaseModel model;
    model.setRecord(&record);
    QStringList rows;
    for (int row = 0; row < model.rowCount(); ++row)
        rows << model.index(row, PhaseModel::Phase).data().toString() + QLatin1Char(' ') +
                    model.index(row, PhaseModel::Duration).data().toString();
    const QStringList expected{QStringLiteral("Weir reads body 1.00 ms"),
                               QStringLiteral("Waiting for a connection 2.00 ms"),
                               QStringLiteral("Connecting 20.0 ms"), QStringLiteral("TLS handshake 30.0 ms"),
                               QStringLiteral("Weir sends 1.00 ms")};
    QCOMPARE(rows, expected);
}

void TestModels::tellsTheStateOfAPool_data()
{
    QTest::addColumn<int>("breaker");
    QTest::addColumn<int>("connecting");
    QTest::addColumn<int>("active");
    QTest::addColumn<int>("idle");
    QTest::addColumn<int>("waiting");
    QTest::addColumn<QString>("text");
    const auto row = [](const char *text, metrics::Breaker breaker, int connecting, int active, int idle,
                        int waiting) {
        QTest::addRow("%s, %d active", text, active)
            << int(breaker) << connecting << active << idle << waiting << text;
    };
    using metrics::Breaker;
    row("closed", Breaker::Closed, 0, 0, 0, 0);
    row("connecting", Breaker::Closed, 1, 0, 0, 3);
    row("idle", Breaker::Closed, 0, 0, 2, 0);
    row("active", Breaker::Closed, 1, 1, 0, 0);
    row("full", Breaker::Closed, 0, 2, 0, 5);
    row("unreachable", Breaker::Open, 0, 0, 0, 0);
    row("active", Breaker::Open, 0, 1, 0, 0);
    row("trying again", Breaker::HalfOpen, 1, 0, 0, 2);
}

void TestModels::tellsTheStateOfAPool()
{
    QFETCH(int, breaker);
    QFETCH(int, connecting);
    QFETCH(int, active);
    QFETCH(int, idle);
    QFETCH(int, waiting);
    QFETCH(QString, text);
    metrics::PoolState pool;
    pool.breaker = metrics::Breaker(breaker);
    pool.connecting = connecting;
    pool.active = active;
    pool.idle = idle;
    pool.waiting = waiting;
    QCOMPARE(poolStateText(pool), text);
}

void TestModels::listsAllFiguresOfAPool()
{
    PoolDetailModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    metrics::PoolState pool = test::sampleSnapshot(0, 50)->pools.front();
    pool.connectTime = std::chrono::milliseconds(12);
    pool.tlsTime = std::chrono::milliseconds(31);
    pool.retries = 4;
    pool.notice = "because";
    model.setPool(&pool);
    const auto value = [&](const char *name) {
        for (int row = 0; row < model.rowCount(); ++row) {
            if (model.index(row, PoolDetailModel::Name).data().toString() == QLatin1String(name))
                return model.index(row, PoolDetailModel::Value).data().toString();
        }
        return QString();
    };
    QCOMPARE(value("Calls on an open connection"), QStringLiteral("98.0 %"));
    QCOMPARE(value("Connecting, TLS handshake"), QStringLiteral("12.0 ms, 31.0 ms"));
    QCOMPARE(value("Calls: whole, failed, tried again"), QStringLiteral("0, 1, 4"));
    QCOMPARE(value("Failed: the upstream closed the connection"), QStringLiteral("1"));
    QCOMPARE(value("Notice"), QStringLiteral("because"));
    model.setPool(nullptr);
    QCOMPARE(model.rowCount(), 0);
}

void TestModels::breaksLinesAtGaps()
{
    engine::LiveFeed feed;
    constexpr base::WallMs Start = 1'700'000'000'000;
    for (const int second : {0, 1, 2, 60, 61})
        feed.accept(test::sampleSnapshot(Start + second * 1000, 200), {});
    const HistoryLines lines = historyLines(feed.history());
    const auto &points = lines.firstToken.front().points;
    QCOMPARE(points.size(), std::size_t(6));
    QVERIFY(!points[3].value); // the gap
    QCOMPARE(points.back().seconds, 0.0);
    QCOMPARE(points.front().seconds, -61.0);
    QCOMPARE(points.front().value, std::optional(182.0));
    QCOMPARE(lines.added.back().points.back().value, std::optional(310.0));
}

void TestModels::findsRequestsOfAKey()
{
    engine::LiveFeed feed;
    RequestTableModel model(feed);
    RequestFilter filter;
    filter.setSourceModel(&model);
    metrics::RecordBatch batch{test::sampleRecord(1), test::sampleRecord(2), test::sampleRecord(3)};
    batch[1].keyId = 7;
    batch[1].keyLabel = "Laptop";
    batch[1].costMicros = 12'345;
    feed.accept(test::sampleSnapshot(1'700'000'000'000, 3), std::move(batch));
    filter.setText(QStringLiteral("laptop"));
    QCOMPARE(filter.rowCount(), 1);
    QCOMPARE(filter.index(0, RequestTableModel::Key).data().toString(), QStringLiteral("Laptop"));
    QVERIFY(filter.index(0, RequestTableModel::Cost).data().toString().contains(QStringLiteral("0123")));
    filter.setText(QString());
    QCOMPARE(filter.index(0, RequestTableModel::Key).data().toString(), format::unknown());
    QCOMPARE(filter.index(0, RequestTableModel::Cost).data().toString(), format::unknown()); // not $0
    filter.sort(RequestTableModel::Cost, Qt::DescendingOrder);
    QCOMPARE(filter.index(0, RequestTableModel::Key).data().toString(), QStringLiteral("Laptop"));
}

QTEST_GUILESS_MAIN(TestModels)
#include "tst_models.moc"
