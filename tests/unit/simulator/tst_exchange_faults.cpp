// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/fault.h"

#include "fault_rig.h"
#include "raw_caller.h"
#include "raw_frames.h"
#include "simulator/gzip.h"
#include "support/http2_caller.h"
#include <QTest>

using namespace weir;
using namespace weir::simulator;
using test::Http2Caller;
using test::Seen;

/// Faults that carry a number, and valid replies that are not meant for a client. tst_behaviour and the
/// connections' tests have the others.
class TestExchangeFaults : public QObject, private FaultRig
{
    Q_OBJECT
private Q_SLOTS:
    void init() { start(); }
    void resetsWithCode_data();
    void resetsWithCode();
    void goesAwayEachSoManyReplies();
    void refusesNoStreamThatItAnswers();
    void closesAsNextRequestArrives();
    void closesWithoutLastChunk_data();
    void closesWithoutLastChunk();
    void sendsDataBeforeHead();
    void answersWrongLengths_data();
    void answersWrongLengths();
    void answersValidButUnwanted_data();
    void answersValidButUnwanted();
    void sendsBomb();
};

void TestExchangeFaults::resetsWithCode_data()
{
    QTest::addColumn<quint32>("code");
    for (std::uint32_t code = NGHTTP2_NO_ERROR; code <= NGHTTP2_HTTP_1_1_REQUIRED; ++code)
        QTest::addRow("%u", code) << quint32(code);
    QTest::addRow("unknown to the standard") << quint32(0xFFFFFFFF);
}

void TestExchangeFaults::resetsWithCode()
{
    QFETCH(quint32, code);
    Http2Caller caller(port);
    QTRY_COMPARE(caller.socket.state(), QAbstractSocket::ConnectedState);
    for (const bool hasHead : {false, true}) {
        const std::int32_t id =
            caller.message((hasHead ? "sim-rst-mid-" : "sim-rst-") + QByteArray::number(code), true);
        QTRY_VERIFY(caller.streams[id].isClosed);
        QCOMPARE(caller.streams[id].code, code);
        QCOMPARE(!caller.streams[id].fields.isEmpty(), hasHead);
        QCOMPARE(caller.streams[id].body.contains("message_start"), hasHead);
    }
    QTRY_COMPARE(served.size(), 2);
    QVERIFY(!served[1].completed && !served[1].cancelled);
}

void TestExchangeFaults::goesAwayEachSoManyReplies()
{
    Caller plain(port);
    const QByteArray request = message("sim-goaway-every-2", false);
    plain.send(request);
    QTRY_COMPARE(served.size(), 1);
    QVERIFY(!plain.received.contains("Connection: close"));
    plain.send(request);
    QTRY_VERIFY(plain.closed);
    QCOMPARE(plain.received.count("Connection: close\r\n"), 1);

    Http2Caller caller(port);
    QTRY_COMPARE(caller.socket.state(), QAbstractSocket::ConnectedState);
    const std::int32_t first = caller.message("sim-goaway-every-2", false);
    QTRY_VERIFY(caller.streams[first].isClosed);
    QCOMPARE(caller.goAways, 0);
    const std::int32_t second = caller.message("sim-goaway-every-2", false);
    QTRY_VERIFY(caller.closed);
    QCOMPARE(caller.goAways, 1);
    QCOMPARE(caller.goAwayLastId, second);
    QVERIFY(caller.streams[second].isClosed && !caller.streams[second].body.isEmpty());
    QCOMPARE(served.size(), 4);
}

/// A GOAWAY must not name a stream as unprocessed that is answered as well: the caller would send it again.
void TestExchangeFaults::refusesNoStreamThatItAnswers()
{
    Http2Caller caller(port);
    QTRY_COMPARE(caller.socket.state(), QAbstractSocket::ConnectedState);
    constexpr int Count = 20;
    QByteArray frames = caller.output();
    for (int index = 0; index < Count; ++index) {
        const auto id = std::uint32_t(2 * index + 1);
        frames += http2Frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, id,
                             http2Field(":method", "POST") + http2Field(":scheme", "http") +
                                 http2Field(":path", "/v1/messages") + http2Field(":authority", "localhost"));
        frames += http2Frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, id, R"({"model":"sim-goaway-every-7"})");
    }
    Caller raw(port);
    raw.send(frames); // all at once, so that the seventh reply begins while others wait to be read
    QTRY_VERIFY(raw.closed);
    std::uint32_t lastId = 0;
    std::uint32_t lastAnswered = 0;
    for (const SeenFrame &frame : framesIn(raw.received)) {
        if (frame.type == NGHTTP2_GOAWAY && lastId == 0)
            lastId = qFromBigEndian<std::uint32_t>(frame.payload.constData());
        if (frame.type == NGHTTP2_HEADERS)
            lastAnswered = std::max(lastAnswered, frame.stream);
    }
    QCOMPARE(lastAnswered, lastId);
    QCOMPARE(served.size(), qsizetype((lastId + 1) / 2));
    for (const Arrived &record : std::as_const(served))
        QVERIFY(record.completed);
}

void TestExchangeFaults::closesAsNextRequestArrives()
{
    for (const bool pipelined : {false, true}) {
        served.clear();
        Caller caller(port);
        const QByteArray request = message("sim-reused-close", false);
        caller.send(pipelined ? request + request : request);
        QTRY_VERIFY(caller.received.endsWith("\"standard\"}}"));
        QVERIFY(!caller.received.contains("Connection: close"));
        if (!pipelined) {
            QTest::qWait(1);
            QVERIFY(!caller.closed);
            caller.send(request);
        }
        QTRY_VERIFY(caller.closed);
        QCOMPARE(caller.received.count("HTTP/1.1 200 OK"), 1);
        QCOMPARE(served.size(), 1); // the second one never arrived
    }
}

void TestExchangeFaults::closesWithoutLastChunk_data()
{
    QTest::addColumn<QByteArray>("end");
    QTest::newRow("sim-no-last-chunk") << QByteArray("\r\n");
    QTest::newRow("sim-truncated-chunked") << QByteArray();
    QTest::newRow("sim-http09") << QByteArray();
}

void TestExchangeFaults::closesWithoutLastChunk()
{
    QFETCH(QByteArray, end);
    for (const bool stream : {true, false}) {
        Caller caller(port);
        caller.send(message(QTest::currentDataTag(), stream));
        QTRY_VERIFY(caller.closed);
        QVERIFY(caller.received.contains(stream ? "message_start" : "\"id\":\"msg_"));
        QVERIFY(!caller.received.endsWith("0\r\n\r\n"));
        QVERIFY2(caller.received.endsWith(end), caller.received.constData());
        const bool isBare = QByteArray(QTest::currentDataTag()) == "sim-http09";
        QCOMPARE(caller.received.startsWith("HTTP/1.1 200 OK\r\n"), !isBare);
        QCOMPARE(caller.received.contains("Transfer-Encoding: chunked\r\n"), !isBare);
    }
}

void TestExchangeFaults::sendsDataBeforeHead()
{
    Caller caller(port);
    caller.send(requestFrames("sim-data-before-headers", false));
    QTRY_COMPARE(served.size(), 1);
    QTRY_VERIFY(caller.received.contains("msg_"));
    QList<int> types; // on the stream
    for (const SeenFrame &frame : framesIn(caller.received)) {
        if (frame.stream == 1)
            types += frame.type;
    }
    QCOMPARE(types, (QList<int>{NGHTTP2_DATA, NGHTTP2_HEADERS, NGHTTP2_DATA}));
}

void TestExchangeFaults::answersWrongLengths_data()
{
    QTest::addColumn<int>("surplus"); // bytes that the body has more than announced
    QTest::newRow("sim-length-too-short") << 5;
    QTest::newRow("sim-truncated-length") << -1000;
}

void TestExchangeFaults::answersWrongLengths()
{
    QFETCH(int, surplus);
    const QByteArray model = QTest::currentDataTag();
    Http2Caller http2(port);
    QTRY_COMPARE(http2.socket.state(), QAbstractSocket::ConnectedState);
    for (const bool stream : {true, false}) {
        const std::int32_t id = http2.message(model, stream);
        QTRY_VERIFY(http2.streams[id].isClosed);
        const Seen &seen = http2.streams[id];
        const qsizetype at = seen.fields.indexOf("content-length=") + 15;
        QCOMPARE(seen.body.size() - seen.fields.mid(at, seen.fields.indexOf(';', at) - at).toInt(), surplus);
        Caller caller(port);
        caller.send(message(model, stream));
        QTRY_VERIFY(caller.received.endsWith(seen.body.right(20)));
        QVERIFY(caller.received.contains(
            "\r\nContent-Length: " + QByteArray::number(seen.body.size() - surplus) + "\r\n"));
    }
}

void TestExchangeFaults::answersValidButUnwanted_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QByteArray>("body"); // begins with
    const auto row = [](const char *model, int status, const char *field, const QByteArray &body) {
        QTest::newRow(model) << status << QByteArray(field) << body;
    };
    row("sim-redirect", 307, "location: /redirected", "");
    row("sim-redirect-301", 301, "location: /redirected", "");
    row("sim-redirect-to-9", 307, "location: http://127.0.0.1:9/redirected", "");
    row("sim-cookie", 200, "set-cookie: simulated=1; Path=/", "{\"id\":\"msg_");
    row("sim-auth-401", 401, "www-authenticate: Basic realm=\"simulated\"", "{}");
    row("sim-html-502", 502, "content-type: text/html", "<html>");
    row("sim-error-429+retry-after-2", 429, "retry-after: 2", "{\"type\":\"error\"");
    row("sim-error-503+retry-after--1", 503, "retry-after: -1", "{\"type\":\"error\"");
    row("sim-retry-after-1e9+error-529", 529, "retry-after: 1e9", "{\"type\":\"error\"");
    row("sim-error-422", 422, "content-type: application/json", "{\"type\":\"error\"");
    row("sim-gzip-lie", 200, "content-encoding: gzip", "{\"id\":\"msg_");
    row("sim-gzip-truncated", 200, "content-encoding: gzip", "\x1f\x8b");
}

void TestExchangeFaults::answersValidButUnwanted()
{
    QFETCH(int, status);
    QFETCH(QByteArray, field);
    QFETCH(QByteArray, body);
    Caller caller(port);
    caller.send(message(QTest::currentDataTag(), false));
    QTRY_COMPARE(served.size(), 1);
    QTRY_VERIFY(caller.received.contains("\r\n\r\n"));
    QCOMPARE(served[0].status, status);
    QVERIFY(served[0].completed);
    QVERIFY2(caller.received.contains("\r\n" + field + "\r\n"), caller.received.constData());
    QTRY_VERIFY(caller.received.mid(caller.received.indexOf("\r\n\r\n") + 4).startsWith(body));
    QCOMPARE(caller.received.count("retry-after"), field.count("retry-after"));
    Http2Caller http2(port);
    QTRY_COMPARE(http2.socket.state(), QAbstractSocket::ConnectedState);
    const std::int32_t id = http2.message(QTest::currentDataTag(), false);
    QTRY_VERIFY(http2.streams[id].isClosed);
    QVERIFY(http2.streams[id].fields.startsWith(":status=" + QByteArray::number(status) + ';'));
    QVERIFY(http2.streams[id].fields.contains(field.replace(field.indexOf(": "), 2, "=") + ';'));
    QVERIFY(http2.streams[id].body.startsWith(body));
}

void TestExchangeFaults::sendsBomb()
{
    Caller caller(port);
    caller.send(message("sim-gzip-bomb", false));
    QTRY_COMPARE(served.size(), 1);
    const QByteArray member = gzip(QByteArray(1024 * 1024, '\0'));
    QVERIFY(member.size() < 1100);
    QTRY_VERIFY(caller.received.endsWith(member + member));
    QCOMPARE(caller.received.count(member), qsizetype(256));
    QVERIFY(
        caller.received.contains("\r\nContent-Length: " + QByteArray::number(member.size() * 256) + "\r\n"));
}

QTEST_GUILESS_MAIN(TestExchangeFaults)
#include "tst_exchange_faults.moc"
