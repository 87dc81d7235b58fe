// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/http2_connection.h"

#include "http/limits.h"
#include "simulator/simulator.h"
#include "support/http2_caller.h"
#include <memory>
#include <QTest>

using namespace weir;
using namespace weir::simulator;
using test::Http2Caller;
using test::Seen;

class TestHttp2Connection : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void recordsWhatArrives();
    void refusesLargeBodies();
    void understandsPrefaceInPieces();
    void tellsStreamsMax();
    void answersStreamsSideBySide();
    void noticesCancelledStream();
    void noticesThatCallerLeft();
    void breaksOffStream_data();
    void breaksOffStream();
    void breaksOffConnection_data();
    void breaksOffConnection();
    void goesAwayGracefully();
    void refusesByGoAway();
    void keepsFlowControl();
    void closesOnGarbage();

private:
    std::unique_ptr<Simulator> simulator;
    std::unique_ptr<Http2Caller> caller;
    QList<Arrived> served;
};

void TestHttp2Connection::init()
{
    served.clear();
    Options options;
    options.chunkGapMs = 0;
    options.chunkCount = 4;
    options.streamsMax = 7;
    simulator = std::make_unique<Simulator>(options);
    connect(simulator.get(), &Simulator::served, this, [this](const Arrived &record) { served += record; });
    const auto port = simulator->listen();
    QVERIFY(port);
    caller = std::make_unique<Http2Caller>(*port);
    QTRY_COMPARE(caller->socket.state(), QAbstractSocket::ConnectedState);
}

void TestHttp2Connection::cleanup()
{
    caller.reset();
    simulator.reset();
}

void TestHttp2Connection::recordsWhatArrives()
{
    const QByteArray body =
        R"({"model":"m","x":")" + QByteArray(3'000'000, 'x') + "\"}"; // more than the window
    const std::int32_t id = caller->request("/v1/messages?beta=true", body);
    QTRY_VERIFY(caller->streams[id].isClosed);
    QCOMPARE(caller->streams[id].code, std::uint32_t(NGHTTP2_NO_ERROR));
    QVERIFY(caller->streams[id].fields.startsWith(":status=200;content-type=application/json;"));
    QCOMPARE(served.size(), 1);
    QCOMPARE(served[0].protocol, "h2");
    QCOMPARE(served[0].method, "POST");
    QCOMPARE(served[0].target, "/v1/messages?beta=true");
    QCOMPARE(served[0].headers, "host: localhost\nx-api-key: k\n");
    QVERIFY(served[0].body == body);
    QVERIFY(served[0].completed);
}

void TestHttp2Connection::refusesLargeBodies()
{
    const std::int32_t id = caller->request("/v1/messages", QByteArray(http::BodyMaxDefault + 1, ' '));
    QTRY_VERIFY(caller->streams[id].isClosed);
    QCOMPARE(caller->streams[id].code, std::uint32_t(NGHTTP2_CANCEL));
    const std::int32_t next = caller->message("m", false);
    QTRY_VERIFY(caller->streams[next].isClosed);
    QCOMPARE(served.size(), 1);
}

void TestHttp2Connection::understandsPrefaceInPieces()
{
    const QByteArray start = caller->output();
    QVERIFY(start.startsWith(QByteArray(Http2Preface.data(), qsizetype(Http2Preface.size()))));
    for (const char byte : start) {
        caller->socket.write(&byte, 1);
        caller->socket.flush();
        QCoreApplication::processEvents();
    }
    const std::int32_t id = caller->message("m", false);
    QTRY_VERIFY(caller->streams[id].isClosed);
}

void TestHttp2Connection::tellsStreamsMax()
{
    caller->send();
    QTRY_COMPARE(
        nghttp2_session_get_remote_settings(caller->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
        std::uint32_t(7));
}

void TestHttp2Connection::answersStreamsSideBySide()
{
    const std::int32_t waiting = caller->message("sim-gap-3600000", true);
    const std::int32_t silent = caller->message("sim-silent", true);
    const std::int32_t quick = caller->message("m", true);
    QTRY_VERIFY(caller->streams[quick].isClosed);
    QVERIFY(caller->streams[quick].body.endsWith("\"message_stop\"}\n\n"));
    QTRY_VERIFY(caller->streams[waiting].body.endsWith("\"Hello\"}}\n\n"));
    QVERIFY(!caller->streams[waiting].isClosed);
    QVERIFY(!caller->streams[silent].isClosed);
    QCOMPARE(served.size(), 1);
}

void TestHttp2Connection::noticesCancelledStream()
{
    const std::int32_t waiting = caller->message("sim-gap-3600000", true);
    const std::int32_t other = caller->message("sim-gap-3600000", true);
    QTRY_VERIFY(caller->streams[waiting].body.contains("Hello"));
    caller->cancel(waiting);
    QTRY_COMPARE(served.size(), 1);
    QVERIFY(served[0].cancelled);
    QVERIFY(!served[0].completed);
    QCOMPARE(served[0].status, 200);
    QVERIFY(!caller->streams[other].isClosed);
    QVERIFY(!caller->closed);
}

void TestHttp2Connection::noticesThatCallerLeft()
{
    caller->message("sim-gap-3600000", true);
    const std::int32_t last = caller->message("sim-silent-after-head", true);
    QTRY_VERIFY(!caller->streams[last].fields.isEmpty());
    caller->socket.abort();
    QTRY_COMPARE(served.size(), 2);
    QVERIFY(served[0].cancelled && served[1].cancelled);
}

void TestHttp2Connection::breaksOffStream_data()
{
    QTest::addColumn<QByteArray>("fields"); // within the head; empty = no head
    QTest::addColumn<bool>("hasContent");
    QTest::addColumn<int>("code");
    const QByteArray ok = ":status=200;";
    QTest::newRow("sim-reset-before") << QByteArray() << false << int(NGHTTP2_INTERNAL_ERROR);
    QTest::newRow("sim-reset-after-head") << ok << false << int(NGHTTP2_INTERNAL_ERROR);
    QTest::newRow("sim-reset-mid-stream") << ok << true << int(NGHTTP2_INTERNAL_ERROR);
    QTest::newRow("sim-rst-refused") << QByteArray() << false << int(NGHTTP2_REFUSED_STREAM);
    QTest::newRow("sim-truncated-length") << ok << true << int(NGHTTP2_NO_ERROR);
    QTest::newRow("sim-garbage-status")
        << QByteArray(":status=banana split;") << true << int(NGHTTP2_NO_ERROR);
    QTest::newRow("sim-bad-header") << QByteArray("x-simulated=one\r\nx-injected: two;") << true
                                    << int(NGHTTP2_NO_ERROR);
    QTest::newRow("sim-redirect") << QByteArray("location=/redirected;") << false << int(NGHTTP2_NO_ERROR);
    QTest::newRow("sim-no-done") << ok << true << int(NGHTTP2_NO_ERROR);
}

void TestHttp2Connection::breaksOffStream()
{
    QFETCH(QByteArray, fields);
    QFETCH(bool, hasContent);
    for (const bool stream : {true, false}) {
        const std::int32_t id = caller->message(QTest::currentDataTag(), stream);
        QTRY_VERIFY(caller->streams[id].isClosed);
        const Seen &seen = caller->streams[id];
        QTEST(int(seen.code), "code");
        QVERIFY2(seen.fields.contains(fields) && seen.fields.isEmpty() == fields.isEmpty(),
                 seen.fields.constData());
        QCOMPARE(seen.body.contains(stream ? "message_start" : "\"id\":\"msg_"), hasContent);
    }
    QTRY_COMPARE(served.size(), 2);
    QVERIFY(!caller->closed); // the connection lives on
}

void TestHttp2Connection::breaksOffConnection_data()
{
    QTest::addColumn<bool>("hasHead");
    QTest::addColumn<bool>("hasContent");
    QTest::addColumn<int>("goAways");
    QTest::newRow("sim-close-before") << false << false << 0;
    QTest::newRow("sim-close-after-head") << true << false << 0;
    QTest::newRow("sim-close-mid-stream") << true << true << 0;
    QTest::newRow("sim-goaway-mid") << true << true << 1;
}

void TestHttp2Connection::breaksOffConnection()
{
    QFETCH(bool, hasHead);
    QFETCH(bool, hasContent);
    const std::int32_t other = caller->message("sim-silent-after-head", true);
    QTRY_VERIFY(!caller->streams[other].fields.isEmpty()); // and so SETTINGS are exchanged: nothing is unread
    const std::int32_t id = caller->message(QTest::currentDataTag(), true);
    QTRY_VERIFY(caller->closed);
    const Seen &seen = caller->streams[id];
    QCOMPARE(!seen.fields.isEmpty(), hasHead);
    QCOMPARE(seen.body.contains("message_start"), hasContent);
    QVERIFY(!seen.body.contains("message_stop"));
    QTEST(caller->goAways, "goAways");
    if (caller->goAways)
        QCOMPARE(caller->goAwayCode, std::uint32_t(NGHTTP2_INTERNAL_ERROR));
    QTRY_COMPARE(served.size(), 2);
    for (const Arrived &record : std::as_const(served))
        QVERIFY(!record.completed && !record.cancelled);
}

void TestHttp2Connection::goesAwayGracefully()
{
    const std::int32_t before = caller->message("sim-chunks-2+gap-1", true);
    const std::int32_t id = caller->message("sim-goaway-graceful", true);
    QTRY_VERIFY(caller->closed);
    QCOMPARE(caller->goAwayCode, std::uint32_t(NGHTTP2_NO_ERROR));
    QCOMPARE(caller->goAwayLastId, id);
    for (const std::int32_t each : {before, id})
        QVERIFY(caller->streams[each].body.endsWith("\"message_stop\"}\n\n"));
    QCOMPARE(served.size(), 2);
    QVERIFY(served[0].completed && served[1].completed);
}

void TestHttp2Connection::refusesByGoAway()
{
    const std::int32_t before = caller->message("sim-slow-first-byte-1", false);
    const std::int32_t refused = caller->message("sim-goaway-calm", false);
    QTRY_COMPARE(caller->goAways, 1);
    QCOMPARE(caller->goAwayCode, std::uint32_t(NGHTTP2_ENHANCE_YOUR_CALM));
    QCOMPARE(caller->goAwayLastId, before);
    QTRY_VERIFY(caller->streams[before].isClosed);
    QVERIFY(caller->streams[before].fields.startsWith(":status=200;"));
    QVERIFY(caller->streams[refused].fields.isEmpty());
}

void TestHttp2Connection::keepsFlowControl()
{
    constexpr qsizetype Size = 20'000'000; // many times the caller's windows
    const std::int32_t streamed = caller->message("sim-chunks-1000+bytes-20000000", true);
    const std::int32_t whole = caller->message("sim-bytes-20000000", false);
    QTRY_VERIFY(caller->streams[streamed].isClosed && caller->streams[whole].isClosed);
    QVERIFY(caller->streams[streamed].body.size() > Size);
    QVERIFY(caller->streams[streamed].body.endsWith("\"message_stop\"}\n\n"));
    QVERIFY(caller->streams[whole].body.size() > Size);
}

void TestHttp2Connection::closesOnGarbage()
{
    caller->send();
    caller->socket.write(QByteArray(64, '\xff'));
    QTRY_VERIFY(caller->closed);
    QVERIFY(served.isEmpty());
}

QTEST_GUILESS_MAIN(TestHttp2Connection)
#include "tst_http2_connection.moc"
