// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format.h"
#include "ui/models/request_table_model.h"
#include "ui/ui_fixture.h"
#include <QTest>

using namespace weir;
using namespace weir::ui;
using std::chrono::microseconds;

class TestRequestTexts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsTheStatusInWords();
    void saysWhatWasCharged();
    void tellsOwnTimeAndPieces();
    void neverTellsAnUnknownPriceAsNothing();
};

void TestRequestTexts::tellsTheStatusInWords()
{
    metrics::RequestRecord record = test::sampleRecord(1);
    QCOMPARE(statusText(record), QStringLiteral("200"));
    record.status = 429;
    QCOMPARE(statusText(record), QStringLiteral("429 rate limited"));
    record.status = 200;
    record.outcome = metrics::Outcome::Truncated;
    QCOMPARE(statusText(record), QStringLiteral("200 cut off"));
    record.outcome = metrics::Outcome::Cancelled;
    QCOMPARE(statusText(record), QStringLiteral("cancelled"));
}

void TestRequestTexts::saysWhatWasCharged()
{
    metrics::RequestRecord record = test::sampleRecord(1);
    record.charged = 1285;
    QCOMPARE(chargeText(record), QString()); // no key, no limits
    record.keyId = 7;
    record.keyLabel = "Laptop";
    QVERIFY(chargeText(record).endsWith(QStringLiteral("tokens counted against the limits of Laptop")));
    QVERIFY(!chargeText(record).contains(QStringLiteral("estimate")));
    record.usage.known = false;
    QVERIFY(chargeText(record).contains(QStringLiteral("an estimate")));
    record.charged = 0;
    QCOMPARE(chargeText(record), QString());
}

void TestRequestTexts::tellsOwnTimeAndPieces()
{
    metrics::RequestRecord record = test::sampleRecord(1);
    record.own = microseconds(85);
    record.total = std::chrono::seconds(1);
    record.pieceCount = 61;
    record.pieceMedian = microseconds(58);
    QCOMPARE(addedText(record),
             QStringLiteral("Weir added 85 µs of 1.00 s (< 0.1 %).  Each of the reply's 61 "
                            "pieces was passed on in 58 µs (median)."));
    record.pieceCount = 1; // all of it has been told
    QVERIFY(!addedText(record).contains(QStringLiteral("pieces")));
    record.outcome = metrics::Outcome::Answered;
    QVERIFY(addedText(record).startsWith(QStringLiteral("Answered by Weir itself in ")));
}

void TestRequestTexts::neverTellsAnUnknownPriceAsNothing()
{
    engine::LiveFeed feed;
    RequestTableModel model(feed);
    metrics::RecordBatch batch{test::sampleRecord(1), test::sampleRecord(2), test::sampleRecord(3)};
    batch[1].costMicros = 0;
    batch[2].costMicros = 12;
    feed.accept(test::sampleSnapshot(1'700'000'000'000, 3), std::move(batch));
    const auto cell = [&](int row, int role) {
        return model.index(row, RequestTableModel::Cost).data(role).toString();
    };
    QCOMPARE(cell(2, Qt::DisplayRole), format::unknown());
    QVERIFY(cell(2, Qt::ToolTipRole).contains(QStringLiteral("no price")));
    QCOMPARE(cell(1, Qt::DisplayRole), QStringLiteral("nothing"));
    QCOMPARE(cell(1, Qt::ToolTipRole), QStringLiteral("Nothing was charged."));
    QCOMPARE(cell(0, Qt::DisplayRole), QStringLiteral("$0.000012"));
}

QTEST_GUILESS_MAIN(TestRequestTexts)
#include "tst_request_texts.moc"
