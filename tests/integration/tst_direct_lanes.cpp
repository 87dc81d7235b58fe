// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/simulator.h"
#include "support/recording_sink.h"
#include "upstream/direct_lane.h"
#include <memory>
#include <QSignalSpy>
#include <QTest>
#include <QThread>

using namespace weir;
using base::Errc;
using test::RecordingSink;
using upstream::Call;
using upstream::CallRequest;
using upstream::LaneState;
using upstream::Origin;
using upstream::Processed;

namespace {

/// The simulated provider in a thread of its own, so that it answers as another process would.
struct Provider
{
    explicit Provider(simulator::Options options)
    {
        thread.start();
        context.moveToThread(&thread);
        QMetaObject::invokeMethod(
            &context,
            [&] {
                simulated = std::make_unique<simulator::Simulator>(options);
                if (const auto listening = simulated->listen())
                    port = *listening;
                certificate = simulated->certificatePem();
            },
            Qt::BlockingQueuedConnection);
        QObject::connect(simulated.get(), &simulator::Simulator::arrived, &here,
                         [this](const simulator::Arrived &request) { arrived.push_back(request); });
        QObject::connect(simulated.get(), &simulator::Simulator::served, &here,
                         [this](const simulator::Arrived &request) { served.push_back(request); });
    }
    ~Provider()
    {
        QMetaObject::invokeMethod(
            &context, [&] { simulated.reset(); }, Qt::BlockingQueuedConnection);
        thread.quit();
        thread.wait();
    }

    Origin origin(bool trusted = true, std::string host = "127.0.0.1") const
    {
        Origin made{!certificate.isEmpty(), std::move(host), port, {}};
        if (trusted && made.tls)
            made.authorities = QSslCertificate::fromData(certificate);
        return made;
    }

    QThread thread;
    QObject context; // lives in the thread
    QObject here;
    std::unique_ptr<simulator::Simulator> simulated;
    quint16 port = 0;
    QByteArray certificate;
    std::vector<simulator::Arrived> arrived;
    std::vector<simulator::Arrived> served;
};

struct Rig
{
    explicit Rig(bool http2, bool tls = true)
        : provider({.tls = tls, .http2 = http2, .chunkCount = 6, .chunkGapMs = 1})
        , makeLane(upstream::directLanes({.http2PriorKnowledge = !tls && http2}, clock))
    {
    }

    std::unique_ptr<upstream::Lane> lane()
    {
        auto made = makeLane(provider.origin());
        made->open();
        const bool isReady = QTest::qWaitFor([&] { return made->state() == LaneState::Ready; });
        return isReady && QTest::qWaitFor([&] { return made->freeSlots() > 0; }) ? std::move(made) : nullptr;
    }

    /// Runs one POST to its end.
    void run(upstream::Lane &lane, const QByteArray &model, bool stream, RecordingSink &sink)
    {
        const QByteArray body = R"({"model":")" + model + R"(","max_tokens":9,"stream":)" +
                                (stream ? "true" : "false") + R"(,"messages":[]})";
        CallRequest request{"POST", "/v1/messages", {}, true, body.size(), {}};
        request.headers.add("Content-Type", "application/json");
        request.headers.add("X-Api-Key", "k");
        const auto call = lane.start(request, sink);
        call->sendBody(body);
        call->endBody();
        std::ignore = QTest::qWaitFor([&] { return sink.isOver(); }, 10'000);
    }

    base::SystemClock clock;
    Provider provider;
    std::function<std::unique_ptr<upstream::Lane>(const Origin &)> makeLane;
};

void bothProtocols()
{
    QTest::addColumn<bool>("http2");
    QTest::newRow("HTTP/2") << true;
    QTest::newRow("HTTP/1.1") << false;
}

} // namespace

/// Both kinds of direct lane against the simulated provider, over TLS.
class TestDirectLanes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aStreamArrivesWhole_data() { bothProtocols(); }
    void aStreamArrivesWhole();
    void aFaultEndsItsCallOnce_data();
    void aFaultEndsItsCallOnce();
    void smallPostsDoNotStall_data() { bothProtocols(); }
    void smallPostsDoNotStall();
    void aLargeReplyToAStoppedReader_data() { bothProtocols(); }
    void aLargeReplyToAStoppedReader();
    void aLargeRequestIsStreamed_data() { bothProtocols(); }
    void aLargeRequestIsStreamed();
    void cancelIsSeenUpstream_data() { bothProtocols(); }
    void cancelIsSeenUpstream();
    void anUntrustedCertificateGetsNothing_data();
    void anUntrustedCertificateGetsNothing();
    void aSecondLaneResumesTheSession();
};

void TestDirectLanes::aStreamArrivesWhole()
{
    QFETCH(bool, http2);
    Rig rig(http2);
    const auto lane = rig.lane();
    QVERIFY(lane);
    for (int round = 0; round < 3; ++round) {
        RecordingSink sink;
        rig.run(*lane, "m", true, sink);
        QCOMPARE(sink.order, QByteArray("LSHDE"));
        QVERIFY(sink.body.endsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
        QCOMPARE(sink.protocol, QByteArray(http2 ? "h2" : "http/1.1"));
    }
    QVERIFY(QTest::qWaitFor([&] { return rig.provider.served.size() == 3; }));
    for (const auto &request : rig.provider.served) {
        QVERIFY(request.completed && request.tls);
        QCOMPARE(request.protocol, QByteArray(http2 ? "h2" : "http/1.1"));
    }
    QCOMPARE(lane->figures().connections, 1U);
}

void TestDirectLanes::aFaultEndsItsCallOnce_data()
{
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<bool>("http2");
    QTest::addColumn<QByteArray>("order");
    QTest::addColumn<Processed>("processed");
    const auto row = [](const char *model, const char *h2, const char *h1, Processed how = Processed::Maybe) {
        QTest::addRow("%s over HTTP/2", model) << QByteArray(model) << true << QByteArray(h2) << how;
        QTest::addRow("%s over HTTP/1.1", model)
            << QByteArray(model) << false << QByteArray(h1) << Processed::Maybe;
    };
    row("sim-error-429", "LSHDE", "LSHDE");
    row("sim-error-529", "LSHDE", "LSHDE");
    row("sim-close-before", "LSF", "LSF");
    row("sim-close-after-head", "LSHF", "LSHF");
    row("sim-close-mid-stream", "LSHDF", "LSHDF");
    row("sim-reset-before", "LSF", "LSF");
    row("sim-reset-after-head", "LSHF", "LSHF");
    row("sim-reset-mid-stream", "LSHDF", "LSHDF");
    row("sim-no-done", "LSHDE", "LSHDE"); // the dialect's affair
    row("sim-truncated-length", "LSHDF", "LSHDF");
    row("sim-garbage-status", "LSF", "LSF");
    row("sim-rst-refused", "LSF", "LSF", Processed::No);
    row("sim-goaway-refused", "LSF", "LSF", Processed::No);
    row("sim-goaway-calm", "LSF", "LSF", Processed::No);
    row("sim-goaway-mid", "LSHDF", "LSHDF");
    row("sim-goaway-graceful", "LSHDE", "LSHDE");
}

void TestDirectLanes::aFaultEndsItsCallOnce()
{
    QFETCH(QByteArray, model);
    QFETCH(bool, http2);
    QFETCH(QByteArray, order);
    QFETCH(Processed, processed);
    Rig rig(http2);
    const auto lane = rig.lane();
    QVERIFY(lane);
    RecordingSink sink;
    rig.run(*lane, model, true, sink);
    QTest::qWait(10);
    QCOMPARE(sink.order, order);
    if (sink.hasFailed())
        QCOMPARE(sink.processed, processed);
    QCOMPARE(rig.provider.arrived.size(), 1U); // never sent twice
    QCOMPARE(lane->inFlight(), 0);
}

void TestDirectLanes::smallPostsDoNotStall()
{
    QFETCH(bool, http2);
    Rig rig(http2);
    const auto lane = rig.lane();
    QVERIFY(lane);
    // Nagle's algorithm against delayed acknowledgements costs 40 ms for each: 2 s for all.
    const base::Instant began = rig.clock.now();
    for (int round = 0; round < 50; ++round) {
        RecordingSink sink;
        const QByteArray body =
            R"({"model":"m","messages":[],"x":")" + QByteArray(300 + 34 * round, 'x') + "\"}";
        CallRequest request{"POST", "/v1/messages", {}, true, body.size(), {}};
        request.headers.add("X-Api-Key", "k");
        const auto call = lane->start(request, sink);
        call->sendBody(body);
        call->endBody();
        QEventLoop loop;
        sink.onOverDo = [&] { loop.quit(); };
        loop.exec();
        QCOMPARE(sink.head.status, 200);
    }
    QVERIFY(rig.clock.now() - began < std::chrono::seconds(1));
}

void TestDirectLanes::aLargeReplyToAStoppedReader()
{
    QFETCH(bool, http2);
    Rig rig(http2);
    const auto lane = rig.lane();
    QVERIFY(lane);
    RecordingSink sink;
    sink.keepsBody = false;
    const QByteArray body = R"({"model":"sim-bytes-20000000","messages":[]})";
    CallRequest request{"POST", "/v1/messages", {}, true, body.size(), {}};
    const auto call = lane->start(request, sink);
    sink.onChunkDo = [&] { call->pause(); };
    call->sendBody(body);
    call->endBody();
    QVERIFY(QTest::qWaitFor([&] { return sink.bodySize > 0; }));
    QTest::qWait(100);
    QVERIFY(rig.provider.served.empty());
    QVERIFY(sink.bodySize <= 64 * 1024);
    if (http2) { // meanwhile the others go on
        RecordingSink other;
        rig.run(*lane, "m", true, other);
        QCOMPARE(other.order, QByteArray("LSHDE"));
    }
    sink.onChunkDo = {};
    call->resume();
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }, 20'000));
    QVERIFY(sink.order.endsWith('E'));
    QVERIFY(sink.bodySize >= 20'000'000);
}

void TestDirectLanes::aLargeRequestIsStreamed()
{
    QFETCH(bool, http2);
    Rig rig(http2);
    const auto lane = rig.lane();
    QVERIFY(lane);
    const QByteArray start = R"({"model":"m","messages":[],"x":")";
    constexpr qsizetype Pieces = 1000; // the simulated provider takes 64 MiB
    const QByteArray piece(64 * 1024, 'x');
    CallRequest request{"POST", "/v1/messages", {}, true, {}, {}};
    request.headers.add("X-Api-Key", "k");
    RecordingSink sink;
    const auto call = lane->start(request, sink);
    call->sendBody(start);
    qsizetype given = 0;
    const auto feed = [&] {
        while (given < Pieces && !call->isBodyFull()) {
            call->sendBody(piece);
            ++given;
        }
        if (given == Pieces) {
            ++given;
            call->sendBody("\"}");
            call->endBody();
        }
    };
    sink.onWantedDo = feed;
    feed();
    QVERIFY(given < Pieces);
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }, 60'000));
    QVERIFY(QTest::qWaitFor([&] { return !rig.provider.arrived.empty(); }));
    QCOMPARE(rig.provider.arrived.front().body.size(), start.size() + Pieces * piece.size() + 2);
}

void TestDirectLanes::cancelIsSeenUpstream()
{
    QFETCH(bool, http2);
    Rig rig(http2);
    const auto lane = rig.lane();
    QVERIFY(lane);
    const QByteArray body = R"({"model":"sim-chunks-1000+gap-20","stream":true,"messages":[]})";
    CallRequest request{"POST", "/v1/messages", {}, true, body.size(), {}};
    RecordingSink sink;
    const auto call = lane->start(request, sink);
    call->sendBody(body);
    call->endBody();
    QVERIFY(QTest::qWaitFor([&] { return sink.bodySize > 0; }));
    call->cancel();
    QVERIFY(QTest::qWaitFor([&] { return rig.provider.served.size() == 1; }, 1000));
    QVERIFY(rig.provider.served.front().cancelled);
    QCOMPARE(sink.ends(), 0);
}

void TestDirectLanes::anUntrustedCertificateGetsNothing_data()
{
    QTest::addColumn<bool>("trusted");
    QTest::addColumn<QByteArray>("host");
    QTest::newRow("signed by itself") << false << QByteArray("127.0.0.1");
    QTest::newRow("of another host") << true << QByteArray("127.0.0.2");
}

void TestDirectLanes::anUntrustedCertificateGetsNothing()
{
    QFETCH(bool, trusted);
    QFETCH(QByteArray, host);
    Rig rig(true);
    Provider everywhere({.address = QStringLiteral("0.0.0.0"), .tls = true});
    auto lane = rig.makeLane(everywhere.origin(trusted, host.toStdString()));
    QSignalSpy died(lane.get(), &upstream::Lane::died);
    lane->open();
    QVERIFY(QTest::qWaitFor([&] { return died.count() == 1; }));
    const auto why = died.first().first().value<base::Error>();
    QCOMPARE(why.code, Errc::UpstreamTls);
    QVERIFY(why.detail.find("certificate") != std::string::npos ||
            why.detail.find("host") != std::string::npos);
    QTest::qWait(20);
    QVERIFY(everywhere.arrived.empty());
}

void TestDirectLanes::aSecondLaneResumesTheSession()
{
    Rig rig(true);
    const auto memory = std::make_shared<upstream::TlsMemory>(rig.provider.origin());
    QVERIFY(memory->configuration.sessionTicket().isEmpty());
    QByteArray ticket;
    for (int round = 0; round < 2; ++round) {
        upstream::DirectLane lane(rig.provider.origin(), memory, {}, rig.clock);
        lane.open();
        QVERIFY(QTest::qWaitFor([&] { return lane.state() == LaneState::Ready; }));
        RecordingSink sink;
        rig.run(lane, "m", false, sink);
        QCOMPARE(sink.head.status, 200);
        QVERIFY(!memory->configuration.sessionTicket().isEmpty());
        QVERIFY(memory->configuration.sessionTicket() != ticket); // a new one each time
        ticket = memory->configuration.sessionTicket();
    }
}

QTEST_GUILESS_MAIN(TestDirectLanes)
#include "tst_direct_lanes.moc"
