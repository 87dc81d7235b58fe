// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/recorder.h"

#include "support/manual_clock.h"
#include <QTest>

using namespace weir;
using namespace std::chrono_literals;
using metrics::Outcome;
using metrics::Recorder;
using metrics::RequestRecord;
using metrics::Snapshot;

Q_DECLARE_METATYPE(weir::metrics::Outcome)

class TestRecorder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void startsEmpty();
    void countsByOutcome_data();
    void countsByOutcome();
    void timesComeFromTheRightExchanges_data();
    void timesComeFromTheRightExchanges();
    void percentilesNeedSamples_data();
    void percentilesNeedSamples();
    void windowForgetsAfterFiveMinutes();
    void windowForgetsAfterALongSilence();
    void requestsPerSecondAveragesFullSeconds();
    void requestsPerMinuteCoversSixtySeconds();
    void activeIsBegunMinusEnded();
    void tokensAddUp();
    void piecesAreToldAtTheirMedian();
    void ownPagesAreNoRequests();
    void fullBatchKeepsTheNewest();
    void handsOverBeforeTheBatchIsFull();
    void takeBatchStartsANewOne();
    void keepsWhatProvidersSayLast();
    void everyOutcomeHasAName();
};

namespace {

RequestRecord record(Outcome outcome, int status)
{
    RequestRecord record;
    record.outcome = outcome;
    record.status = status;
    record.total = 200ms;
    record.firstToken = 50ms;
    record.own = 100us;
    return record;
}

RequestRecord success(base::Duration total = 200ms)
{
    RequestRecord made = record(Outcome::Completed, 200);
    made.total = total;
    return made;
}

void add(Recorder &recorder, RequestRecord made)
{
    recorder.begun();
    recorder.ended(std::move(made));
}

RequestRecord numbered(std::uint64_t id)
{
    RequestRecord made = success();
    made.id = base::ExchangeId{id};
    return made;
}

} // namespace

void TestRecorder::startsEmpty()
{
    test::ManualClock clock;
    Recorder recorder(clock);
    const Snapshot snapshot = recorder.tick();
    QCOMPARE(snapshot.at, clock.wallNow());
    QCOMPARE(snapshot.uptime, base::Duration(0));
    QCOMPARE(snapshot.requests, std::uint64_t(0));
    QCOMPARE(snapshot.requestsPerSecond, 0.0);
    QVERIFY(snapshot.total == metrics::Percentiles());
    QVERIFY(recorder.takeBatch().empty());
}

void TestRecorder::countsByOutcome_data()
{
    QTest::addColumn<Outcome>("outcome");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("errors");
    QTest::addColumn<int>("cancelled");
    QTest::newRow("a good reply") << Outcome::Completed << 200 << 0 << 0;
    QTest::newRow("the upstream's 429") << Outcome::Completed << 429 << 1 << 0;
    QTest::newRow("answered by Weir") << Outcome::Answered << 200 << 0 << 0;
    QTest::newRow("refused by Weir") << Outcome::Answered << 401 << 1 << 0;
    QTest::newRow("upstream not reached") << Outcome::Failed << 502 << 1 << 0;
    QTest::newRow("cut after a good head") << Outcome::Truncated << 200 << 1 << 0;
    QTest::newRow("the client left") << Outcome::Cancelled << 200 << 0 << 1;
    QTest::newRow("the client left before a head") << Outcome::Cancelled << 0 << 0 << 1;
}

void TestRecorder::countsByOutcome()
{
    QFETCH(Outcome, outcome);
    QFETCH(int, status);
    QFETCH(int, errors);
    QFETCH(int, cancelled);
    test::ManualClock clock;
    Recorder recorder(clock);
    add(recorder, record(outcome, status));
    const Snapshot snapshot = recorder.tick();
    QCOMPARE(snapshot.requests, std::uint64_t(1));
    QCOMPARE(snapshot.errors, std::uint64_t(errors));
    QCOMPARE(snapshot.cancelled, std::uint64_t(cancelled));
    QCOMPARE(snapshot.windowRequests, std::uint64_t(1));
    QCOMPARE(snapshot.windowErrors, std::uint64_t(errors));
    QCOMPARE(recorder.takeBatch().size(), std::size_t(1));
}

void TestRecorder::timesComeFromTheRightExchanges_data()
{
    QTest::addColumn<Outcome>("outcome");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("latencies"); // samples of total and first token
    QTest::addColumn<int>("added");     // samples of what Weir added
    QTest::newRow("a good reply says both") << Outcome::Completed << 200 << 1 << 1;
    QTest::newRow("an error is no latency") << Outcome::Completed << 500 << 0 << 1;
    QTest::newRow("neither is a failure") << Outcome::Failed << 502 << 0 << 1;
    QTest::newRow("nor a cut reply") << Outcome::Truncated << 200 << 0 << 1;
    QTest::newRow("nor one the client left") << Outcome::Cancelled << 200 << 0 << 1;
    QTest::newRow("what Weir answers was not forwarded") << Outcome::Answered << 200 << 0 << 0;
}

void TestRecorder::timesComeFromTheRightExchanges()
{
    QFETCH(Outcome, outcome);
    QFETCH(int, status);
    QFETCH(int, latencies);
    QFETCH(int, added);
    test::ManualClock clock;
    Recorder recorder(clock);
    add(recorder, record(outcome, status));
    const Snapshot snapshot = recorder.tick();
    QCOMPARE(snapshot.total.samples, std::uint64_t(latencies));
    QCOMPARE(snapshot.firstToken.samples, std::uint64_t(latencies));
    QCOMPARE(snapshot.added.samples, std::uint64_t(added));
    if (latencies > 0) {
        QCOMPARE(*snapshot.total.maxUs, std::int64_t(200'000));
        QCOMPARE(*snapshot.firstToken.maxUs, std::int64_t(50'000));
    }
    if (added > 0)
        QCOMPARE(*snapshot.added.maxUs, std::int64_t(100));
}

void TestRecorder::percentilesNeedSamples_data()
{
    QTest::addColumn<int>("samples");
    QTest::addColumn<bool>("p50");
    QTest::addColumn<bool>("p95");
    QTest::addColumn<bool>("p99");
    QTest::newRow("too few for any") << 4 << false << false << false;
    QTest::newRow("p50") << 5 << true << false << false;
    QTest::newRow("too few for p95") << 19 << true << false << false;
    QTest::newRow("p95") << 20 << true << true << false;
    QTest::newRow("too few for p99") << 99 << true << true << false;
    QTest::newRow("all") << 100 << true << true << true;
}

void TestRecorder::percentilesNeedSamples()
{
    QFETCH(int, samples);
    test::ManualClock clock;
    Recorder recorder(clock);
    for (int i = 0; i < samples; ++i)
        add(recorder, success());
    const metrics::Percentiles total = recorder.tick().total;
    QCOMPARE(total.samples, std::uint64_t(samples));
    QTEST(total.p50Us.has_value(), "p50");
    QTEST(total.p95Us.has_value(), "p95");
    QTEST(total.p99Us.has_value(), "p99");
    QVERIFY(total.maxUs.has_value());
}

void TestRecorder::windowForgetsAfterFiveMinutes()
{
    test::ManualClock clock;
    Recorder recorder(clock);
    add(recorder, success(1s));
    // The window is a whole number of slots: the first slot goes as the thirty-first begins.
    clock.advance(Recorder::Slot * (Recorder::SlotCount - 1) + 9'999ms);
    add(recorder, success(2s));
    QCOMPARE(recorder.tick().total.samples, std::uint64_t(2));
    clock.advance(1ms);
    const Snapshot snapshot = recorder.tick();
    QCOMPARE(snapshot.total.samples, std::uint64_t(1));
    QCOMPARE(snapshot.windowRequests, std::uint64_t(1));
    QCOMPARE(*snapshot.total.maxUs, std::int64_t(2'000'000));
    QCOMPARE(snapshot.requests, std::uint64_t(2)); // since start
    // A new exchange takes over the oldest slot without its contents.
    add(recorder, success(3s));
    QCOMPARE(recorder.tick().total.samples, std::uint64_t(2));
}

void TestRecorder::windowForgetsAfterALongSilence()
{
    test::ManualClock clock;
    Recorder recorder(clock);
    for (std::size_t slot = 0; slot < Recorder::SlotCount; ++slot) {
        add(recorder, success());
        clock.advance(Recorder::Slot);
    }
    clock.advance(24h);
    QCOMPARE(recorder.tick().total.samples, std::uint64_t(0));
    QCOMPARE(recorder.tick().requestsPerMinute, 0.0);
    add(recorder, success());
    QCOMPARE(recorder.tick().total.samples, std::uint64_t(1));
}

void TestRecorder::requestsPerSecondAveragesFullSeconds()
{
    test::ManualClock clock;
    Recorder recorder(clock);
    for (int i = 0; i < 10; ++i)
        add(recorder, success());
    QCOMPARE(recorder.tick().requestsPerSecond, 0.0); // this second is not over
    clock.advance(1s);
    QCOMPARE(recorder.tick().requestsPerSecond, 10.0); // the only full second there is
    clock.advance(1s);
    QCOMPARE(recorder.tick().requestsPerSecond, 5.0);
    clock.advance(3s);
    QCOMPARE(recorder.tick().requestsPerSecond, 2.0);
    clock.advance(1s);
    QCOMPARE(recorder.tick().requestsPerSecond, 0.0); // left the five seconds
}

void TestRecorder::requestsPerMinuteCoversSixtySeconds()
{
    test::ManualClock clock;
    Recorder recorder(clock);
    for (int second = 0; second < 120; ++second) {
        add(recorder, success());
        add(recorder, success());
        clock.advance(1s);
    }
    QCOMPARE(recorder.tick().requestsPerMinute, 120.0);
    clock.advance(30s);
    QCOMPARE(recorder.tick().requestsPerMinute, 60.0);
    clock.advance(30s);
    QCOMPARE(recorder.tick().requestsPerMinute, 0.0);
}

void TestRecorder::activeIsBegunMinusEnded()
{
    test::ManualClock clock;
    Recorder recorder(clock);
    recorder.begun();
    recorder.begun();
    QCOMPARE(recorder.tick().active, 2);
    recorder.ended(success());
    QCOMPARE(recorder.tick().active, 1);
    recorder.ended(success());
    QCOMPARE(recorder.tick().active, 0);
}

void TestRecorder::tokensAddUp()
{
    test::ManualClock clock;
    Recorder recorder(clock);
    for (int i = 0; i < 3; ++i) {
        RequestRecord made = success();
        made.usage.input = 1'000;
        made.usage.output = 7;
        made.usage.known = true;
        add(recorder, std::move(made));
    }
    const Snapshot snapshot = recorder.tick();
    QCOMPARE(snapshot.inputTokens, std::uint64_t(3'000));
    QCOMPARE(snapshot.outputTokens, std::uint64_t(21));
}

void TestRecorder::piecesAreToldAtTheirMedian()
{
    test::ManualClock clock;
    Recorder recorder(clock);
    QVERIFY(!recorder.tick().pieceMedian);
    const auto streamed = [&](std::uint64_t count, base::Duration median) {
        RequestRecord made = success();
        made.pieceCount = count;
        made.pieceMedian = median;
        add(recorder, std::move(made));
    };
    streamed(10, 1ms);
    clock.advance(Recorder::Slot);
    streamed(100, 20us);
    Snapshot snapshot = recorder.tick();
    QCOMPARE(snapshot.pieceCount, std::uint64_t(110));
    QVERIFY(*snapshot.pieceMedian > 18us &&
            *snapshot.pieceMedian < 22us);              // of the pieces, not of the replies
    QCOMPARE(*snapshot.added.maxUs, std::int64_t(100)); // and of no request's own time a part
    clock.advance(Recorder::Slot * Recorder::SlotCount);
    snapshot = recorder.tick();
    QCOMPARE(snapshot.pieceCount, std::uint64_t(0));
    QVERIFY(!snapshot.pieceMedian);
}

void TestRecorder::ownPagesAreNoRequests()
{
    test::ManualClock clock;
    Recorder recorder(clock);
    add(recorder, success());
    for (int page = 0; page < 50; ++page) {
        recorder.begun();
        recorder.pageServed();
    }
    clock.advance(1s);
    const Snapshot snapshot = recorder.tick();
    QCOMPARE(snapshot.ownPages, std::uint64_t(50));
    QCOMPARE(snapshot.requests, std::uint64_t(1));
    QCOMPARE(snapshot.windowRequests, std::uint64_t(1));
    QCOMPARE(snapshot.requestsPerMinute, 1.0);
    QCOMPARE(snapshot.active, 0);
    QCOMPARE(recorder.takeBatch().size(), std::size_t(1));
}

void TestRecorder::fullBatchKeepsTheNewest()
{
    test::ManualClock clock;
    Recorder recorder(clock);
    constexpr std::uint64_t Beyond = 3;
    for (std::uint64_t id = 1; id <= Recorder::RecordBatchMax + Beyond; ++id)
        add(recorder, numbered(id));
    QCOMPARE(recorder.tick().recordsLost, Beyond);
    QCOMPARE(recorder.tick().requests, std::uint64_t(Recorder::RecordBatchMax + Beyond));
    const metrics::RecordBatch batch = recorder.takeBatch();
    QCOMPARE(batch.size(), Recorder::RecordBatchMax);
    for (std::size_t i = 0; i < batch.size(); ++i)
        QCOMPARE(std::uint64_t(batch[i].id), std::uint64_t(i) + Beyond + 1); // oldest first, without a gap
}

void TestRecorder::handsOverBeforeTheBatchIsFull()
{
    test::ManualClock clock;
    Recorder recorder(clock);
    std::vector<metrics::RecordBatch> taken;
    recorder.onHandOver([&] { taken.push_back(recorder.takeBatch()); });
    for (std::uint64_t id = 1; id <= Recorder::RecordBatchMax + Recorder::HandOver / 2; ++id)
        add(recorder, numbered(id));
    QCOMPARE(taken.size(), Recorder::RecordBatchMax / Recorder::HandOver);
    for (const metrics::RecordBatch &batch : taken)
        QCOMPARE(batch.size(), Recorder::HandOver);
    QCOMPARE(recorder.takeBatch().size(), Recorder::HandOver / 2);
    QCOMPARE(recorder.tick().recordsLost, std::uint64_t(0));
}

void TestRecorder::takeBatchStartsANewOne()
{
    test::ManualClock clock;
    Recorder recorder(clock);
    for (std::uint64_t id = 1; id <= Recorder::RecordBatchMax + 1; ++id)
        add(recorder, numbered(id));
    recorder.takeBatch();
    QVERIFY(recorder.takeBatch().empty());
    add(recorder, numbered(77));
    const metrics::RecordBatch batch = recorder.takeBatch();
    QCOMPARE(batch.size(), std::size_t(1));
    QCOMPARE(std::uint64_t(batch.front().id), std::uint64_t(77));
}

void TestRecorder::keepsWhatProvidersSayLast()
{
    test::ManualClock clock;
    Recorder recorder(clock);
    QVERIFY(recorder.tick().providerLimits.empty());
    recorder.providerSaid("a", {{"requests", "50", "49", "", "", ""}});
    recorder.providerSaid("b", {{"tokens", "9", "8", "", "", ""}});
    clock.advance(2s);
    recorder.providerSaid("a", {{"requests", "50", "48", "", "", ""}});
    const Snapshot snapshot = recorder.tick();
    QCOMPARE(snapshot.providerLimits.size(), std::size_t(2));
    QCOMPARE(snapshot.providerLimits[0].provider, std::string("a"));
    QCOMPARE(snapshot.providerLimits[0].limits.at(0).remaining, std::string("48"));
    QCOMPARE(snapshot.providerLimits[0].at - snapshot.providerLimits[1].at, base::WallMs(2'000));
}

void TestRecorder::everyOutcomeHasAName()
{
    QCOMPARE(metrics::name(Outcome::Completed), "completed");
    QCOMPARE(metrics::name(Outcome::Answered), "answered");
    QCOMPARE(metrics::name(Outcome::Failed), "failed");
    QCOMPARE(metrics::name(Outcome::Truncated), "truncated");
    QCOMPARE(metrics::name(Outcome::Cancelled), "cancelled");
}

QTEST_GUILESS_MAIN(TestRecorder)
#include "tst_recorder.moc"
