// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/fault.h"

#include "fault_rig.h"
#include "raw_caller.h"
#include "raw_frames.h"
#include "support/http2_caller.h"
#include <QFile>
#include <QSet>
#include <QTest>

using namespace weir;
using namespace weir::simulator;
using test::Http2Caller;

/// What is on the wire, byte by byte.
class TestWireFaults : public QObject, private FaultRig
{
    Q_OBJECT
private Q_SLOTS:
    void init() { start(); }
    void writesHttp1_data();
    void writesHttp1();
    void writesHttp2_data();
    void writesHttp2();
    void refusesFaultsOfTheOtherProtocol_data();
    void refusesFaultsOfTheOtherProtocol();
    void hasRowsOfDifferentNames();
    void sendsLargeHeads_data();
    void sendsLargeHeads();
};

void TestWireFaults::writesHttp1_data()
{
    QTest::addColumn<QByteArrayList>("parts"); // of the reply, in this order
    QTest::addColumn<int>("status");           // told in the record; 0 = no valid head
    const auto row = [](const char *model, const QByteArrayList &parts, int status = 0) {
        QTest::newRow(model) << parts << status;
    };
    const QByteArray ok = "HTTP/1.1 200 OK\r\n";
    row("sim-garbage-status", {"HTTP/1.1 banana split\r\n"});
    row("sim-status-000", {"HTTP/1.1 000\r\n", "\r\n\r\n"});
    row("sim-status-99999", {"HTTP/1.1 99999\r\n", "\r\n\r\n"});
    row("sim-interim-100", {"HTTP/1.1 100 Continue\r\n\r\n" + ok}, 200);
    row("sim-interim-103", {"HTTP/1.1 103 Early Hints\r\n\r\n" + ok}, 200);
    row("sim-switching-101",
        {"HTTP/1.1 101", "\r\nUpgrade: simulated\r\nConnection: Upgrade\r\n\r\n", "msg_"});
    row("sim-s204-body", {"HTTP/1.1 204", "\r\n\r\n", "msg_"}, 204);
    row("sim-s304-body", {"HTTP/1.1 304", "\r\n\r\n", "msg_"}, 304);
    row("sim-bad-header", {ok, "\r\nX-Simulated: one\nX-Injected: two\r\n\r\n"});
    row("sim-header-bare-lf", {ok, "\r\nX-Simulated: one\nX-Injected: two\r\n\r\n"});
    row("sim-header-bare-cr", {ok, "\r\nX-Simulated: one\rX-Injected: two\r\n\r\n"});
    row("sim-header-nul", {ok, QByteArrayLiteral("\r\nX-Simulated: one\0two\r\n\r\n")});
    row("sim-obs-fold", {ok, "\r\nX-Simulated: one\r\n two\r\n\r\n"});
    row("sim-length-negative", {ok, "\r\nContent-Length: -5\r\n\r\n"});
    row("sim-length-and-chunked",
        {ok, "\r\nTransfer-Encoding: chunked\r\nContent-Length: ", "\r\n0\r\n\r\n"});
    row("sim-te-unknown", {ok, "\r\nTransfer-Encoding: banana\r\n\r\n", "msg_"});
    const QByteArray chunked = "\r\nTransfer-Encoding: chunked\r\n\r\n";
    row("sim-bad-chunk", {ok, chunked, "zz\r\n", "\r\n0\r\n\r\n"}, 200);
    row("sim-chunk-overflow", {ok, chunked, "fffffffffffffffff1\r\n", "\r\n0\r\n\r\n"}, 200);
    row("sim-chunk-negative", {ok, chunked, "-5\r\n", "\r\n0\r\n\r\n"}, 200);
    row("sim-tail-response", {ok, chunked, "\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n", "\r\n\r\nTAIL-RESPONSE"}, 200);
    row("sim-auth-407", {"HTTP/1.1 407", "\r\nProxy-Authenticate: Basic realm=\"simulated\"\r\n\r\n{}"}, 407);
}

void TestWireFaults::writesHttp1()
{
    QFETCH(QByteArrayList, parts);
    for (const bool stream : {true, false}) {
        served.clear();
        Caller caller(port);
        caller.send(message(QTest::currentDataTag(), stream));
        QTRY_COMPARE(served.size(), 1);
        QTEST(served[0].status, "status");
        qsizetype at = 0;
        const auto hasAll = [&] {
            at = 0;
            for (const QByteArray &part : std::as_const(parts)) {
                at = caller.received.indexOf(part, at);
                if (at < 0)
                    return false;
                at += part.size();
            }
            return true;
        };
        QTRY_VERIFY2(hasAll(), caller.received.constData());
        QVERIFY(caller.received.startsWith(parts.front()));
        QVERIFY(served[0].completed);
        QVERIFY(!caller.closed);
    }
}

void TestWireFaults::writesHttp2_data()
{
    QTest::addColumn<QByteArray>("fields"); // within the head
    const auto row = [](const char *model, const QByteArray &fields) { QTest::newRow(model) << fields; };
    row("sim-garbage-status", ":status=banana split;");
    row("sim-status-000", ":status=000;");
    row("sim-status-99999", ":status=99999;");
    row("sim-interim-100", ":status=100;:status=200;");
    row("sim-interim-103", ":status=103;:status=200;");
    row("sim-switching-101", ":status=101;");
    row("sim-s204-body", ":status=204;");
    row("sim-s304-body", ":status=304;");
    row("sim-bad-header", "x-simulated=one\r\nx-injected: two;");
    row("sim-header-bare-lf", "x-simulated=one\nx-injected: two;");
    row("sim-header-bare-cr", "x-simulated=one\rx-injected: two;");
    row("sim-header-nul", QByteArrayLiteral("x-simulated=one\0two;"));
    row("sim-obs-fold", "x-simulated=one\r\n two;");
    row("sim-uppercase-header", "X-Simulated=one;");
    row("sim-connection-header", "connection=keep-alive;");
    row("sim-length-negative", "content-length=-5;");
    row("sim-auth-407", "proxy-authenticate=Basic realm=\"simulated\";");
}

void TestWireFaults::writesHttp2()
{
    QFETCH(QByteArray, fields);
    Http2Caller caller(port);
    QTRY_COMPARE(caller.socket.state(), QAbstractSocket::ConnectedState);
    for (const bool stream : {true, false}) {
        const std::int32_t id = caller.message(QTest::currentDataTag(), stream);
        QTRY_VERIFY(caller.streams[id].isClosed);
        QVERIFY2(caller.streams[id].fields.contains(fields), caller.streams[id].fields.constData());
        QVERIFY(!caller.streams[id].body.isEmpty());
    }
    const std::int32_t id = caller.message("sim-ok", false);
    QTRY_VERIFY(caller.streams[id].isClosed);
    QVERIFY(caller.streams[id].fields.startsWith(":status=200;")); // the connection is none the worse
}

void TestWireFaults::refusesFaultsOfTheOtherProtocol_data()
{
    QTest::addColumn<bool>("http2"); // the protocol that has no such fault
    for (const auto faults : {exchangeFaults(), wireFaults(), floodFaults()}) {
        for (const Fault &row : faults) {
            if (!row.http1 || !row.http2)
                QTest::newRow(std::string(row.name).c_str()) << !row.http2;
        }
    }
}

void TestWireFaults::refusesFaultsOfTheOtherProtocol()
{
    QFETCH(bool, http2);
    const QByteArray model = QByteArrayLiteral("sim-") + QTest::currentDataTag();
    if (http2) {
        Http2Caller caller(port);
        QTRY_COMPARE(caller.socket.state(), QAbstractSocket::ConnectedState);
        const std::int32_t id = caller.message(model, true);
        QTRY_VERIFY(caller.streams[id].isClosed);
        QVERIFY(caller.streams[id].fields.startsWith(":status=400;"));
        QVERIFY(caller.streams[id].body.contains("HTTP/2 has no such fault"));
        return;
    }
    Caller caller(port);
    caller.send(message(model, true));
    QTRY_VERIFY(caller.received.contains("HTTP/1.1 has no such fault"));
    QVERIFY(caller.received.startsWith("HTTP/1.1 400 "));
}

void TestWireFaults::hasRowsOfDifferentNames()
{
    QFile readme(QStringLiteral(WEIR_FIXTURES "/../../core/simulator/README.md"));
    QVERIFY(readme.open(QIODevice::ReadOnly));
    const QByteArray told = readme.readAll();
    QSet<QByteArray> names;
    for (const auto faults : {exchangeFaults(), wireFaults(), floodFaults()}) {
        for (const Fault &row : faults) {
            const auto name = QByteArray::fromStdString(std::string(row.name));
            QVERIFY2(!names.contains(name), name.constData());
            names.insert(name);
            QVERIFY2(told.contains('`' + name + (row.most >= 0 ? "" : "`")), name.constData());
            QVERIFY2(row.http1 || row.http2, name.constData());
            QCOMPARE(name.endsWith('-'), row.most >= 0);
            const QByteArray full = row.most >= 0 ? name + '7' : name;
            QCOMPARE(findFault(full.toStdString()).fault, &row);
        }
    }
}

void TestWireFaults::sendsLargeHeads_data()
{
    QTest::addColumn<qsizetype>("least"); // bytes of the head
    QTest::newRow("sim-huge-header") << qsizetype(1024 * 1024);
    QTest::newRow("sim-many-headers") << qsizetype(20'000 * 12);
}

void TestWireFaults::sendsLargeHeads()
{
    QFETCH(qsizetype, least);
    Caller plain(port);
    plain.send(message(QTest::currentDataTag(), false));
    QTRY_VERIFY(plain.received.contains("\r\n\r\n{"));
    QVERIFY(plain.received.indexOf("\r\n\r\n") > least);

    // A caller's nghttp2 refuses such a head, so the frames are looked at without one.
    Caller caller(port);
    caller.send(requestFrames(QTest::currentDataTag(), true));
    const auto headSize = [&] {
        qsizetype size = 0;
        for (const SeenFrame &frame : framesIn(caller.received)) {
            if (frame.type == NGHTTP2_HEADERS || frame.type == NGHTTP2_CONTINUATION)
                size += frame.payload.size();
        }
        return size;
    };
    QTRY_VERIFY(headSize() > least / 2); // Huffman's code saves some
}

QTEST_GUILESS_MAIN(TestWireFaults)
#include "tst_wire_faults.moc"
