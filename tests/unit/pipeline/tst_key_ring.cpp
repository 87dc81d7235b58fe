// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/key_ring.h"

#include "support/manual_clock.h"
#include <QTest>

using namespace weir;
using namespace std::chrono_literals;
using pipeline::KeyRing;

class TestKeyRing : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void asksOnceForAllWhoWait();
    void knowsWhichQuestionIsOpen();
    void brakesGuessing();
};

namespace {

const keys::KeyHash One = keys::hashOf("weir_one");
const keys::KeyHash Two = keys::hashOf("weir_two");

} // namespace

void TestKeyRing::asksOnceForAllWhoWait()
{
    const test::ManualClock clock;
    KeyRing ring({}, clock);
    QVERIFY(ring.await(One, base::ExchangeId{1}));
    QVERIFY(!ring.await(One, base::ExchangeId{2}));
    QVERIFY(ring.await(Two, base::ExchangeId{3}));
    const std::vector<base::ExchangeId> waiting{base::ExchangeId{1}, base::ExchangeId{2}};
    QCOMPARE(ring.takeWaiting(One), waiting);
    QVERIFY(ring.takeWaiting(One).empty());
    QVERIFY(ring.await(One, base::ExchangeId{4}));
}

void TestKeyRing::knowsWhichQuestionIsOpen()
{
    const test::ManualClock clock;
    KeyRing ring({}, clock);
    const auto first = ring.await(One, base::ExchangeId{1});
    QVERIFY(first && ring.isAwaited(One, *first));
    ring.takeWaiting(One);
    QVERIFY(!ring.isAwaited(One, *first));
    // Asked for again, by somebody who has not waited for long: the deadline of the first is not theirs.
    const auto second = ring.await(One, base::ExchangeId{2});
    QVERIFY(second && !ring.isAwaited(One, *first) && ring.isAwaited(One, *second));
}

void TestKeyRing::brakesGuessing()
{
    test::ManualClock clock;
    KeyRing ring({}, clock);
    for (std::int64_t guess = 0; guess < KeyRing::GuessesMax; ++guess)
        QVERIFY(ring.noteGuess() == base::Duration::zero());
    QVERIFY(ring.noteGuess() > base::Duration::zero());
    clock.advance(KeyRing::GuessWindow + 1s);
    QVERIFY(ring.noteGuess() == base::Duration::zero());
}

QTEST_APPLESS_MAIN(TestKeyRing)
#include "tst_key_ring.moc"
