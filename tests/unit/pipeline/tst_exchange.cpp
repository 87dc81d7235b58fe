// SPDX-License-Identifier: GPL-3.0-or-later
// Requests through the whole pipeline onto lanes that do what the test says.
#include "unit/pipeline/exchange_fixture.h"

using namespace weir;
using namespace weir::pipeline;
using test::Client;
using Fixture = test::ExchangeFixture;
using base::Errc;
using upstream::Priority;

class TestExchange : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void streamsABodyOfUnknownSize();
    void ranksRequests_data();
    void ranksRequests();
    void countsAFailedConnectionAsFailed();
    void recordsPoolAndRetries();
};

void TestExchange::streamsABodyOfUnknownSize()
{
    Fixture f;
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", std::nullopt);
    QVERIFY(intake);
    intake->body("more than ");
    f.lanes[0].connectNow();
    f.settle();
    QVERIFY(f.call().request.hasBody && !f.call().request.bodySize);
    intake->body("limits.body_hold");
    QCOMPARE(f.call().body, QByteArray("more than limits.body_hold"));
    QVERIFY(!f.call().bodyEnded);
    intake->bodyEnd();
    QVERIFY(f.call().bodyEnded);
    f.answer();
    QVERIFY(client.ended);
    QCOMPARE(client.body, QByteArray("{}"));
}

void TestExchange::ranksRequests_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("asked");
    QTest::addColumn<bool>("background");
    QTest::newRow("messages") << QByteArray("/v1/messages") << QByteArray() << false;
    QTest::newRow("token count") << QByteArray("/v1/messages/count_tokens") << QByteArray() << true;
    QTest::newRow("embeddings") << QByteArray("/v1/embeddings") << QByteArray() << true;
    QTest::newRow("anything else") << QByteArray("/v1/files") << QByteArray() << false;
    QTest::newRow("asked for") << QByteArray("/v1/messages") << QByteArray("background") << true;
    QTest::newRow("asked against") << QByteArray("/v1/embeddings") << QByteArray("Interactive") << false;
}

void TestExchange::ranksRequests()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, asked);
    QFETCH(bool, background);
    Fixture f;
    Client client;
    server::Intake *intake = f.begin(client, path.toStdString(), 2, asked.toStdString());
    QVERIFY(intake);
    f.lanes[0].connectNow();
    f.settle();
    QVERIFY(f.call().request.priority == (background ? Priority::Background : Priority::Interactive));
    QVERIFY(!f.call().request.headers.contains("x-weir-priority"));
    intake->abandon({Errc::ClientGone, {}});
}

void TestExchange::countsAFailedConnectionAsFailed()
{
    Fixture f;
    Client client;
    QVERIFY(f.begin(client, "/v1/messages", 2));
    f.lanes[0].die({Errc::UpstreamRefused, "https://api.example:443"});
    QCOMPARE(client.head.status, 502);
    QVERIFY(client.body.contains("refused the connection: https://api.example:443"));
    const metrics::RecordBatch batch = f.recorder.takeBatch();
    QCOMPARE(batch.size(), std::size_t(1));
    QCOMPARE(batch.front().outcome, metrics::Outcome::Failed);
    QVERIFY(!batch.front().gotLane);
}

void TestExchange::recordsPoolAndRetries()
{
    Fixture f;
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", 2);
    intake->body("{}");
    intake->bodyEnd();
    f.lanes[0].connectNow();
    f.settle();
    f.lanes[0].die({Errc::UpstreamClosed, {}}, upstream::Processed::No);
    f.settle();
    f.lanes[0].connectNow();
    f.settle();
    QCOMPARE(f.call().body, QByteArray("{}"));
    f.answer();
    QVERIFY(client.ended && client.head.status == 200);
    const metrics::RecordBatch batch = f.recorder.takeBatch();
    QCOMPARE(batch.size(), std::size_t(1));
    QCOMPARE(batch.front().retries, 1);
    QCOMPARE(batch.front().pool, 0);
    QVERIFY(batch.front().gotLane);
    QCOMPARE(batch.front().outcome, metrics::Outcome::Completed);
}

QTEST_GUILESS_MAIN(TestExchange)
#include "tst_exchange.moc"
