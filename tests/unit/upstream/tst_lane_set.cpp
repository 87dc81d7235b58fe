// SPDX-License-Identifier: GPL-3.0-or-later
// How many lanes there are, and when one is opened, retired or replaced.
#include "support/fake_lanes.h"
#include "support/manual_clock.h"
#include "upstream/lane_set.h"
#include <QSignalSpy>
#include <QTest>

using namespace weir;
using namespace weir::upstream;
using base::Errc;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::FakeLane;

namespace {

struct Fixture
{
    explicit Fixture(PoolOptions options = {}, int slotCount = 10, bool tls = true)
        : set({tls, "api.example", 443, {}}, lanes.kind(slotCount), options, clock, nullptr)
    {
    }
    ~Fixture()
    {
        calls.clear();
        set.clearDead();
    }
    /// Starts `count` calls, each on the lane that the set chooses.
    void start(int count)
    {
        for (int number = 0; number < count; ++number) {
            PooledLane *lane = set.withRoom();
            QVERIFY(lane);
            calls.push_back(lane->lane->start({}, sink));
            set.started(*lane, clock.now());
        }
    }
    void connectAll()
    {
        for (FakeLane *lane : lanes.alive) {
            if (lane->now == LaneState::Connecting)
                lane->connectNow();
        }
    }
    /// Time passes while the set is looked after as in a pool.
    void pass(base::Duration time)
    {
        for (base::Duration passed{}; passed < time; passed += seconds(1)) {
            clock.advance(seconds(1));
            set.upkeep();
        }
        set.clearDead();
    }
    int ready() const
    {
        return int(std::count_if(lanes.alive.begin(), lanes.alive.end(),
                                 [](const FakeLane *lane) { return lane->now == LaneState::Ready; }));
    }

    test::FakeLanes lanes;
    test::ManualClock clock;
    test::FakeSink sink;
    LaneSet set;
    std::vector<std::unique_ptr<Call>> calls;
};

PoolOptions options(int least, int most)
{
    PoolOptions options;
    options.lanesMin = least;
    options.lanesMax = most;
    return options;
}

} // namespace

class TestLaneSet : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void opensOneLaneForManyOverHttp2();
    void opensALaneForEachOverHttp1();
    void learnsThatItsLanesCarryOneCall();
    void growsBeforeTheLastSlotIsTaken();
    void fillsOneLaneBeforeTheNext();
    void keepsTheLeastNumberOnceThereWasDemand();
    void warmsTheLeastNumber();
    void retiresWhatIsIdleAboveTheLeast();
    void restoresTheLeastOnlyWhileThereIsDemand();
    void givesUpALaneThatDoesNotConnect();
    void boundsRetiredLanes();
    void asksTheSilentForASignOfLife();
    void replacesAllAfterASleep();
    void pausesWhereFewerRequestsAreAskedFor();
    void pausesForLongerEachTime();
    void countsWhatIsGone();
};

void TestLaneSet::opensOneLaneForManyOverHttp2()
{
    Fixture f;
    f.set.grow(50);
    f.set.grow(51);
    QCOMPARE(f.lanes.count, 1);
    f.connectAll();
    f.set.grow(41); // it is full and others wait
    f.set.grow(41);
    QCOMPARE(f.lanes.count, 2);
}

void TestLaneSet::opensALaneForEachOverHttp1()
{
    PoolOptions few = options(1, 2);
    few.lanesMaxSingle = 4;
    Fixture f(few, 1, false);
    f.set.grow(3);
    QCOMPARE(f.lanes.count, 3);
    f.set.grow(3);
    QCOMPARE(f.lanes.count, 3);
    f.set.grow(30);
    QCOMPARE(f.lanes.count, 4); // pool.max_http1
    QCOMPARE(f.set.figures().most, 4);
}

void TestLaneSet::learnsThatItsLanesCarryOneCall()
{
    PoolOptions few = options(1, 2);
    few.lanesMaxSingle = 4;
    Fixture f(few, 1, true);
    QCOMPARE(f.set.figures().most, 2);
    f.set.grow(3);
    QCOMPARE(f.lanes.count, 1);
    f.connectAll();
    f.start(1);
    QCOMPARE(f.set.figures().most, 4); // pool.max_http1 from now on
    f.set.grow(2);
    QCOMPARE(f.lanes.count, 3);
}

void TestLaneSet::growsBeforeTheLastSlotIsTaken()
{
    Fixture f(options(1, 10), 10);
    f.set.grow(1);
    f.connectAll();
    f.start(8);
    QCOMPARE(f.lanes.count, 1);
    f.start(1); // 90 %
    QCOMPARE(f.lanes.count, 2);
    f.start(1);
    QCOMPARE(f.lanes.count, 2); // one is on its way
}

void TestLaneSet::fillsOneLaneBeforeTheNext()
{
    Fixture f(options(2, 10), 10);
    f.set.warm();
    f.connectAll();
    f.start(5);
    QCOMPARE(std::max(f.lanes[0].inFlight(), f.lanes[1].inFlight()), 5);
}

void TestLaneSet::keepsTheLeastNumberOnceThereWasDemand()
{
    Fixture f(options(3, 10));
    QCOMPARE(f.lanes.count, 0);
    f.set.grow(1);
    QCOMPARE(f.lanes.count, 1);
    f.connectAll();
    f.start(1);
    QCOMPARE(f.lanes.count, 2); // one after the other
    f.start(1);
    QCOMPARE(f.lanes.count, 2);
    f.connectAll();
    f.start(1);
    QCOMPARE(f.lanes.count, 3);
    f.connectAll();
    f.start(1);
    QCOMPARE(f.lanes.count, 3);
}

void TestLaneSet::warmsTheLeastNumber()
{
    Fixture f(options(2, 10));
    f.set.warm();
    f.set.warm();
    QCOMPARE(f.lanes.count, 2);
    QVERIFY(f.lanes[0].opened && f.lanes[1].opened);
    f.connectAll();
    f.lanes[1].die({}); // closed by the upstream while idle
    f.pass(seconds(31));
    QCOMPARE(f.lanes.count, 3);
}

void TestLaneSet::retiresWhatIsIdleAboveTheLeast()
{
    Fixture f(options(2, 10), 1, false);
    f.set.grow(5);
    f.connectAll();
    f.pass(LaneSet::IdleMax);
    QCOMPARE(f.ready(), 5);
    f.pass(seconds(1));
    QCOMPARE(f.ready(), 2);
    f.pass(minutes(60));
    QCOMPARE(f.ready(), 2);
}

void TestLaneSet::restoresTheLeastOnlyWhileThereIsDemand()
{
    Fixture f(options(1, 10));
    f.set.grow(1);
    f.connectAll();
    f.start(1);
    f.lanes[0].calls.front()->end();
    f.lanes[0].die({});
    f.pass(seconds(31));
    QCOMPARE(f.lanes.count, 2); // at the next health check
    f.connectAll();
    f.pass(LaneSet::DemandMemory);
    f.lanes[0].die({});
    f.pass(minutes(10));
    QCOMPARE(f.lanes.count, 2);
    QVERIFY(f.set.isEmpty());
}

void TestLaneSet::givesUpALaneThatDoesNotConnect()
{
    Fixture f;
    QSignalSpy lost(&f.set, &LaneSet::hopeLost);
    f.set.grow(1);
    f.pass(seconds(10));
    QCOMPARE(lost.count(), 0);
    f.pass(seconds(1));
    QCOMPARE(lost.count(), 1);
    QCOMPARE(lost.front().front().value<base::Error>().code, Errc::ConnectTimeout);
    QCOMPARE(f.lanes.alive.size(), std::size_t(0));
    QVERIFY(f.set.breaker().failures() == 1);
}

void TestLaneSet::boundsRetiredLanes()
{
    // Each lane is retired by its upstream in the middle of a call that does not end.
    Fixture f(options(1, 1));
    for (std::size_t number = 0; number < LaneSet::RetiredMax + 5; ++number) {
        f.set.grow(1);
        if (!f.set.hasHope())
            break;
        f.connectAll();
        f.start(1);
        f.lanes.alive.back()->retire();
    }
    QCOMPARE(f.lanes.alive.size(), LaneSet::RetiredMax);
    QCOMPARE(f.set.figures().retired, int(LaneSet::RetiredMax));
    f.lanes[0].calls.front()->end();
    f.set.grow(1);
    QVERIFY(f.set.hasHope());
}

void TestLaneSet::asksTheSilentForASignOfLife()
{
    PoolOptions health = options(2, 10);
    health.health = seconds(20);
    Fixture f(health);
    f.set.warm();
    f.connectAll();
    f.pass(seconds(19));
    QCOMPARE(f.lanes[0].checks, 0);
    f.pass(seconds(2));
    QCOMPARE(f.lanes[0].checks, 1);
    QCOMPARE(f.lanes[1].checks, 1);
    f.pass(seconds(18));
    f.start(1); // a sign of life
    f.pass(seconds(2));
    QCOMPARE(f.lanes[0].checks + f.lanes[1].checks, 3);
}

void TestLaneSet::replacesAllAfterASleep()
{
    Fixture f(options(2, 10));
    f.set.warm();
    f.connectAll();
    f.start(1);
    f.set.grow(0);
    f.pass(seconds(5));
    FakeLane *busy = f.lanes[0].inFlight() ? &f.lanes[0] : &f.lanes[1];
    f.clock.setWall(f.clock.wallNow() + 29'000);
    f.pass(seconds(1));
    QCOMPARE(f.set.figures().wakeUps, std::uint64_t(0));
    f.clock.setWall(f.clock.wallNow() + 31'000);
    f.pass(seconds(1));
    QCOMPARE(f.set.figures().wakeUps, std::uint64_t(1));
    // The idle one is gone, the busy one takes nothing more but may finish; two new ones connect.
    QCOMPARE(f.lanes.count, 4);
    QVERIFY(busy->now == LaneState::Retired && busy->checks == 1);
    QCOMPARE(f.set.figures().connecting, 2);
    // A lane that was connecting is replaced without being called a failure.
    f.clock.setWall(f.clock.wallNow() + 3'600'000);
    f.pass(seconds(1));
    QCOMPARE(f.lanes.count, 6);
    QCOMPARE(f.set.breaker().failures(), 0);
    // Set back, the clock says nothing.
    f.clock.setWall(f.clock.wallNow() - 7'200'000);
    f.pass(seconds(1));
    QCOMPARE(f.set.figures().wakeUps, std::uint64_t(2));
}

void TestLaneSet::pausesWhereFewerRequestsAreAskedFor()
{
    Fixture f(options(2, 10));
    f.set.warm();
    f.connectAll();
    QVERIFY(f.set.withRoom());
    Q_EMIT f.lanes[0].calmAsked();
    f.lanes[0].retire();
    // Nothing goes over the other lane either, and none is made in place of the first.
    QCOMPARE(f.set.calmLeft(), Breaker::BackOffMin);
    QVERIFY(!f.set.withRoom());
    f.set.grow(5);
    QCOMPARE(f.lanes.count, 2);
    QVERIFY(f.set.hasHope());
    f.clock.advance(Breaker::BackOffMin);
    QCOMPARE(f.set.calmLeft(), base::Duration::zero());
    QVERIFY(f.set.withRoom() == nullptr || f.set.withRoom()->lane.get() != &f.lanes[0]);
    QVERIFY(f.set.withRoom());
    f.set.grow(5);
    QCOMPARE(f.lanes.count, 3);
}

void TestLaneSet::pausesForLongerEachTime()
{
    Fixture f;
    f.set.grow(1);
    f.connectAll();
    base::Duration pause = Breaker::BackOffMin;
    for (int time = 0; time < 10; ++time) {
        Q_EMIT f.lanes[0].calmAsked();
        Q_EMIT f.lanes[0].calmAsked(); // ten calls that it does not take are one wish
        QCOMPARE(f.set.calmLeft(), pause);
        f.clock.advance(pause);
        pause = std::min<base::Duration>(2 * pause, Breaker::BackOffMax);
    }
    QCOMPARE(pause, base::Duration(Breaker::BackOffMax));
    f.clock.advance(LaneSet::CalmMemory + milliseconds(1));
    Q_EMIT f.lanes[0].calmAsked();
    QCOMPARE(f.set.calmLeft(), base::Duration(Breaker::BackOffMin));
}

void TestLaneSet::countsWhatIsGone()
{
    Fixture f;
    f.set.grow(1);
    f.connectAll();
    f.start(2);
    LaneSetFigures figures = f.set.figures();
    QCOMPARE(figures.connections, std::uint64_t(1));
    QCOMPARE(figures.active, 1);
    QCOMPARE(figures.slots, 10);
    QCOMPARE(figures.inFlight, 2);
    QCOMPARE(figures.protocol, std::string("fake"));
    f.lanes[0].die({Errc::UpstreamClosed, {}});
    f.set.clearDead();
    figures = f.set.figures();
    QCOMPARE(figures.connections, std::uint64_t(1));
    QCOMPARE(figures.inFlight, 0);
    QCOMPARE(figures.connectFailures, std::uint64_t(0));
}

QTEST_GUILESS_MAIN(TestLaneSet)
#include "tst_lane_set.moc"
