// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/inquiries.h"

#include "support/manual_clock.h"
#include <QTest>
#include <vector>

using namespace weir;
using namespace std::chrono_literals;
using base::Errc;
using base::ExchangeId;
using pipeline::Inquiries;

namespace {

using Ids = std::vector<std::uint64_t>;

/// Two at a time, three of one asker, five of all.
struct Rig
{
    bool ask(std::uint64_t id, std::int64_t asker = 7)
    {
        return inquiries
            .ask(ExchangeId{id}, asker,
                 [this, id] {
                     sent.push_back(id);
                     return true;
                 })
            .has_value();
    }
    Errc refusal(std::uint64_t id, std::int64_t asker = 7)
    {
        const auto asked = inquiries.ask(ExchangeId{id}, asker, [] { return true; });
        return asked ? Errc::None : asked.error().code;
    }
    bool take(std::uint64_t id) { return inquiries.take(ExchangeId{id}); }
    void drop(std::uint64_t id) { inquiries.drop(ExchangeId{id}); }

    test::ManualClock clock;
    Ids sent;
    Ids late;
    Inquiries inquiries{
        {2, 3, 5}, clock, [this](ExchangeId id) { late.push_back(static_cast<std::uint64_t>(id)); }};
};

} // namespace

class TestInquiries : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sendsAFewAtATimeInTheirOrder();
    void dropsWhoHasLeftBeforeItCostsAnything();
    void keepsThePlaceOfWhatIsBeingAnswered();
    void refusesMoreOfOneAsker();
    void refusesMoreOfAll();
    void countsWhoHasLeftNoLonger();
    void givesUpWhatWaitsForTooLong();
    void checksByItself();
    void leavesOutWhatIsNoLongerNeeded();
    void takesAQuestionFromTheMiddleOfAnAnswer();
    void knowsNothingOfOthers();
};

void TestInquiries::sendsAFewAtATimeInTheirOrder()
{
    Rig rig;
    QVERIFY(rig.ask(3) && rig.ask(4) && rig.ask(9, 8));
    QVERIFY(rig.ask(5, 8)); // began before
    QCOMPARE(rig.sent, (Ids{3, 4}));
    QVERIFY(rig.take(4)); // in the order in which the answers come
    QCOMPARE(rig.sent, (Ids{3, 4, 5}));
    QVERIFY(rig.take(3));
    QCOMPARE(rig.sent, (Ids{3, 4, 5, 9}));
    QVERIFY(rig.take(5) && rig.take(9));
    QCOMPARE(rig.inquiries.waiting() + rig.inquiries.sent(), std::size_t(0));
}

void TestInquiries::dropsWhoHasLeftBeforeItCostsAnything()
{
    Rig rig;
    QVERIFY(rig.ask(1) && rig.ask(2) && rig.ask(3));
    rig.drop(3);
    QVERIFY(rig.take(1) && rig.take(2));
    QCOMPARE(rig.sent, (Ids{1, 2}));
    QVERIFY(!rig.take(3));
}

void TestInquiries::keepsThePlaceOfWhatIsBeingAnswered()
{
    Rig rig;
    QVERIFY(rig.ask(1) && rig.ask(2) && rig.ask(3));
    rig.drop(1); // the other thread is at it, and cannot be told
    QCOMPARE(rig.sent, (Ids{1, 2}));
    QVERIFY(!rig.take(1));              // nobody wants it …
    QCOMPARE(rig.sent, (Ids{1, 2, 3})); // … but there is room now
}

void TestInquiries::refusesMoreOfOneAsker()
{
    Rig rig;
    QVERIFY(rig.ask(1) && rig.ask(2) && rig.ask(3));
    QCOMPARE(rig.refusal(4), Errc::TooManyQuestions);
    QVERIFY(rig.ask(5, 8)); // others may still ask
    QVERIFY(rig.take(1));
    QVERIFY(rig.ask(6));
}

void TestInquiries::refusesMoreOfAll()
{
    Rig rig;
    for (std::uint64_t id = 1; id <= 5; ++id)
        QVERIFY(rig.ask(id, std::int64_t(id)));
    QCOMPARE(rig.refusal(6, 6), Errc::TooManyQuestions);
    QCOMPARE(rig.inquiries.waiting() + rig.inquiries.sent(), std::size_t(5));
    QVERIFY(rig.take(1));
    QVERIFY(rig.ask(7, 7));
}

void TestInquiries::countsWhoHasLeftNoLonger()
{
    Rig rig;
    QVERIFY(rig.ask(1) && rig.ask(2) && rig.ask(3));
    rig.drop(3);
    QVERIFY(rig.ask(4));
    rig.drop(
        1); // still with the other thread: it counts until it is answered, or leaving would be a way round
    QCOMPARE(rig.refusal(5), Errc::TooManyQuestions);
    QVERIFY(!rig.take(1));
    QVERIFY(rig.ask(6));
}

void TestInquiries::givesUpWhatWaitsForTooLong()
{
    Rig rig;
    QVERIFY(rig.ask(1) && rig.ask(2) && rig.ask(3));
    rig.clock.advance(Inquiries::AnswerWait - 1ms);
    QVERIFY(rig.ask(4, 8));
    rig.inquiries.expire();
    QVERIFY(rig.late.empty());
    rig.clock.advance(1ms);
    rig.inquiries.expire();
    QCOMPARE(rig.late, (Ids{3, 1, 2}));
    QCOMPARE(rig.sent, (Ids{1, 2})); // an answer that does not come makes no room
    rig.inquiries.expire();
    QCOMPARE(rig.late.size(), std::size_t(3)); // told once
    QVERIFY(!rig.take(1) && !rig.take(2));
    QCOMPARE(rig.sent, (Ids{1, 2, 4}));
}

void TestInquiries::checksByItself()
{
    Rig rig;
    QVERIFY(rig.ask(1));
    rig.clock.advance(Inquiries::AnswerWait);
    QTRY_COMPARE(rig.late, (Ids{1}));
}

void TestInquiries::leavesOutWhatIsNoLongerNeeded()
{
    Rig rig;
    bool isNeeded = true;
    QVERIFY(rig.ask(1) && rig.ask(2));
    QVERIFY(rig.inquiries.ask(ExchangeId{3}, 7, [&] { return isNeeded; }));
    QVERIFY(rig.ask(4, 8));
    isNeeded = false;
    QVERIFY(rig.take(1));
    QCOMPARE(rig.sent, (Ids{1, 2, 4})); // the next one has its place
    QVERIFY(!rig.take(3));
    QVERIFY(rig.ask(5) && rig.ask(6)); // nor does it count
}

void TestInquiries::takesAQuestionFromTheMiddleOfAnAnswer()
{
    Rig rig;
    QVERIFY(rig.ask(1) && rig.ask(2));
    QVERIFY(rig.inquiries.ask(ExchangeId{3}, 8, [&] {
        rig.ask(5, 8); // its exchange goes on, and asks again
        return false;
    }));
    QVERIFY(rig.ask(4, 9));
    QVERIFY(rig.take(1));
    QCOMPARE(rig.inquiries.sent(), std::size_t(2));
    QVERIFY(rig.take(2));
    QCOMPARE(rig.sent, (Ids{1, 2, 4, 5}));
}

void TestInquiries::knowsNothingOfOthers()
{
    Rig rig;
    rig.drop(1);
    QVERIFY(!rig.take(1));
    rig.inquiries.expire();
    QVERIFY(rig.late.empty());
}

QTEST_GUILESS_MAIN(TestInquiries)
#include "tst_inquiries.moc"
