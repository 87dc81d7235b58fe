// SPDX-License-Identifier: GPL-3.0-or-later
// What a client learns of a limit, whose it is, and which of them it has run into.
#include "integration/limits_fixture.h"

using namespace weir;
using test::account;
using test::ask;
using test::billed;
using test::body;
using test::bodyOf;
using test::errorOf;
using test::header;
using test::keepKeys;
using test::KeptKey;
using test::KeptUsage;
using test::postRequest;
using test::ProxyFixture;
using test::putKey;
using test::RawClient;
using test::statusOf;
using test::windowOf;

class TestLimitReplies : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhichLimit_data();
    void tellsWhichLimit();
    void holdsEverybodyToTheLimitsOfAll();
    void limitsRequestsAndConcurrentOnes();
    void refusesWhatItCannotRead();
    void reportsWhereAsked();
};

void TestLimitReplies::tellsWhichLimit_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<bool>("fits");
    QTest::newRow("Anthropic") << QByteArray("/v1/messages") << true;
    QTest::newRow("OpenAI") << QByteArray("/v1/chat/completions") << true;
    QTest::newRow("larger than the limit, Anthropic") << QByteArray("/v1/messages") << false;
    QTest::newRow("larger than the limit, OpenAI") << QByteArray("/v1/chat/completions") << false;
}

void TestLimitReplies::tellsWhichLimit()
{
    QFETCH(QByteArray, path);
    QFETCH(bool, fits);
    const KeptUsage kept;
    const KeptKey key = putKey(kept, "told", windowOf(200));
    ProxyFixture proxy({}, keepKeys);
    std::int64_t used = 0;
    if (fits) {
        const QByteArray first = ask(proxy.port(), key.post("/v1/messages", body("sim-ok", 20)));
        QCOMPARE(statusOf(first), 200);
        used = billed(first);
    }
    const QByteArray reply = ask(proxy.port(), key.post(path, body("sim-ok", fits ? 170 : 300)));
    QCOMPARE(statusOf(reply), 429);
    const QJsonObject error = errorOf(reply);
    const bool isAnthropic = path == "/v1/messages";
    QCOMPARE(error[QLatin1String("type")].toString(),
             isAnthropic ? QStringLiteral("rate_limit_error") : QStringLiteral("rate_limit_exceeded"));
    if (isAnthropic)
        QVERIFY(bodyOf(reply).contains(R"("type":"error")"));
    else
        QCOMPARE(error[QLatin1String("code")].toString(), QStringLiteral("limit_reached"));
    QCOMPARE(error[QLatin1String("limit")].toString(), QStringLiteral("tokens_per_window"));
    QCOMPARE(error[QLatin1String("tokens_used")].toInteger(), qint64(used));
    QCOMPARE(error[QLatin1String("tokens_limit")].toInteger(), qint64(200));
    const QString message = error[QLatin1String("message")].toString();
    QVERIFY2(message.contains(QLatin1String("tokens_per_window of the access key 'told'")),
             qPrintable(message));
    QCOMPARE(header(reply, "x-should-retry"), QByteArray("false")); // for hours, or for ever
    if (!fits) {
        QVERIFY(header(reply, "Retry-After").isEmpty());
        QVERIFY(error[QLatin1String("window_ends_at")].isNull());
        return;
    }
    const int seconds = header(reply, "Retry-After").toInt();
    QVERIFY(seconds > 4 * 3600 && seconds <= 5 * 3600 + 300);
    const QDateTime ends =
        QDateTime::fromString(error[QLatin1String("window_ends_at")].toString(), Qt::ISODateWithMs);
    QVERIFY(qAbs(QDateTime::currentDateTimeUtc().secsTo(ends) - seconds) < 5);
}

void TestLimitReplies::holdsEverybodyToTheLimitsOfAll()
{
    const KeptUsage kept;
    const KeptKey key = putKey(kept, "one", keys::Limits{});
    ProxyFixture proxy({}, [](config::Config &config) {
        keepKeys(config);
        config.limits.tokensPerDay = 200;
    });
    const QByteArray first = ask(proxy.port(), key.post("/v1/messages", body("sim-ok", 20)));
    QCOMPARE(statusOf(first), 200);
    for (const QByteArray &request :
         {postRequest("/v1/messages", body("sim-ok", 170)), key.post("/v1/messages", body("sim-ok", 170))}) {
        const QByteArray refused = ask(proxy.port(), request);
        QCOMPARE(statusOf(refused), 429);
        QVERIFY(refused.contains("tokens_per_day of all requests together"));
        QCOMPARE(errorOf(refused)[QLatin1String("tokens_used")].toInteger(), qint64(billed(first)));
    }
    QCOMPARE(account(proxy, 0).refused, std::uint64_t(2));
    QCOMPARE(statusOf(ask(proxy.port(), postRequest("/v1/messages", body("sim-ok", 20)))), 200);
}

void TestLimitReplies::limitsRequestsAndConcurrentOnes()
{
    const KeptUsage kept;
    keys::Limits limits;
    limits.concurrent = 2;
    const KeptKey few = putKey(kept, "few", limits);
    limits = {};
    limits.requestsPerMinute = 3;
    const KeptKey slow = putKey(kept, "slow", limits);
    ProxyFixture proxy({}, keepKeys);
    const QByteArray small = body("sim-ok", 5);
    const QByteArray longer = body("sim-slow-first-byte-500", 5);
    RawClient one(proxy.port());
    RawClient two(proxy.port());
    one.send(few.post("/v1/messages", longer));
    two.send(few.post("/v1/messages", longer));
    QTRY_COMPARE(proxy.arrived.size(), std::size_t(2));
    const QByteArray third = ask(proxy.port(), few.post("/v1/messages", small));
    QCOMPARE(statusOf(third), 429);
    QCOMPARE(errorOf(third)[QLatin1String("limit")].toString(), QStringLiteral("concurrent"));
    QCOMPARE(errorOf(third)[QLatin1String("requests_used")].toInteger(), qint64(2));
    QVERIFY(header(third, "x-should-retry").isEmpty()); // it may be over at any moment
    QCOMPARE(statusOf(one.takeResponse()), 200);
    QCOMPARE(statusOf(two.takeResponse()), 200);
    QCOMPARE(statusOf(ask(proxy.port(), few.post("/v1/messages", small))), 200);

    for (int at = 0; at < 3; ++at)
        QCOMPARE(statusOf(ask(proxy.port(), slow.post("/v1/messages", small))), 200);
    const QByteArray fourth = ask(proxy.port(), slow.post("/v1/messages", small));
    QCOMPARE(statusOf(fourth), 429);
    QCOMPARE(errorOf(fourth)[QLatin1String("limit")].toString(), QStringLiteral("requests_per_minute"));
    QVERIFY(header(fourth, "Retry-After").toInt() > 50 && header(fourth, "Retry-After").toInt() <= 61);
    QCOMPARE(account(proxy, slow.id).running, 0);
}

void TestLimitReplies::refusesWhatItCannotRead()
{
    const KeptUsage kept;
    const KeptKey key = putKey(kept, "unread", windowOf(10'000));
    ProxyFixture proxy({}, keepKeys);
    QCOMPARE(statusOf(ask(proxy.port(), key.post("/v1/messages", "{]"))), 400);
    QCOMPARE(statusOf(ask(proxy.port(),
                          key.post("/v1/messages", body("sim-ok", 5), "Content-Encoding: gzip\r\n"))),
             400);
    QVERIFY(proxy.arrived.empty());
    QCOMPARE(account(proxy, key.id).reserved, 0);
    QCOMPARE(account(proxy, key.id).running, 0);
    // Where nothing is limited nobody looks.
    QCOMPARE(statusOf(ask(proxy.port(), postRequest("/v1/messages", "{]"))), 400);
    QCOMPARE(proxy.arrived.size(), std::size_t(1));
}

void TestLimitReplies::reportsWhereAsked()
{
    const KeptUsage kept;
    const KeptKey key = putKey(kept, "report", windowOf(1000));
    ProxyFixture proxy({}, keepKeys);
    const QByteArray asks = "X-Weir-Report: limits\r\n";
    const QByteArray first = ask(proxy.port(), key.post("/v1/messages", body("sim-ok", 20)));
    QVERIFY(!first.toLower().contains("x-weir"));
    const QByteArray second = ask(proxy.port(), key.post("/v1/messages", body("sim-ok", 20), asks));
    const std::int64_t reserved = body("sim-ok", 20).size() / 4 + 20;
    QCOMPARE(header(second, "X-Weir-Tokens-Used").toLongLong(), qint64(billed(first) + reserved));
    QCOMPARE(header(second, "X-Weir-Tokens-Limit"), QByteArray("1000"));
    const QDateTime ends =
        QDateTime::fromString(QString::fromLatin1(header(second, "X-Weir-Window-Ends")), Qt::ISODateWithMs);
    QVERIFY(QDateTime::currentDateTimeUtc().secsTo(ends) > 4 * 3600);
    for (const simulator::Arrived &arrived : proxy.arrived)
        QVERIFY(!arrived.headers.toLower().contains("x-weir"));
    const QByteArray refused = ask(proxy.port(), key.post("/v1/messages", body("sim-ok", 2000), asks));
    QCOMPARE(statusOf(refused), 429);
    QCOMPARE(header(refused, "X-Weir-Tokens-Used").toLongLong(), qint64(billed(first) + billed(second)));
}

QTEST_GUILESS_MAIN(TestLimitReplies)
#include "tst_limit_replies.moc"
