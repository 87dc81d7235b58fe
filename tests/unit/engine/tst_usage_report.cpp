// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/usage_report.h"

#include <limits>
#include <QTest>

using namespace weir;
using namespace weir::engine;

namespace {

constexpr base::WallMs Now = 1'795'564'800'000; // 2026-11-25T00:00:00Z
constexpr base::WallMs End = std::numeric_limits<base::WallMs>::max();

} // namespace

class TestUsageReport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsQuestions_data();
    void readsQuestions();
    void refusesQuestions_data();
    void refusesQuestions();
};

void TestUsageReport::readsQuestions_data()
{
    QTest::addColumn<QByteArray>("query");
    QTest::addColumn<int>("by");
    QTest::addColumn<qint64>("from");
    QTest::addColumn<qint64>("to");
    const auto row = [](const char *query, store::GroupBy by, qint64 from, qint64 to) {
        QTest::newRow(query) << QByteArray(query) << int(by) << from << to;
    };
    using By = store::GroupBy;
    row("", By::Model, 0, End);
    row("by=key", By::Key, 0, End);
    row("by=caller", By::Caller, 0, End);
    row("by=tool", By::Tool, 0, End);
    row("by=provider", By::Provider, 0, End);
    row("by=day&since=7d", By::Day, Now - 7 * 86'400'000LL, End);
    row("since=90m", By::Model, Now - 90 * 60'000LL, End);
    row("until=24h", By::Model, 0, Now - 86'400'000LL);
    row("since=2026-11-24T00:00:00Z", By::Model, Now - 86'400'000LL, End);
    row("since=2026-11-24T01%3A00%3A00%2B01%3A00", By::Model, Now - 86'400'000LL, End);
    row("since=2d&until=1d", By::Model, Now - 2 * 86'400'000LL, Now - 86'400'000LL);
}

void TestUsageReport::readsQuestions()
{
    QFETCH(QByteArray, query);
    QFETCH(int, by);
    QFETCH(qint64, from);
    QFETCH(qint64, to);
    const auto question = readUsageQuestion(query.toStdString(), Now);
    QVERIFY2(question, question ? "" : base::describe(question.error()).c_str());
    QCOMPARE(int(question->by), by);
    QCOMPARE(qint64(question->range.from), from);
    QCOMPARE(qint64(question->range.to), to);
}

void TestUsageReport::refusesQuestions_data()
{
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("by=") << QByteArray("by must be");
    QTest::newRow("by=MODEL") << QByteArray("by must be");
    QTest::newRow("since=") << QByteArray("since must be");
    QTest::newRow("since=-7d") << QByteArray("since must be");
    QTest::newRow("since=7w") << QByteArray("since must be");
    QTest::newRow("since=999999999999d") << QByteArray("since must be");
    QTest::newRow("until=2026-02-30") << QByteArray("until must be");
    QTest::newRow("since=1d&until=2d") << QByteArray("until must be after since");
    QTest::newRow("key=1") << QByteArray("by, since and until");
}

void TestUsageReport::refusesQuestions()
{
    QFETCH(QByteArray, says);
    const auto question = readUsageQuestion(QTest::currentDataTag(), Now);
    QVERIFY(!question);
    QCOMPARE(question.error().code, base::Errc::QueryInvalid);
    QVERIFY2(question.error().detail.find(says.toStdString()) != std::string::npos,
             question.error().detail.c_str());
}

QTEST_GUILESS_MAIN(TestUsageReport)
#include "tst_usage_report.moc"
