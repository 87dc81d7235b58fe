// SPDX-License-Identifier: GPL-3.0-or-later
// Connections that end under load: each request gets one answer, and none is worked on twice. Random choices
// come from a fixed seed.
#include "integration/proxy_fixture.h"
#include "pipeline/flight.h"
#include "support/herd.h"

#include <array>
#include <iterator>
#include <random>

using namespace weir;
using test::countById;
using test::Herd;
using test::ProxyFixture;

namespace {

constexpr int Requests = 1000;
constexpr int AtOnce = 32;
constexpr int TimeoutMs = 90'000;

void eachKind()
{
    QTest::addColumn<bool>("isDirect");
    QTest::addColumn<bool>("http2");
    QTest::newRow("direct h2") << true << true;
    QTest::newRow("direct h1") << true << false;
    QTest::newRow("qnam h2") << false << true;
    QTest::newRow("qnam h1") << false << false;
}

std::unique_ptr<ProxyFixture> proxyOver(bool isDirect, bool http2)
{
    simulator::Options options;
    options.tls = http2;
    options.chunkCount = 5;
    options.chunkGapMs = 2; // so that there are streams to be killed
    return std::make_unique<ProxyFixture>(options, [isDirect](config::Config &config) {
        config.providers.front().transport = isDirect ? config::Transport::Direct : config::Transport::Qnam;
    });
}

bool isGood(const Herd::Answer &answer)
{
    return answer.status == 200 && answer.isWhole;
}

} // namespace

class TestLaneKills : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void losesAndDoublesNone_data() { eachKind(); }
    void losesAndDoublesNone();
    void goesAwayWithoutAnError();
    void neverDoublesOnAReusedConnection_data();
    void neverDoublesOnAReusedConnection();
};

void TestLaneKills::losesAndDoublesNone()
{
    QFETCH(bool, isDirect);
    QFETCH(bool, http2);
    const auto proxy = proxyOver(isDirect, http2);
    // The first ones say that they were not processed, and may come again.
    constexpr std::array Kills{"sim-rst-refused",  "sim-goaway-refused",   "sim-close-before",
                               "sim-reset-before", "sim-close-mid-stream", "sim-reset-mid-stream",
                               "sim-goaway-mid",   "sim-rst-mid-8",        "sim-goaway-graceful"};
    constexpr std::size_t Refusing = 2;
    constexpr std::size_t GoAway = 1;
    constexpr unsigned KillPercent = 10;
    std::mt19937 random(4); // NOLINT(cert-msc51-cpp): the same each time
    std::vector<std::size_t> kills(Requests, Kills.size());
    for (std::size_t &kill : kills) {
        if (random() % 100 < KillPercent)
            kill = random() % Kills.size();
    }
    Herd herd;
    const bool areOver = herd.run(
        proxy->port(), Requests, AtOnce,
        [&](int id) {
            const std::size_t kill = kills[std::size_t(id)];
            return QByteArray(kill < Kills.size() ? Kills.at(kill) : "sim-ok");
        },
        TimeoutMs);
    QVERIFY(areOver);
    const engine::LiveFeed &feed = *proxy->host.liveFeed();
    QTRY_COMPARE(feed.recordCount(), std::uint64_t(Requests));
    std::map<int, int> arrivals = countById(proxy->arrived);
    QVERIFY(!arrivals.contains(-1));
    int again = 0;
    for (int id = 0; id < Requests; ++id) {
        const std::vector<Herd::Answer> &answers = herd.answers()[std::size_t(id)];
        QVERIFY2(answers.size() == 1, qPrintable(QString::number(answers.size())));
        // Qt tells of a GOAWAY alone.
        const std::size_t kill = kills[std::size_t(id)];
        const bool mayComeAgain = http2 && kill < Refusing && (isDirect || kill == GoAway);
        again += arrivals[id] - 1;
        QVERIFY2(arrivals[id] <= (mayComeAgain ? 1 + pipeline::Flight::RetriesMax : 1),
                 qPrintable(QStringLiteral("request %1 (%2) came %3 times")
                                .arg(id)
                                .arg(QLatin1String(kill < Kills.size() ? Kills.at(kill) : "sim-ok"))
                                .arg(arrivals[id])));
        QVERIFY(arrivals[id] >= 1 || !isGood(answers[0]));
    }
    const int good = herd.count(isGood);
    qInfo("%d whole, %d cut, %d errors; %d sent again after proof", good,
          herd.count([](const auto &answer) { return !answer.isWhole; }),
          herd.count([](const auto &answer) { return answer.isWhole && answer.status != 200; }),
          isDirect && http2 ? again : 0);
    QVERIFY(good > Requests / 4); // a kill takes all with it that share the connection
}

void TestLaneKills::goesAwayWithoutAnError()
{
    const auto proxy = proxyOver(true, true);
    Herd herd;
    QVERIFY(herd.run(
        proxy->port(), Requests, AtOnce, [](int) { return QByteArray("sim-goaway-every-50"); }, TimeoutMs));
    QCOMPARE(herd.count(isGood), Requests);
    const std::map<int, int> arrivals = countById(proxy->arrived);
    QCOMPARE(arrivals.size(), std::size_t(Requests));
    QCOMPARE(proxy->arrived.size(), std::size_t(Requests));
    const engine::LiveFeed &feed = *proxy->host.liveFeed();
    QTRY_COMPARE(feed.recordCount(), std::uint64_t(Requests));
    QVERIFY(feed.snapshot().pools.front().goAways.value_or(0) >= 10);
}

void TestLaneKills::neverDoublesOnAReusedConnection_data()
{
    QTest::addColumn<bool>("isDirect");
    QTest::newRow("direct h1") << true;
    QTest::newRow("qnam h1") << false;
}

void TestLaneKills::neverDoublesOnAReusedConnection()
{
    QFETCH(bool, isDirect);
    constexpr int Pairs = 200;
    const auto proxy = proxyOver(isDirect, false);
    Herd herd;
    // The second of each pair goes out on a connection that closes as it arrives. Over HTTP/1.1 nothing tells
    // whether it was worked on, so it is not sent again.
    QVERIFY(herd.run(
        proxy->port(), 2 * Pairs, 1,
        [](int id) { return QByteArray(id % 2 ? "sim-ok+chunks-1" : "sim-reused-close+chunks-1"); },
        TimeoutMs));
    for (const auto &[id, count] : countById(proxy->arrived))
        QVERIFY2(count == 1, qPrintable(QStringLiteral("request %1 came %2 times").arg(id).arg(count)));
    const int errors = herd.count([](const auto &answer) { return answer.isWhole && answer.status == 502; });
    QCOMPARE(herd.count(isGood) + errors, 2 * Pairs);
    QCOMPARE(int(proxy->arrived.size()) + errors, 2 * Pairs);
    qInfo("%d of %d failed, none came twice", errors, Pairs);
}

QTEST_GUILESS_MAIN(TestLaneKills)
#include "tst_lane_kills.moc"
