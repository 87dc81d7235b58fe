// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/next_turn.h"
#include <memory>
#include <QTest>

using namespace weir::base;

class TestNextTurn : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void worksOnceHoweverOftenItWasAsked();
    void worksAgainWhenAskedFromWithin();
    void doesNothingOnceItHasGone();
};

void TestNextTurn::worksOnceHoweverOftenItWasAsked()
{
    int works = 0;
    NextTurn next([&works] { ++works; });
    next.ask();
    next.ask();
    QCOMPARE(works, 0); // not at once
    QCoreApplication::sendPostedEvents();
    QCOMPARE(works, 1);
    QCoreApplication::sendPostedEvents();
    QCOMPARE(works, 1);
    next.ask();
    QCoreApplication::sendPostedEvents();
    QCOMPARE(works, 2);
}

void TestNextTurn::worksAgainWhenAskedFromWithin()
{
    int works = 0;
    std::unique_ptr<NextTurn> next;
    next = std::make_unique<NextTurn>([&] {
        if (++works < 3)
            next->ask();
    });
    next->ask();
    for (int turn = 0; turn < 5; ++turn)
        QCoreApplication::processEvents();
    QCOMPARE(works, 3);
}

void TestNextTurn::doesNothingOnceItHasGone()
{
    int works = 0;
    auto next = std::make_unique<NextTurn>([&works] { ++works; });
    next->ask();
    next.reset();
    QCoreApplication::processEvents();
    QCOMPARE(works, 0);
}

QTEST_GUILESS_MAIN(TestNextTurn)
#include "tst_next_turn.moc"
