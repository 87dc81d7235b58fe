// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/pool_recorder.h"
#include <QTest>

using namespace weir;
using namespace std::chrono_literals;
using metrics::Outcome;
using metrics::PoolRecorder;
using metrics::PoolState;
using metrics::RequestRecord;

namespace {

RequestRecord record(int pool, base::Duration wait, base::Duration total)
{
    RequestRecord record;
    record.pool = pool;
    record.gotLane = true;
    record.laneWait = wait;
    record.total = total;
    record.status = 200;
    return record;
}

std::vector<PoolState> filled(const PoolRecorder &recorder, base::Duration now)
{
    std::vector<PoolState> pools(2);
    recorder.fill(pools, now);
    return pools;
}

} // namespace

class TestPoolRecorder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsPoolsApart();
    void countsWhatSaysSomething();
    void forgetsAfterFiveMinutes();
    void boundsThePools();
};

void TestPoolRecorder::keepsPoolsApart()
{
    PoolRecorder recorder;
    for (int number = 0; number < 20; ++number) {
        recorder.add(record(0, 1ms, 100ms), 1s);
        recorder.add(record(1, 0ms, 200ms), 1s);
    }
    const auto pools = filled(recorder, 2s);
    QCOMPARE(pools[0].wait.samples, std::uint64_t(20));
    QCOMPARE(pools[0].wait.maxUs, std::optional<std::int64_t>(1000));
    QCOMPARE(pools[0].total.maxUs, std::optional<std::int64_t>(100'000));
    QCOMPARE(pools[1].wait.maxUs, std::optional<std::int64_t>(0));
    QCOMPARE(pools[1].total.maxUs, std::optional<std::int64_t>(200'000));
    QVERIFY(pools[1].total.p95Us && !pools[1].total.p99Us); // too few for that
}

void TestPoolRecorder::countsWhatSaysSomething()
{
    PoolRecorder recorder;
    RequestRecord waitedInVain = record(0, 5ms, 5ms);
    waitedInVain.gotLane = false;
    waitedInVain.outcome = Outcome::Answered;
    RequestRecord failed = record(0, 5ms, 5ms);
    failed.outcome = Outcome::Failed;
    RequestRecord refused = record(0, 5ms, 5ms);
    refused.status = 429;
    RequestRecord local = record(-1, 5ms, 5ms);
    for (const RequestRecord &one : {waitedInVain, failed, refused, local})
        recorder.add(one, 1s);
    const auto pools = filled(recorder, 1s);
    QCOMPARE(pools[0].wait.samples, std::uint64_t(2)); // failed and refused had a lane
    QCOMPARE(pools[0].total.samples, std::uint64_t(0));
}

void TestPoolRecorder::forgetsAfterFiveMinutes()
{
    PoolRecorder recorder;
    recorder.add(record(0, 1ms, 1ms), 30s);
    QCOMPARE(filled(recorder, 299s)[0].total.samples, std::uint64_t(1));
    QCOMPARE(filled(recorder, 300s)[0].total.samples, std::uint64_t(0));
    recorder.add(record(0, 1ms, 1ms), 24h + 30s); // the same slot of the ring
    QCOMPARE(filled(recorder, 24h + 31s)[0].total.samples, std::uint64_t(1));
}

void TestPoolRecorder::boundsThePools()
{
    PoolRecorder recorder;
    recorder.add(record(int(PoolRecorder::PoolsMax) - 1, 1ms, 1ms), 1s);
    recorder.add(record(int(PoolRecorder::PoolsMax), 1ms, 1ms), 1s);
    std::vector<PoolState> pools(PoolRecorder::PoolsMax + 1);
    recorder.fill(pools, 1s);
    QCOMPARE(pools[PoolRecorder::PoolsMax - 1].total.samples, std::uint64_t(1));
    QCOMPARE(pools[PoolRecorder::PoolsMax].total.samples, std::uint64_t(0));
}

QTEST_GUILESS_MAIN(TestPoolRecorder)
#include "tst_pool_recorder.moc"
