// SPDX-License-Identifier: GPL-3.0-or-later
// A thousand requests over lanes that die at random: none is lost, none is worked on twice.
#include "pipeline/flight.h"
#include "support/fake_lanes.h"
#include "support/manual_clock.h"
#include <map>
#include <QTest>
#include <random>
#include <set>

using namespace weir;
using namespace weir::pipeline;
using base::Errc;

namespace {

constexpr int RequestCount = 1000;
constexpr int AtATime = 60;

/// One request, its client, and what its provider did with it.
class Request final : public Rider
{
public:
    Request(upstream::Pool &pool, const base::Clock &clock, int number)
        : flight(*this, llm::Api::Messages, clock)
    {
        const bool launched =
            bool(flight.launch(pool, {"POST", "/" + std::to_string(number), {}, true, 4}, clock.now()));
        if (!launched) {
            ++failures;
            return;
        }
        flight.sendBody(QByteArray::number(number));
        flight.endBody(clock.now());
    }
    ~Request() = default;

    profiling::Timeline &timeline() override { return stamps; }
    void onBodyWanted() override {}
    void onReplyHead(http::ResponseHead, base::Instant) override {}
    void onReplyChunk(QByteArray bytes, base::Instant) override { reply += bytes; }
    void onReplyEnd(base::Instant) override { ++ends; }
    void onReplyFailed(base::Error failure) override
    {
        ++failures;
        error = failure.code;
    }
    bool isOver() const { return ends + failures > 0 || cancelled; }

    profiling::Timeline stamps;
    QByteArray reply;
    int ends = 0;
    int failures = 0;
    int processed = 0; ///< by the provider
    bool cancelled = false;
    Errc error = Errc::None;
    Flight flight;
};

/// The world around the pool, driven by dice.
class World
{
public:
    explicit World(unsigned seed, int slotCount)
        : m_dice(seed)
        , m_pool("sim", {slotCount > 1, "api.example", 443, {}}, m_lanes.kind(slotCount), {}, m_clock)
    {
    }
    ~World()
    {
        m_requests.clear();
        settle();
    }

    void step()
    {
        int active = 0;
        for (const auto &[number, request] : m_requests)
            active += !request->isOver();
        if (m_launched < RequestCount && active < AtATime) {
            m_requests[m_launched] = std::make_unique<Request>(m_pool, m_clock, m_launched);
            ++m_launched;
        }
        m_clock.advance(std::chrono::milliseconds(1));
        connectLanes();
        const int roll = throwDice(100);
        if (roll < 70)
            work();
        else if (roll < 72)
            kill();
        else if (roll < 73)
            cancel();
        settle();
    }
    bool isOver() const
    {
        return m_launched == RequestCount &&
               std::all_of(m_requests.begin(), m_requests.end(),
                           [](const auto &entry) { return entry.second->isOver(); });
    }

    const std::map<int, std::unique_ptr<Request>> &requests() const { return m_requests; }
    const upstream::Pool &pool() const { return m_pool; }
    int kills() const { return m_kills; }

private:
    int throwDice(int sides) { return std::uniform_int_distribution<int>(0, sides - 1)(m_dice); }
    static void settle()
    {
        for (int turn = 0; turn < 4; ++turn)
            QCoreApplication::processEvents();
    }
    void connectLanes()
    {
        for (std::size_t index = 0; index < m_lanes.alive.size(); ++index) {
            if (m_lanes[index].now == upstream::LaneState::Connecting)
                m_lanes[index].connectNow();
        }
    }
    test::FakeLane *busyLane()
    {
        std::vector<test::FakeLane *> busy;
        for (test::FakeLane *lane : m_lanes.alive) {
            if (!lane->calls.empty())
                busy.push_back(lane);
        }
        return busy.empty() ? nullptr : busy[std::size_t(throwDice(int(busy.size())))];
    }
    Request &requestOf(const test::FakeCall &call)
    {
        return *m_requests.at(std::stoi(call.request.target.substr(1)));
    }

    /// The provider takes up a call, or finishes one.
    void work()
    {
        test::FakeLane *lane = busyLane();
        if (!lane)
            return;
        test::FakeCall &call = *lane->calls[std::size_t(throwDice(int(lane->calls.size())))];
        Request &request = requestOf(call);
        QVERIFY(call.bodyEnded);
        QCOMPARE(call.body, QByteArray(call.request.target.c_str()).mid(1)); // its own body, whole, once
        if (m_begun.insert(&call).second) {
            ++request.processed;
            return;
        }
        m_begun.erase(&call);
        call.sink.onHead({200, {}, 2}, "h2");
        call.sink.onChunk("{}");
        call.end();
    }
    /// The connection breaks: what was not taken up provably was not processed.
    void kill()
    {
        test::FakeLane *lane = busyLane();
        if (!lane)
            return;
        ++m_kills;
        lane->now = upstream::LaneState::Dead;
        while (!lane->calls.empty()) {
            test::FakeCall *call = lane->calls.front();
            const bool begun = m_begun.erase(call) > 0;
            call->fail({Errc::UpstreamClosed, {}},
                       begun ? upstream::Processed::Maybe : upstream::Processed::No);
        }
        lane->die({Errc::UpstreamClosed, {}});
    }
    /// A client leaves.
    void cancel()
    {
        test::FakeLane *lane = busyLane();
        if (!lane)
            return;
        test::FakeCall *call = lane->calls.back();
        m_begun.erase(call);
        Request &request = requestOf(*call);
        request.cancelled = true;
        request.flight.cancel();
    }

    std::mt19937 m_dice;
    test::FakeLanes m_lanes;
    test::ManualClock m_clock;
    upstream::Pool m_pool;
    std::map<int, std::unique_ptr<Request>> m_requests;
    std::set<const test::FakeCall *> m_begun;
    int m_launched = 0;
    int m_kills = 0;
};

} // namespace

class TestLaneKills : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void losesAndDoublesNone_data();
    void losesAndDoublesNone();
};

void TestLaneKills::losesAndDoublesNone_data()
{
    QTest::addColumn<int>("slotCount");
    QTest::addColumn<unsigned>("seed");
    for (const unsigned seed : {1U, 2U, 3U}) {
        QTest::addRow("http/1.1, seed %u", seed) << 1 << seed;
        QTest::addRow("h2, seed %u", seed) << 20 << seed;
    }
}

void TestLaneKills::losesAndDoublesNone()
{
    QFETCH(int, slotCount);
    QFETCH(unsigned, seed);
    World world(seed, slotCount);
    constexpr int StepsMax = 20'000;
    for (int step = 0; step < StepsMax && !world.isOver(); ++step)
        world.step();
    QVERIFY(world.isOver()); // none hangs
    QVERIFY(world.kills() > 10);
    QVERIFY(world.pool().figures().retries > 0);
    QCOMPARE(world.requests().size(), std::size_t(RequestCount));
    int completed = 0;
    for (const auto &[number, request] : world.requests()) {
        QVERIFY(request->processed <= 1);
        QCOMPARE(request->ends + request->failures + int(request->cancelled), 1); // each is answered once
        if (request->ends) {
            ++completed;
            QCOMPARE(request->processed, 1);
            QCOMPARE(request->reply, QByteArray("{}"));
        }
        if (request->failures)
            QVERIFY(request->processed == 1 || request->flight.retries() == Flight::RetriesMax);
    }
    QVERIFY(completed > RequestCount / 2);
    QCOMPARE(world.pool().figures().lanes.inFlight, 0);
    QCOMPARE(world.pool().figures().waiting, 0);
}

QTEST_GUILESS_MAIN(TestLaneKills)
#include "tst_lane_kills.moc"
