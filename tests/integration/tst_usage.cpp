// SPDX-License-Identifier: GPL-3.0-or-later
// What the engine keeps of its requests: each once, with the provider's own figures, and no secret.
#include "integration/kept_usage.h"
#include "integration/proxy_fixture.h"
#include "metrics/recorder.h"
#include "store/usage_writer.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

using namespace weir;
using test::bodyOf;
using test::KeptUsage;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;

namespace {

const auto Kept = [](config::Config &config) { config.store.enabled = true; };

/// All numbers that `field` has in a reply.
std::vector<qint64> numbers(const QByteArray &reply, const char *field)
{
    std::vector<qint64> found;
    const QRegularExpression pattern(QStringLiteral("\"%1\":(\\d+)").arg(QLatin1String(field)));
    auto matches = pattern.globalMatch(QString::fromUtf8(reply));
    while (matches.hasNext())
        found.push_back(matches.next().captured(1).toLongLong());
    return found;
}

QByteArray get(quint16 port, const QByteArray &target, const QByteArray &headers = {})
{
    RawClient client(port);
    client.send("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + "\r\n");
    return client.takeResponse();
}

QByteArray usageWord(quint16 port)
{
    return QJsonDocument::fromJson(bodyOf(get(port, "/health")))
        .object()[QLatin1String("usage")]
        .toString()
        .toLatin1();
}

bool stop(engine::EngineHost &host)
{
    host.stop();
    return QTest::qWaitFor([&] { return host.state() == engine::EngineHost::State::Stopped; }, 15'000);
}

/// One small request, answered with 200.
bool sendOne(quint16 port)
{
    RawClient client(port);
    client.send(postRequest("/v1/messages", R"({"model":"sim-ok","max_tokens":5,"messages":[]})"));
    return statusOf(client.takeResponse()) == 200;
}

} // namespace

class TestUsage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsEveryRequestOnce();
    void goesOnAfterARestart();
    void keepsWhatIsCutAtTheEnd();
    void keepsMoreThanABatchHolds();
    void keepsNoCredential();
    void tellsCallersApart();
    void goesOnWithoutADisk();
    void leavesADatabaseInUseAlone();
    void keepsNothingWhereItIsOff();
    void answersTheAdmin();
    void tellsTheAdminOfWhatHasJustEnded();
    void refusesOthers_data();
    void refusesOthers();
    void removesWhatIsOld();
};

void TestUsage::keepsEveryRequestOnce()
{
    const KeptUsage kept;
    qint64 input = 0;
    qint64 output = 0;
    {
        ProxyFixture proxy({}, Kept);
        QCOMPARE(usageWord(proxy.port()), QByteArray("saved"));
        for (int at = 0; at < 8; ++at) {
            RawClient client(proxy.port());
            const QByteArray stream = at % 2 == 0 ? R"(,"stream":true)" : "";
            client.send(
                postRequest("/v1/messages", R"({"model":"sim-chunks-6+gap-1","max_tokens":5)" + stream +
                                                R"(,"messages":[{"role":"user","content":"a b c"}]})"));
            const QByteArray reply = client.takeResponse();
            QCOMPARE(statusOf(reply), 200);
            input += numbers(reply, "input_tokens").front();
            output += numbers(reply, "output_tokens").back();
        }
        for (int at = 0; at < 4; ++at) {
            RawClient client(proxy.port());
            const QByteArray stream =
                at % 2 == 0 ? R"(,"stream":true,"stream_options":{"include_usage":true})" : "";
            client.send(
                postRequest("/v1/chat/completions", R"({"model":"sim-ok")" + stream +
                                                        R"(,"messages":[{"role":"user","content":"x"}]})"));
            const QByteArray reply = client.takeResponse();
            QCOMPARE(statusOf(reply), 200);
            input += numbers(reply, "prompt_tokens").back();
            output += numbers(reply, "completion_tokens").back();
        }
        for (const char *fault : {"sim-error-429", "sim-error-500", "sim-close-before"}) {
            RawClient client(proxy.port());
            client.send(postRequest("/v1/messages", QByteArray(R"({"model":")") + fault +
                                                        R"(","max_tokens":5,"messages":[]})"));
            QVERIFY(statusOf(client.takeResponse()) >= 400);
        }
        RawClient leaver(proxy.port());
        leaver.send(
            postRequest("/v1/messages",
                        R"({"model":"sim-chunks-900+gap-20","stream":true,"max_tokens":5,"messages":[]})"));
        QVERIFY(leaver.waitFor("content_block_delta"));
        leaver.reset();
        get(proxy.port(), "/nothing"); // asks no provider for anything
        proxy.record(17);              // the last, with the path that there is not
        QVERIFY(stop(proxy.host));
    }
    QCOMPARE(kept.rows(), std::int64_t(16));
    QCOMPARE(kept.number("SELECT count(*) FROM usage WHERE outcome = 0 AND status = 200"), std::int64_t(12));
    QCOMPARE(kept.number("SELECT sum(input) FROM usage WHERE outcome = 0"), std::int64_t(input));
    QCOMPARE(kept.number("SELECT sum(output) FROM usage WHERE outcome = 0"), std::int64_t(output));
    QCOMPARE(kept.number("SELECT count(*) FROM usage WHERE is_estimated = 1"), std::int64_t(2)); // left, cut
    QCOMPARE(kept.number("SELECT sum(requests) FROM usage_hour"), std::int64_t(16));
    QCOMPARE(kept.number("SELECT sum(errors) FROM usage_hour"), std::int64_t(3));
    // What the provider refused cost nothing; what the rest cost, nobody knows.
    QCOMPARE(kept.number("SELECT count(*) FROM usage WHERE cost_micros IS NOT NULL"), std::int64_t(2));
    QCOMPARE(kept.number("SELECT sum(cost_micros) FROM usage"), std::int64_t(0));
}

void TestUsage::goesOnAfterARestart()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    for (int run = 1; run <= 3; ++run) {
        // Each engine numbers its exchanges from 1: they must not be taken for those of the one before.
        QVERIFY(sendOne(proxy.port()) && sendOne(proxy.port()));
        QVERIFY(stop(proxy.host));
        QCOMPARE(kept.rows(), std::int64_t(2 * run));
        proxy.host.start(std::make_shared<const config::Config>(proxy.host.config()));
        QTRY_COMPARE(proxy.host.state(), engine::EngineHost::State::Running);
    }
}

void TestUsage::keepsWhatIsCutAtTheEnd()
{
    const KeptUsage kept;
    {
        ProxyFixture proxy({}, Kept);
        QVERIFY(sendOne(proxy.port()));
        RawClient client(proxy.port());
        client.send(
            postRequest("/v1/messages",
                        R"({"model":"sim-chunks-900+gap-20","stream":true,"max_tokens":5,"messages":[]})"));
        QVERIFY(client.waitFor("content_block_delta"));
    } // nobody has called stop()
    QCOMPARE(kept.rows(), std::int64_t(2));
}

void TestUsage::keepsMoreThanABatchHolds()
{
    const KeptUsage kept;
    constexpr int Count = int(metrics::Recorder::RecordBatchMax) + 600;
    {
        ProxyFixture proxy({}, [](config::Config &config) {
            Kept(config);
            config.providers.front().openaiBase = "http://127.0.0.1:1/v1"; // nobody is there
        });
        RawClient client(proxy.port());
        // They fail in no time, one after another in one piece, so that more end between two ticks than the
        // batch has room for.
        const QByteArray failing = "GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: k\r\n\r\n";
        client.send(failing.repeated(Count));
        for (int at = 0; at < Count; ++at)
            QVERIFY(statusOf(client.takeResponse()) >= 502);
        QVERIFY(stop(proxy.host));
        QCOMPARE(proxy.host.liveFeed()->snapshot().recordsLost, std::uint64_t(0));
        QCOMPARE(proxy.host.liveFeed()->recordCount(), std::uint64_t(Count));
    }
    QCOMPARE(kept.rows(), std::int64_t(Count));
}

void TestUsage::keepsNoCredential()
{
    const KeptUsage kept;
    const QByteArray secret = "sk-live-0123456789abcdef";
    ProxyFixture proxy({}, Kept);
    RawClient client(proxy.port());
    client.send("POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + secret +
                "\r\nContent-Type: application/json\r\nContent-Length: 47\r\n\r\n"
                R"({"model":"sim-ok","max_tokens":5,"messages":[]})");
    QCOMPARE(statusOf(client.takeResponse()), 200);
    QVERIFY(proxy.arrived.front().headers.contains(secret)); // it did pass
    QTRY_COMPARE(proxy.host.saving().written, std::int64_t(1));
    const QByteArray running = kept.bytes(); // the write-ahead log, too
    QVERIFY(running.contains("sim-ok"));     // what is looked for would be found
    QVERIFY(!running.contains(secret) && !running.contains(secret.mid(8)));
    QVERIFY(stop(proxy.host));
    QVERIFY(!kept.bytes().contains(secret.mid(8)));
}

void TestUsage::tellsCallersApart()
{
    const KeptUsage kept;
    const auto ask = [](quint16 port, const QByteArray &key) {
        return statusOf(get(port, "/v1/models", "x-api-key: " + key + "\r\n"));
    };
    for (int run = 0; run < 2; ++run) { // the same after a restart
        ProxyFixture proxy({}, Kept);
        for (const char *key : {"one", "two", "two"})
            QCOMPARE(ask(proxy.port(), key), 200);
        QVERIFY(stop(proxy.host));
    }
    QCOMPARE(kept.number("SELECT count(DISTINCT caller) FROM usage"), std::int64_t(2));
    QCOMPARE(kept.number("SELECT max(n) FROM (SELECT count(*) AS n FROM usage GROUP BY caller)"),
             std::int64_t(4));
    QCOMPARE(kept.number("SELECT count(*) FROM usage WHERE caller = ''"), std::int64_t(0));
}

void TestUsage::goesOnWithoutADisk()
{
    const KeptUsage kept;
    QFile inTheWay(kept.folder());
    QVERIFY(inTheWay.open(QIODevice::WriteOnly)); // a file where the folder should be
    ProxyFixture proxy({}, Kept);
    QVERIFY(sendOne(proxy.port()));
    QCOMPARE(usageWord(proxy.port()), QByteArray("store_unavailable"));
    QVERIFY(!get(proxy.port(), "/health").contains(kept.folder().toUtf8())); // that word is all
    QVERIFY(proxy.host.saving().isTrouble());
    QVERIFY(QString::fromStdString(proxy.host.saving().reason).contains(kept.folder()));

    QVERIFY(inTheWay.remove());
    QTRY_COMPARE_WITH_TIMEOUT(usageWord(proxy.port()), QByteArray("saved"), 15'000);
    QVERIFY(sendOne(proxy.port()));
    QVERIFY(stop(proxy.host));
    QCOMPARE(kept.rows(), std::int64_t(2)); // that of before has waited
}

void TestUsage::leavesADatabaseInUseAlone()
{
    const KeptUsage kept;
    ProxyFixture first({}, Kept);
    ProxyFixture second({}, Kept);
    QVERIFY(sendOne(second.port()));
    QCOMPARE(usageWord(first.port()), QByteArray("saved"));
    QCOMPARE(usageWord(second.port()), QByteArray("store_in_use"));
    QVERIFY(kept.admin());
    QCOMPARE(kept.admin()->address, first.host.address().toUtf8());
    QVERIFY(stop(first.host));
    QTRY_COMPARE_WITH_TIMEOUT(usageWord(second.port()), QByteArray("saved"), 15'000); // its turn
    QVERIFY(stop(second.host));
    QCOMPARE(kept.rows(), std::int64_t(1));
}

void TestUsage::keepsNothingWhereItIsOff()
{
    const KeptUsage kept;
    ProxyFixture proxy;
    QVERIFY(sendOne(proxy.port()));
    QCOMPARE(usageWord(proxy.port()), QByteArray("off"));
    QCOMPARE(statusOf(get(proxy.port(), "/stats/all", "Authorization: Bearer x\r\n")), 503);
    QVERIFY(stop(proxy.host));
    QVERIFY(!QFile::exists(kept.folder()));
}

void TestUsage::answersTheAdmin()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    QVERIFY(sendOne(proxy.port()));
    QTRY_COMPARE(proxy.host.saving().written, std::int64_t(1));
    QTRY_VERIFY(kept.admin());
    const QByteArray token = "Authorization: Bearer " + kept.admin()->token + "\r\n";
    const QFileDevice::Permissions owners =
        QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ReadUser | QFileDevice::WriteUser;
    QCOMPARE(QFile::permissions(kept.adminFile()), owners);

    const QByteArray answer = get(proxy.port(), "/stats/all?by=model&since=1h", token);
    QCOMPARE(statusOf(answer), 200);
    const QJsonObject report = QJsonDocument::fromJson(bodyOf(answer)).object();
    QCOMPARE(report[QLatin1String("by")].toString(), QStringLiteral("model"));
    const QJsonArray rows = report[QLatin1String("rows")].toArray();
    QCOMPARE(rows.size(), qsizetype(1));
    QCOMPARE(rows[0].toObject()[QLatin1String("name")].toString(), QStringLiteral("sim-ok"));
    QVERIFY(rows[0].toObject()[QLatin1String("output")].toInteger() > 0);
    QVERIFY(answer.contains(R"("cost_micros":null)")); // no price is known, which is no 0
    QCOMPARE(statusOf(get(proxy.port(), "/stats/all?by=phase", token)), 400);
    QVERIFY(get(proxy.port(), "/health", token).contains(R"("written":1)"));
    QVERIFY(!get(proxy.port(), "/health").contains("written"));
    // A body nobody wants is thrown away, and the connection goes on.
    RawClient client(proxy.port());
    client.send("GET /stats/all HTTP/1.1\r\nHost: 127.0.0.1\r\n" + token + "Content-Length: 3\r\n\r\nabc");
    QCOMPARE(statusOf(client.takeResponse()), 200);
    client.send("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    QCOMPARE(statusOf(client.takeResponse()), 200);

    QVERIFY(stop(proxy.host));
    QVERIFY(!QFile::exists(kept.adminFile()) && !QFile::exists(kept.socket())); // nobody is left to be asked
}

void TestUsage::tellsTheAdminOfWhatHasJustEnded()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    QTRY_VERIFY(kept.admin());
    const QByteArray token = "Authorization: Bearer " + kept.admin()->token + "\r\n";
    for (int sent = 1; sent <= 5; ++sent) { // more than would end by chance at a tick
        QVERIFY(sendOne(proxy.port()));
        const QByteArray answer = get(proxy.port(), "/stats/all", token);
        const QJsonObject report = QJsonDocument::fromJson(bodyOf(answer)).object();
        QCOMPARE(report[QLatin1String("total")][QLatin1String("requests")].toInt(), sent);
    }
}

void TestUsage::refusesOthers_data()
{
    QTest::addColumn<QByteArray>("headers");
    QTest::addColumn<int>("status");
    QTest::newRow("no token") << QByteArray() << 401;
    QTest::newRow("another one") << QByteArray("Authorization: Bearer " + QByteArray(64, '0') + "\r\n")
                                 << 401;
    QTest::newRow("an empty one") << QByteArray("Authorization: Bearer \r\n") << 401;
    QTest::newRow("a web page") << QByteArray("Origin: https://evil.example\r\n") << 403;
    QTest::newRow("its frame") << QByteArray("Sec-Fetch-Site: cross-site\r\n") << 403;
}

void TestUsage::refusesOthers()
{
    QFETCH(QByteArray, headers);
    QFETCH(int, status);
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    const QByteArray answer = get(proxy.port(), "/stats/all?by=caller", headers);
    QCOMPARE(statusOf(answer), status);
    QVERIFY(!answer.contains("rows"));
}

void TestUsage::removesWhatIsOld()
{
    const KeptUsage kept;
    constexpr std::int64_t DayMs = 86'400'000;
    const std::int64_t now = base::SystemClock().wallNow();
    {
        QDir().mkpath(kept.folder());
        const auto database = kept.open();
        QVERIFY(database);
        std::vector<store::UsageRow> rows(2);
        rows[0].sequence = 1;
        rows[0].at = now - 3 * DayMs;
        rows[1].sequence = 2;
        rows[1].at = now;
        QVERIFY(store::writeUsage(*database, rows));
    }
    ProxyFixture proxy({}, [](config::Config &config) {
        config.store.enabled = true;
        config.store.keepDays = 2;
    });
    QTest::qWait(int(2'000)); // it is looked for a second after the start
    QVERIFY(stop(proxy.host));
    QCOMPARE(kept.rows(), std::int64_t(1));
    QCOMPARE(kept.number("SELECT sum(requests) FROM usage_hour"), std::int64_t(2)); // sums stay
}

QTEST_GUILESS_MAIN(TestUsage)
#include "tst_usage.moc"
