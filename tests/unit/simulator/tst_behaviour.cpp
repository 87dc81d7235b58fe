// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/behaviour.h"

#include "simulator/script.h"
#include <QTest>

using namespace weir::simulator;

class TestBehaviour : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void takesOptions();
    void readsNames_data();
    void readsNames();
    void refusesNames_data();
    void refusesNames();
    void breaksScripts_data();
    void breaksScripts();
};

void TestBehaviour::takesOptions()
{
    Options options;
    options.chunkCount = 3;
    options.chunkGapMs = 4;
    options.firstByteMs = 5;
    const auto behaviour = behaviourFor("gpt-simulated", options);
    QVERIFY(behaviour);
    QCOMPARE(behaviour->chunkCount, 3);
    QCOMPARE(behaviour->gapMs, 4);
    QCOMPARE(behaviour->firstByteMs, 5);
    QVERIFY(!behaviour->textBytes);
    QVERIFY(!behaviour->isStamped);
    QVERIFY(behaviourFor("sim-gap-5+stamp", options)->isStamped);
    QVERIFY(!behaviour->applyFault);
}

void TestBehaviour::readsNames_data()
{
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("chunks");
    QTest::addColumn<int>("gap");
    QTest::addColumn<int>("firstByte");
    QTest::addColumn<qint64>("bytes"); // -1: the usual sentence
    QTest::addColumn<bool>("isFault");
    const auto row = [](const char *model, int status, int chunks, int gap, int firstByte, qint64 bytes,
                        bool isFault) {
        QTest::newRow(model) << QByteArray(model) << status << chunks << gap << firstByte << bytes << isFault;
    };
    row("sim-ok", 0, 20, 20, 0, -1, false);
    row("simple", 0, 20, 20, 0, -1, false);
    row("", 0, 20, 20, 0, -1, false);
    row("sim-chunks-5+gap-200", 0, 5, 200, 0, -1, false);
    row("sim-gap-0+slow-first-byte-7", 0, 20, 0, 7, -1, false);
    row("sim-bytes-0", 0, 20, 20, 0, 0, false);
    row("sim-bytes-67108864", 0, 20, 20, 0, 67108864, false);
    row("sim-chunks-10000+gap-3600000", 0, 10000, 3600000, 0, -1, false);
    row("sim-error-529+slow-first-byte-1", 529, 20, 20, 1, -1, false);
    row("sim-close-mid-stream+chunks-2", 0, 2, 20, 0, -1, true);
}

void TestBehaviour::readsNames()
{
    QFETCH(QByteArray, model);
    const auto behaviour = behaviourFor(model.toStdString(), Options());
    QVERIFY(behaviour);
    QTEST(behaviour->errorStatus, "status");
    QTEST(behaviour->chunkCount, "chunks");
    QTEST(behaviour->gapMs, "gap");
    QTEST(behaviour->firstByteMs, "firstByte");
    QTEST(qint64(behaviour->textBytes.value_or(-1)), "bytes");
    QTEST(behaviour->applyFault != nullptr, "isFault");
}

void TestBehaviour::refusesNames_data()
{
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<QByteArray>("told"); // must be named in the error
    const auto row = [](const char *title, const char *model, const char *told) {
        QTest::newRow(title) << QByteArray(model) << QByteArray(told);
    };
    row("nothing after the prefix", "sim-", "\"\"");
    row("unknown part", "sim-chunks-5+explode", "\"explode\"");
    row("trailing plus", "sim-ok+", "\"\"");
    row("no number", "sim-gap-", "\"gap-\"");
    row("not a number", "sim-gap-1x", "0 to 3600000");
    row("negative", "sim-gap--1", "0 to 3600000");
    row("gap one above the most", "sim-gap-3600001", "0 to 3600000");
    row("no chunks", "sim-chunks-0", "1 to 10000");
    row("chunks one above the most", "sim-chunks-10001", "1 to 10000");
    row("bytes one above the most", "sim-bytes-67108865", "0 to 67108864");
    row("number overflows", "sim-bytes-99999999999999999999", "0 to 67108864");
    row("status not simulated", "sim-error-418", "529");
    row("two faults", "sim-silent+close-before", "only one");
    row("fault and error", "sim-error-500+silent", "only one");
}

void TestBehaviour::refusesNames()
{
    QFETCH(QByteArray, model);
    QFETCH(QByteArray, told);
    const auto behaviour = behaviourFor(model.toStdString(), Options());
    QVERIFY(!behaviour);
    const auto detail = QByteArray::fromStdString(behaviour.error().detail);
    QVERIFY2(detail.contains(told), detail.constData());
}

void TestBehaviour::breaksScripts_data()
{
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<bool>("isEventStream");
    QTest::addColumn<QByteArray>("body"); // what is left
    QTest::addColumn<int>("ending");
    QTest::addColumn<int>("headFault");
    QTest::addColumn<int>("length"); // announced; -1 = none
    const auto row = [](const char *title, const char *model, bool isEventStream, const char *body,
                        Ending ending, HeadFault headFault, int length) {
        QTest::newRow(title) << QByteArray(model) << isEventStream << QByteArray(body) << int(ending)
                             << int(headFault) << length;
    };
    using enum Ending;
    constexpr auto Good = HeadFault::None;
    constexpr auto Missing = HeadFault::Missing;
    row("silence in place of a head", "sim-silent", true, "", Silence, Missing, -1);
    row("silence after the head of JSON", "sim-silent-after-head", false, "", Silence, Good, 6);
    row("silence in the middle of events", "sim-silent-mid-stream", true, "aabb", Silence, Good, -1);
    row("close before the head", "sim-close-before", false, "", Close, Missing, 6);
    row("close after the head", "sim-close-after-head", true, "", Close, Good, -1);
    row("close in the middle of JSON", "sim-close-mid-stream", false, "aab", Close, Good, 6);
    row("reset before the head", "sim-reset-before", true, "", Reset, Missing, -1);
    row("reset after the head", "sim-reset-after-head", true, "", Reset, Good, -1);
    row("reset in the middle", "sim-reset-mid-stream", true, "aabb", Reset, Good, -1);
    row("events without their end", "sim-no-done", true, "aabb", Regular, Good, -1);
    row("JSON without its end", "sim-no-done", false, "aab", Regular, Good, 3);
    row("fewer bytes than announced", "sim-truncated-length", false, "aabbcc", CutShort, Good, 1006);
    row("fewer events than announced", "sim-truncated-length", true, "aabbcc", CutShort, Good, 1006);
    row("garbage status", "sim-garbage-status", false, "aabbcc", Regular, HeadFault::GarbageStatus, 6);
    row("injected field", "sim-bad-header", false, "aabbcc", Regular, HeadFault::InjectedField, 6);
    row("redirect", "sim-redirect", true, "", Regular, Good, 0);
    row("refused stream", "sim-rst-refused", true, "", Refuse, Missing, -1);
    row("refused by GOAWAY", "sim-goaway-refused", true, "", GoAwayRefuse, Missing, -1);
    row("calmed by GOAWAY", "sim-goaway-calm", true, "", GoAwayCalm, Missing, -1);
    row("GOAWAY in the middle", "sim-goaway-mid", true, "aabb", GoAway, Good, -1);
    row("graceful GOAWAY", "sim-goaway-graceful", true, "aabbcc", Regular, Good, -1);
}

void TestBehaviour::breaksScripts()
{
    QFETCH(QByteArray, model);
    QFETCH(bool, isEventStream);
    const auto behaviour = behaviourFor(model.toStdString(), Options());
    QVERIFY(behaviour && behaviour->applyFault);
    Script script;
    script.isEventStream = isEventStream;
    if (isEventStream) {
        script.pieces = {{"aa", 0}, {"bb", 0}, {"cc", 0}};
    } else {
        script.pieces = {{"aabbcc", 0}};
        script.head.contentLength = 6;
    }
    behaviour->applyFault(script);
    QByteArray body;
    for (const Piece &piece : script.pieces)
        body += piece.bytes;
    QTEST(body, "body");
    QTEST(int(script.ending), "ending");
    QTEST(int(script.headFault), "headFault");
    QTEST(int(script.head.contentLength.value_or(-1)), "length");
    QCOMPARE(script.goAwayFirst, model == "sim-goaway-graceful");
    QCOMPARE(script.head.status, model == "sim-redirect" ? 307 : 200);
}

QTEST_GUILESS_MAIN(TestBehaviour)
#include "tst_behaviour.moc"
