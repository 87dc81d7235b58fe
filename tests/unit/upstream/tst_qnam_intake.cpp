// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/qnam_intake.h"

#include <QTest>

using weir::upstream::QnamIntake;

namespace {

constexpr int Looks = 1000;

} // namespace

class TestQnamIntake : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bearsALittle();
    void findsAHeadWithoutEnd();
    void bearsAReplyInPiecesOfOneByte_data();
    void bearsAReplyInPiecesOfOneByte();
    void waitsALookForWhatIsShown();
    void doesNotSaveUp();
    void forgivesWhatIsAllowed_data();
    void forgivesWhatIsAllowed();
    void forgetsWhenNothingComes();
};

void TestQnamIntake::bearsALittle()
{
    QnamIntake intake(true);
    QVERIFY(!intake.look(QnamIntake::OwedMax));
    QVERIFY(!intake.look(1)); // the head of it is shown now, or it will not be
    QVERIFY(intake.look(0));
    QVERIFY(!intake.look(0)); // it was told
}

void TestQnamIntake::findsAHeadWithoutEnd()
{
    // Slowly, beside a reply that is shown.
    QnamIntake intake(false);
    int looks = 0;
    while (!intake.look(10'000) && ++looks < Looks)
        intake.show(100);
    QVERIFY(looks < Looks);
    QVERIFY(looks > QnamIntake::OwedMax / 10'000);
}

void TestQnamIntake::bearsAReplyInPiecesOfOneByte_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<int>("size"); // on the connection
    QTest::newRow("chunks") << false << 6;
    QTest::newRow("DATA frames in records") << true << 9 + 1 + 22;
}

void TestQnamIntake::bearsAReplyInPiecesOfOneByte()
{
    QFETCH(bool, tls);
    QFETCH(int, size);
    QnamIntake intake(tls);
    for (int look = 0; look < Looks; ++look) {
        QVERIFY(!intake.look(100'000 * size));
        intake.show(100'000);
    }
}

void TestQnamIntake::waitsALookForWhatIsShown()
{
    // What Qt's thread has taken just now it shows in a moment.
    QnamIntake intake(false);
    for (int look = 0; look < Looks; ++look) {
        QVERIFY(!intake.look(50'000'000));
        intake.show(50'000'000);
    }
}

void TestQnamIntake::doesNotSaveUp()
{
    QnamIntake intake(false);
    intake.show(100'000'000); // a long reply, all told
    QVERIFY(!intake.look(0));
    QVERIFY(!intake.look(0));
    QVERIFY(!intake.look(QnamIntake::OwedMax + 1));
    QVERIFY(intake.look(0));
}

void TestQnamIntake::forgivesWhatIsAllowed_data()
{
    QTest::addColumn<int>("times");
    QTest::addColumn<qint64>("bytes");
    QTest::addColumn<qint64>("forgiven");
    const auto row = [](const char *name, int times, std::int64_t bytes, std::int64_t forgiven) {
        QTest::newRow(name) << times << qint64(bytes) << qint64(forgiven);
    };
    row("a reply held back", 1, QnamIntake::HeldBack, QnamIntake::HeldBack);
    row("six", 6, QnamIntake::HeldBack, 6 * QnamIntake::HeldBack);
    row("one that was under way", 1, QnamIntake::UnderWayMax, QnamIntake::UnderWayMax);
    row("many", 90, QnamIntake::UnderWayMax, QnamIntake::UnderWayMax);
}

void TestQnamIntake::forgivesWhatIsAllowed()
{
    QFETCH(int, times);
    QFETCH(qint64, bytes);
    QFETCH(qint64, forgiven);
    QnamIntake intake(true);
    for (int call = 0; call < times; ++call)
        intake.allow(bytes);
    QVERIFY(!intake.look(forgiven / 2));
    QVERIFY(!intake.look(forgiven - forgiven / 2));
    QVERIFY(!intake.look(QnamIntake::OwedMax));
    QVERIFY(!intake.look(1));
    QVERIFY(intake.look(0)); // and it goes on
}

void TestQnamIntake::forgetsWhenNothingComes()
{
    QnamIntake intake(true);
    for (int hour = 0; hour < Looks; ++hour) { // signs of life on an idle connection
        QVERIFY(!intake.look(QnamIntake::OwedMax));
        QVERIFY(!intake.look(0));
        intake.settle();
    }
}

QTEST_GUILESS_MAIN(TestQnamIntake)
#include "tst_qnam_intake.moc"
