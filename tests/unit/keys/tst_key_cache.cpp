// SPDX-License-Identifier: GPL-3.0-or-later
#include "keys/key_cache.h"
#include <QTest>

using namespace weir;
using namespace weir::keys;
using std::chrono::minutes;
using std::chrono::seconds;
using Answer = KeyCache::Answer;

namespace {

constexpr base::Instant Start{minutes(100)};

KeyHash hashNumber(int number)
{
    return hashOf("key " + std::to_string(number));
}

std::shared_ptr<const AccessKey> keyNumber(int number)
{
    AccessKey key;
    key.id = number;
    key.hash = hashNumber(number);
    return std::make_shared<const AccessKey>(key);
}

} // namespace

class TestKeyCache : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void asksForWhatItHasNotSeen();
    void remembersThatAKeyIsUnknown();
    void forgetsAfterAWhile();
    void forgetsWhatWasChanged();
    void keepsTheRecentlyUsed();
    void keepsNothingWithSizeZero();
    void losesNoKeyToGuesses();
};

void TestKeyCache::asksForWhatItHasNotSeen()
{
    KeyCache cache({});
    QCOMPARE(cache.find(hashNumber(1), Start).answer, Answer::Ask);
    cache.insert(hashNumber(1), keyNumber(1), Start);
    const auto found = cache.find(hashNumber(1), Start);
    QCOMPARE(found.answer, Answer::Known);
    QCOMPARE(found.key->id, 1);
    QCOMPARE(cache.figures().hits, std::uint64_t(1));
    QCOMPARE(cache.figures().misses, std::uint64_t(1));
}

void TestKeyCache::remembersThatAKeyIsUnknown()
{
    KeyCache cache({});
    cache.insert(hashNumber(1), nullptr, Start);
    QCOMPARE(cache.find(hashNumber(1), Start).answer, Answer::Unknown);
    cache.insert(hashNumber(1), keyNumber(1), Start);
    QCOMPARE(cache.find(hashNumber(1), Start).answer, Answer::Known);
    QCOMPARE(cache.figures().entries, std::size_t(1));
}

void TestKeyCache::forgetsAfterAWhile()
{
    KeyCache cache({10, minutes(5)});
    cache.insert(hashNumber(1), keyNumber(1), Start);
    QCOMPARE(cache.find(hashNumber(1), Start + minutes(5) - seconds(1)).answer, Answer::Known);
    QCOMPARE(cache.find(hashNumber(1), Start + minutes(5)).answer, Answer::Ask); // use does not prolong it
}

void TestKeyCache::forgetsWhatWasChanged()
{
    KeyCache cache({});
    cache.insert(hashNumber(1), keyNumber(1), Start);
    cache.insert(hashNumber(2), keyNumber(2), Start);
    cache.forget(hashNumber(1));
    cache.forget(hashNumber(3));
    QCOMPARE(cache.find(hashNumber(1), Start).answer, Answer::Ask);
    QCOMPARE(cache.find(hashNumber(2), Start).answer, Answer::Known);
    cache.clear();
    QCOMPARE(cache.find(hashNumber(2), Start).answer, Answer::Ask);
    QCOMPARE(cache.figures().entries, std::size_t(0));
}

void TestKeyCache::keepsTheRecentlyUsed()
{
    KeyCache cache({3, minutes(5)});
    for (int number = 1; number <= 3; ++number)
        cache.insert(hashNumber(number), keyNumber(number), Start);
    QCOMPARE(cache.find(hashNumber(1), Start).answer, Answer::Known);
    cache.insert(hashNumber(4), keyNumber(4), Start);
    QCOMPARE(cache.figures().entries, std::size_t(3));
    QCOMPARE(cache.find(hashNumber(1), Start).answer, Answer::Known);
    QCOMPARE(cache.find(hashNumber(2), Start).answer, Answer::Ask); // used longest ago
}

void TestKeyCache::keepsNothingWithSizeZero()
{
    KeyCache cache({0, minutes(5)});
    cache.insert(hashNumber(1), keyNumber(1), Start);
    QCOMPARE(cache.find(hashNumber(1), Start).answer, Answer::Ask);
}

void TestKeyCache::losesNoKeyToGuesses()
{
    KeyCache cache({10, minutes(5)});
    for (int key = 0; key < 10; ++key)
        cache.insert(hashNumber(key), keyNumber(key), Start);
    for (int guess = 100; guess < 10'100; ++guess)
        cache.insert(hashNumber(guess), nullptr, Start);
    for (int key = 0; key < 10; ++key)
        QCOMPARE(cache.find(hashNumber(key), Start).answer, Answer::Known);
    QCOMPARE(cache.figures().entries, std::size_t(20)); // and as many unknown ones, the newest
    QCOMPARE(cache.find(hashNumber(10'099), Start).answer, Answer::Unknown);
    QCOMPARE(cache.find(hashNumber(10'089), Start).answer, Answer::Ask);
}

QTEST_GUILESS_MAIN(TestKeyCache)
#include "tst_key_cache.moc"
