// SPDX-License-Identifier: GPL-3.0-or-later
#include "profiling/timeline.h"

#include <QTest>
#include <set>
#include <string>

using namespace weir;
using namespace std::chrono_literals;
using profiling::Stage;
using profiling::Timeline;
using profiling::Work;

class TestTimeline : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyStageHasItsOwnName();
    void unmarkedStageHasNoStamp();
    void firstStampIsKept();
    void betweenNeedsBothStages();
    void withoutDetailTheEssentialStays();
    void ownTimeAddsUp();
    void onlyTheFirstContentIsWaitedFor();
    void withoutContentTheFirstPieceIs();
    void wantsPiecesWhileTheyTell();
};

namespace {

constexpr base::Instant Start{1000s};

} // namespace

void TestTimeline::everyStageHasItsOwnName()
{
    std::set<std::string> names;
    for (std::size_t i = 0; i < profiling::StageCount; ++i)
        names.insert(std::string(profiling::name(Stage(i))));
    QCOMPARE(names.size(), profiling::StageCount);
    QVERIFY(!names.contains(""));
    QCOMPARE(profiling::name(Stage::HeadBegan), "head_began");
    QCOMPARE(profiling::name(Stage::ReplyEnded), "reply_ended");
    QCOMPARE(profiling::name(Stage::Finished), "finished");
    QCOMPARE(std::size_t(Stage::Finished), profiling::StageCount - 1);
}

void TestTimeline::unmarkedStageHasNoStamp()
{
    const Timeline timeline;
    for (std::size_t i = 0; i < profiling::StageCount; ++i)
        QVERIFY(!timeline.at(Stage(i)));
}

void TestTimeline::firstStampIsKept()
{
    Timeline timeline;
    timeline.mark(Stage::FirstChunk, Start);
    timeline.mark(Stage::FirstChunk, Start + 1s);
    QVERIFY(timeline.at(Stage::FirstChunk) == Start);
}

void TestTimeline::betweenNeedsBothStages()
{
    Timeline timeline;
    timeline.mark(Stage::HeadDone, Start);
    QVERIFY(!timeline.between(Stage::HeadDone, Stage::Finished));
    QVERIFY(!timeline.between(Stage::Finished, Stage::HeadDone));
    timeline.mark(Stage::Finished, Start + 1500us);
    QVERIFY(timeline.between(Stage::HeadDone, Stage::Finished) == base::Duration(1500us));
}

void TestTimeline::withoutDetailTheEssentialStays()
{
    const std::set<Stage> essential{Stage::HeadDone, Stage::FirstChunk, Stage::FirstToken, Stage::Finished};
    Timeline timeline(false);
    for (std::size_t i = 0; i < profiling::StageCount; ++i)
        timeline.mark(Stage(i), Start + std::chrono::microseconds(i));
    for (std::size_t i = 0; i < profiling::StageCount; ++i)
        QCOMPARE(timeline.at(Stage(i)).has_value(), essential.contains(Stage(i)));
}

void TestTimeline::ownTimeAddsUp()
{
    Timeline timeline(false);
    timeline.addOwn(Work::Deciding, 30us);
    timeline.addOwn(Work::Sending, 12us);
    timeline.addOwn(Work::Sending, 8us); // of another try
    QCOMPARE(base::toMicros(timeline.own()), std::int64_t(50));
    QCOMPARE(base::toMicros(timeline.own(Work::Sending)), std::int64_t(20));
    QCOMPARE(base::toMicros(timeline.own(Work::Ending)), std::int64_t(0));
}

void TestTimeline::onlyTheFirstContentIsWaitedFor()
{
    Timeline timeline;
    timeline.addOwn(Work::Head, 5us);
    timeline.addPiece(70us);                                    // an event that tells the role
    QCOMPARE(base::toMicros(timeline.own()), std::int64_t(75)); // as long as there is no better
    timeline.addPiece(9us);
    timeline.mark(Stage::FirstToken, Start);
    for (int piece = 0; piece < 1000; ++piece)
        timeline.addPiece(60us);
    timeline.mark(Stage::FirstToken, Start + 1s);
    QCOMPARE(base::toMicros(timeline.own(Work::Answer)), std::int64_t(9));
    QCOMPARE(base::toMicros(timeline.own()), std::int64_t(14));
}

void TestTimeline::withoutContentTheFirstPieceIs()
{
    Timeline timeline;
    timeline.addPiece(7us);
    for (int piece = 0; piece < 1000; ++piece)
        timeline.addPiece(60us);
    QCOMPARE(base::toMicros(timeline.own()), std::int64_t(7));
}

void TestTimeline::wantsPiecesWhileTheyTell()
{
    Timeline brief(false);
    QVERIFY(brief.wantsPiece()); // Weir's own time is always told
    brief.mark(Stage::FirstToken, Start);
    QVERIFY(!brief.wantsPiece());
    Timeline detailed(true);
    detailed.mark(Stage::FirstToken, Start);
    QCOMPARE(detailed.wantsPiece(), detailed.isDetailed());
}

QTEST_GUILESS_MAIN(TestTimeline)
#include "tst_timeline.moc"
