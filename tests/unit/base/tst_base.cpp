// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/result.h"
#include "base/ring.h"
#include <memory>
#include <QTest>
#include <set>

using namespace weir::base;

class TestBase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hasASentenceForEachError();
    void describesErrors();
    void ringKeepsTheNewest();
    void resultHoldsOneOfBoth();
};

void TestBase::hasASentenceForEachError()
{
    std::set<std::string_view> identifiers;
    std::set<std::string_view> sentences;
    for (int code = 0; code <= int(Errc::Internal); ++code) {
        const std::string_view told = sentence(Errc(code));
        QVERIFY(!told.empty() && !told.ends_with('.'));
        QVERIFY2(identifiers.insert(identifier(Errc(code))).second, identifier(Errc(code)).data());
        QVERIFY2(sentences.insert(told).second, told.data());
        QCOMPARE(int(errcOf(identifier(Errc(code)))), code);
    }
    QCOMPARE(int(errcOf("of_another_program")), int(Errc::None));
}

void TestBase::describesErrors()
{
    QCOMPARE(describe({Errc::UpstreamRefused, "api.example:443"}),
             std::string("the upstream refused the connection: api.example:443"));
    QCOMPARE(describe({Errc::Draining, {}}), std::string("Weir is shutting down"));
}

void TestBase::ringKeepsTheNewest()
{
    Ring<int> ring(3);
    QVERIFY(ring.empty());
    for (int value = 1; value <= 7; ++value)
        ring.push(value);
    QCOMPARE(ring.size(), std::size_t(3));
    QCOMPARE(ring[0], 5);
    QCOMPARE(ring[2], 7);
    QCOMPARE(ring.newest(), 7);
    ring.clear();
    ring.push(8);
    QCOMPARE(ring.size(), std::size_t(1));
    QCOMPARE(ring.newest(), 8);
    Ring<int> one(0); // never none: a ring that holds nothing would have no newest
    one.push(1);
    one.push(2);
    QCOMPARE(one.newest(), 2);
}

void TestBase::resultHoldsOneOfBoth()
{
    Result<std::unique_ptr<int>> good = std::make_unique<int>(5);
    QVERIFY(good);
    QCOMPARE(**good, 5);
    const std::unique_ptr<int> taken = std::move(good).value();
    QCOMPARE(*taken, 5);
    const Result<int> bad = unexpected(Errc::ConfigInvalid, "why");
    QVERIFY(!bad.has_value());
    QCOMPARE(bad.error().detail, std::string("why"));
    const Result<void> done;
    QVERIFY(done);
    const Result<void> failed = unexpected(Errc::Internal);
    QCOMPARE(failed.error().code, Errc::Internal);
}

QTEST_GUILESS_MAIN(TestBase)
#include "tst_base.moc"
