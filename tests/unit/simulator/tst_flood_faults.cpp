// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/fault.h"

#include "raw_caller.h"
#include "raw_frames.h"
#include "simulator/simulator.h"
#include <memory>
#include <QTest>

using namespace weir::simulator;

/// Replies that go on until the caller leaves. Each caller reads a few MiB of them, so that several turns of
/// the play are seen.
class TestFloodFaults : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void floodsHttp1_data();
    void floodsHttp1();
    void floodsHttp2_data();
    void floodsHttp2();
    void waitsForSlowCallers_data();
    void waitsForSlowCallers();
    void sendsGiantLines_data();
    void sendsGiantLines();

private:
    static constexpr qsizetype Enough = 5 * 1024 * 1024;

    std::unique_ptr<Simulator> simulator;
    quint16 port = 0;
    QList<Arrived> served;
};

void TestFloodFaults::init()
{
    served.clear();
    Options options;
    options.chunkGapMs = 0;
    options.chunkCount = 2;
    simulator = std::make_unique<Simulator>(options);
    connect(simulator.get(), &Simulator::served, this, [this](const Arrived &record) { served += record; });
    const auto listening = simulator->listen();
    QVERIFY(listening);
    port = *listening;
}

void TestFloodFaults::floodsHttp1_data()
{
    QTest::addColumn<bool>("stream");
    QTest::addColumn<QByteArray>("start");
    QTest::addColumn<QByteArray>("wave"); // what comes again and again
    const auto row = [](const char *title, bool stream, const QByteArray &start, const QByteArray &wave) {
        QTest::newRow(title) << stream << start << wave;
    };
    row("sim-interim-flood", false, "HTTP/1.1 103 ", "\r\n\r\nHTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\n");
    row("sim-endless-headers", true, "HTTP/1.1 200 OK\r\nX-", "\r\nX-Endless: 0123456789\r\n");
    row("sim-body-endless", true, "HTTP/1.1 200 OK\r\n", "\"text\":\"Hello\"}}\n\n\r\n");
    row("sim-body-endless+ok", false, "HTTP/1.1 200 OK\r\n",
        "\r\n4000\r\n" + QByteArray(0x4000, ' ') + "\r\n");
}

void TestFloodFaults::floodsHttp1()
{
    QFETCH(bool, stream);
    QFETCH(QByteArray, start);
    QFETCH(QByteArray, wave);
    Caller caller(port);
    caller.send(message(QTest::currentDataTag(), stream));
    QTRY_VERIFY(caller.received.size() > Enough);
    QVERIFY(served.isEmpty());
    QVERIFY(caller.received.startsWith(start));
    QVERIFY(caller.received.count(wave) > 200);
    QVERIFY(caller.received.lastIndexOf(wave) > Enough - 2 * 0x4000 - 2000);
    caller.socket.abort();
    QTRY_COMPARE(served.size(), 1);
    QVERIFY(served[0].cancelled);
}

void TestFloodFaults::floodsHttp2_data()
{
    QTest::addColumn<int>("type"); // of each frame
    QTest::addColumn<qsizetype>("size");
    QTest::addColumn<quint32>("stream");
    const auto row = [](const char *model, int type, qsizetype size, quint32 stream) {
        QTest::newRow(model) << type << size << stream;
    };
    row("sim-continuation-flood", NGHTTP2_CONTINUATION, 8000 + 12, 1);
    row("sim-endless-headers", NGHTTP2_CONTINUATION, 8000 + 12, 1);
    row("sim-empty-continuations", NGHTTP2_CONTINUATION, 0, 1);
    row("sim-empty-data-flood", NGHTTP2_DATA, 0, 1);
    row("sim-interim-flood", NGHTTP2_HEADERS, 13, 1);
    row("sim-ping-flood", NGHTTP2_PING, 8, 0);
    row("sim-settings-flood", NGHTTP2_SETTINGS, 0, 0);
}

void TestFloodFaults::floodsHttp2()
{
    QFETCH(int, type);
    QFETCH(qsizetype, size);
    QFETCH(quint32, stream);
    Caller caller(port);
    caller.send(requestFrames(QTest::currentDataTag(), true));
    QTRY_VERIFY(caller.received.size() > Enough);
    const auto frames = framesIn(caller.received.left(Enough));
    QVERIFY(frames.size() > 500);
    QCOMPARE(int(frames.front().type), int(NGHTTP2_SETTINGS)); // comes first whatever else
    for (qsizetype index = 10; index < frames.size(); ++index) {
        const SeenFrame &frame = frames[index];
        if (frame.type != type || frame.payload.size() != size || frame.stream != stream || frame.flags > 4)
            QFAIL(qPrintable(QStringLiteral("frame %1 has type %2").arg(index).arg(frame.type)));
    }
    // What the caller answers is not looked at: a SETTINGS ACK too many would end the connection.
    caller.send(http2Frame(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, {}).repeated(3));
    const qsizetype before = caller.received.size();
    QTRY_VERIFY(caller.received.size() > before + Enough);
    QVERIFY(served.isEmpty());
    caller.socket.abort();
    QTRY_COMPARE(served.size(), 1);
    QVERIFY(served[0].cancelled);
}

void TestFloodFaults::waitsForSlowCallers_data()
{
    QTest::addColumn<bool>("http2");
    QTest::newRow("sim-body-endless") << false;
    QTest::newRow("sim-endless-headers") << false;
    QTest::newRow("sim-body-endless over HTTP/2") << true;
    QTest::newRow("sim-ping-flood") << true;
}

/// A caller who does not read stops the play; others are served meanwhile.
void TestFloodFaults::waitsForSlowCallers()
{
    QFETCH(bool, http2);
    const QByteArray model = QByteArray(QTest::currentDataTag()).split(' ').front();
    Caller stopped(port);
    stopped.socket.setReadBufferSize(1024);
    QObject::disconnect(&stopped.socket, &QTcpSocket::readyRead, nullptr, nullptr);
    stopped.send(http2 ? requestFrames(model, true) : message(model, true));
    for (int round = 0; round < 20; ++round) {
        Caller other(port);
        other.send(message("sim-ok", false));
        QTRY_VERIFY(other.received.contains("msg_"));
    }
    QCOMPARE(served.size(), 20);
    stopped.socket.abort();
    QTRY_COMPARE(served.size(), 21);
    QVERIFY(served.back().cancelled);
}

void TestFloodFaults::sendsGiantLines_data()
{
    QTest::addColumn<bool>("stream");
    QTest::newRow("an event") << true;
    QTest::newRow("JSON after many spaces") << false;
}

void TestFloodFaults::sendsGiantLines()
{
    QFETCH(bool, stream);
    constexpr qsizetype Size = 64 * 1024 * 1024;
    Caller caller(port);
    caller.send(message("sim-sse-giant-line", stream));
    QTRY_COMPARE_WITH_TIMEOUT(served.size(), 1, 30'000);
    QVERIFY(served[0].completed);
    QTRY_VERIFY(caller.received.endsWith(stream ? "message_stop\"}\n\n\r\n0\r\n\r\n" : "\"standard\"}}"));
    QVERIFY(caller.received.count(stream ? 'x' : ' ') >= Size);
    if (!stream)
        QCOMPARE(caller.received.size(),
                 caller.received.indexOf("\r\n\r\n") + 4 +
                     caller.received.mid(caller.received.indexOf("Content-Length: ") + 16)
                         .split('\r')
                         .front()
                         .toLongLong());
}

QTEST_GUILESS_MAIN(TestFloodFaults)
#include "tst_flood_faults.moc"
