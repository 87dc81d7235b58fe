// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/turn_budget.h"
#include <QTest>

using weir::upstream::TurnBudget;

class TestTurnBudget : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isUsedUpByBytes();
    void isUsedUpByPieces();
    void keepsRoomForWriting();
    void isWholeAgainWithTheNextTurn();
};

void TestTurnBudget::isUsedUpByBytes()
{
    TurnBudget budget;
    budget.countMoved(TurnBudget::BytesMax - 1);
    QVERIFY(budget.mayMove());
    budget.countMoved(1);
    QVERIFY(!budget.mayMove());
    QVERIFY(budget.mayTakePieces());
}

void TestTurnBudget::isUsedUpByPieces()
{
    TurnBudget budget;
    for (int count = 0; count < TurnBudget::PiecesMax; ++count) {
        QVERIFY(budget.mayTakePieces());
        budget.countPiece();
    }
    QVERIFY(!budget.mayTakePieces());
    QVERIFY(budget.mayMove()); // what has been read is still handed on
}

void TestTurnBudget::keepsRoomForWriting()
{
    TurnBudget budget;
    budget.countMoved(2 * TurnBudget::BytesMax);
    QVERIFY(budget.mayWrite());
    budget.countWritten(TurnBudget::BytesMax);
    QVERIFY(!budget.mayWrite());
}

void TestTurnBudget::isWholeAgainWithTheNextTurn()
{
    TurnBudget budget;
    budget.countMoved(TurnBudget::BytesMax);
    budget.countWritten(TurnBudget::BytesMax);
    QVERIFY(!budget.isSpent()); // nobody wanted more
    budget.leaveRest();
    QVERIFY(budget.isSpent());
    budget.begin();
    QVERIFY(!budget.isSpent() && budget.mayMove() && budget.mayWrite() && budget.mayTakePieces());
}

QTEST_GUILESS_MAIN(TestTurnBudget)
#include "tst_turn_budget.moc"
