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
    void remembersWhatTheStoreSaid();
    void brakesGuessing();
};

namespace {

const keys::KeyHash One = keys::hashOf("weir_one");

} // namespace

void TestKeyRing::remembersWhatTheStoreSaid()
{
    const test::ManualClock clock;
    KeyRing ring({}, clock);
    using Answer = keys::KeyCache::Answer;
    QVERIFY(ring.find(One).answer == Answer::Ask);
    ring.insert(One, nullptr);
    QVERIFY(ring.find(One).answer == Answer::Unknown);
    ring.forget(One);
    QVERIFY(ring.find(One).answer == Answer::Ask);
    ring.insert(One, std::make_shared<const keys::AccessKey>());
    QVERIFY(ring.find(One).answer == Answer::Known);
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
