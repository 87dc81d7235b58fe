// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/usage_log.h"

#include "store/usage_query.h"
#include "store/usage_writer.h"
#include "unit/store/store_fixture.h"
#include "unit/store/usage_rows.h"
#include <algorithm>
#include <csignal>
#include <QSignalSpy>
#include <QTest>
#include <sys/resource.h>

using namespace weir;
using namespace weir::store;
using base::Errc;
using test::StoreFixture;
using test::usageRows;

namespace {

/// While it lives, writing beyond `bytes` of a file fails with EFBIG.
class FileSizeLimit
{
public:
    explicit FileSizeLimit(rlim_t bytes)
    {
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        m_signal = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit()
    {
        ::setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_signal);
    }
    FileSizeLimit(const FileSizeLimit &) = delete;
    FileSizeLimit &operator=(const FileSizeLimit &) = delete;

private:
    rlimit m_before{};
    void (*m_signal)(int) = nullptr;
};

} // namespace

class TestUsageLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesWhatCameWithinAQuarterSecond();
    void writesAtOnceWhenABatchIsFull();
    void countsARowOnceHoweverOftenItComes();
    void tellsRunsApart();
    void goesOnWhenTheDiskIsFull();
    void savesWhatTheSystemTakes();
    void writesAgainByItself();
    void dropsTheOldestBeyondItsBound();
    void keepsItsOrderWhenItFails();
    void countsRefusalsWithTheNextBatch();
    void keepsRefusalsThatCannotBeWritten();
    void takesWhatARecordSays();
};

void TestUsageLog::writesWhatCameWithinAQuarterSecond()
{
    std::vector<std::size_t> batches;
    UsageLog log([&](std::span<const UsageRow> rows, const Refusals &) -> base::Result<std::int64_t> {
        batches.push_back(rows.size());
        return std::int64_t(rows.size());
    });
    log.append(usageRows(0, 3));
    log.append(usageRows(3, 10));
    log.append({});
    QVERIFY(batches.empty()); // not row by row
    QTRY_COMPARE(batches, std::vector<std::size_t>{10});
    QCOMPARE(log.state().waiting, std::size_t(0));
    QCOMPARE(log.state().written, 10);
}

void TestUsageLog::writesAtOnceWhenABatchIsFull()
{
    std::vector<std::size_t> batches;
    UsageLog log([&](std::span<const UsageRow> rows, const Refusals &) -> base::Result<std::int64_t> {
        batches.push_back(rows.size());
        return std::int64_t(rows.size());
    });
    log.append(usageRows(0, 1100));
    QCoreApplication::processEvents();
    QVERIFY(!batches.empty()); // did not wait for the quarter second
    QTRY_COMPARE(batches, (std::vector<std::size_t>{500, 500, 100}));
    log.append(usageRows(0, 7));
    QVERIFY(log.flush());
    QCOMPARE(batches.back(), std::size_t(7));
}

void TestUsageLog::countsARowOnceHoweverOftenItComes()
{
    StoreFixture fixture;
    auto database = fixture.open();
    VERIFY_RESULT(database);
    QCOMPARE(*writeUsage(**database, usageRows(0, 50)), 50);
    QCOMPARE(*writeUsage(**database, usageRows(0, 50)), 0);
    QCOMPARE(*writeUsage(**database, usageRows(40, 60)), 10);
    database->reset();
    database = fixture.open(); // the same process
    QCOMPARE(*writeUsage(**database, usageRows(0, 60)), 0);
    QCOMPARE(*(*database)->number("SELECT count(*) FROM usage"), 60);
    QCOMPARE(*(*database)->number("SELECT sum(requests) FROM usage_hour"), 60);
}

void TestUsageLog::tellsRunsApart()
{
    StoreFixture fixture;
    for (const char boot : {'a', 'b'}) {
        fixture.boot = QByteArray(16, boot);
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        QCOMPARE(*writeUsage(**database, usageRows(0, 50)), 50);
    }
    QCOMPARE(*(*fixture.open())->number("SELECT sum(requests) FROM usage_hour"), 100);
}

void TestUsageLog::goesOnWhenTheDiskIsFull()
{
    StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    UsageLog log(**database);
    QSignalSpy changes(&log, &UsageLog::savingChanged);
    log.append(usageRows(0, 500));
    QVERIFY(log.flush());
    QVERIFY(changes.isEmpty());

    // As a full disk does it: the file cannot grow.
    const std::string full =
        "PRAGMA max_page_count = " + std::to_string(*(*database)->number("PRAGMA page_count"));
    VERIFY_RESULT((*database)->execute(full.c_str()));
    log.append(usageRows(500, 3000));
    QVERIFY(!log.flush());
    QVERIFY(!log.flush());
    QCOMPARE(changes.size(), 1); // said once
    QCOMPARE(changes[0][0].toBool(), false);
    UsageLog::State state = log.state();
    QVERIFY(!state.isSaving);
    QVERIFY2(state.reason.find("full") != std::string::npos, state.reason.c_str());
    QCOMPARE(state.waiting + std::size_t(state.written), std::size_t(3000));
    QCOMPARE(state.dropped, 0);
    // Nothing that was saved is lost, and half a batch is not saved.
    QCOMPARE(*(*database)->number("SELECT count(*) FROM usage"), state.written);
    QCOMPARE(*(*database)->number("SELECT sum(requests) FROM usage_hour"), state.written);

    VERIFY_RESULT((*database)->execute("PRAGMA max_page_count = 1000000"));
    QVERIFY(log.flush());
    QCOMPARE(changes.size(), 2);
    QCOMPARE(changes[1][0].toBool(), true);
    state = log.state();
    QVERIFY(state.isSaving && state.reason.empty());
    QCOMPARE(state.written, 3000);
    QCOMPARE(*(*database)->number("SELECT sum(requests) FROM usage_hour"), 3000);
}

void TestUsageLog::savesWhatTheSystemTakes()
{
    // No file of this process may grow beyond some size, so that the system itself refuses what has no room,
    // in the middle of a page. A file system that runs full does the same, but takes the right to mount one.
    StoreFixture fixture;
    std::int64_t saved = 0;
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        UsageLog log(**database);
        log.append(usageRows(0, 500));
        QVERIFY(log.flush());
        const FileSizeLimit limit(600'123);
        log.append(usageRows(500, 8000));
        QVERIFY(!log.flush());
        QVERIFY2(!log.state().reason.empty(), log.state().reason.c_str());
        saved = log.state().written;
        QCOMPARE(saved + std::int64_t(log.state().waiting), 8000);
        QCOMPARE(*(*database)->number("SELECT count(*) FROM usage"), saved);
    }
    {
        // Ended while there was no room: what was saved is there.
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        QVERIFY((*database)->start().movedAsideTo.empty());
        QCOMPARE(*(*database)->number("SELECT count(*) FROM usage"), saved);
        UsageLog log(**database);
        log.append(usageRows(500, 2000)); // with room, some of them once more
        QVERIFY(log.flush());
        QCOMPARE(*(*database)->number("SELECT sum(requests) FROM usage_hour"),
                 std::max<std::int64_t>(saved, 2000));
    }
}

void TestUsageLog::writesAgainByItself()
{
    bool broken = true;
    int attempts = 0;
    UsageLog log([&](std::span<const UsageRow> rows, const Refusals &) -> base::Result<std::int64_t> {
        ++attempts;
        if (broken)
            return base::unexpected(Errc::StoreUnavailable, "disk I/O error");
        return std::int64_t(rows.size());
    });
    log.append(usageRows(0, 1200));
    QTRY_COMPARE(attempts, 1);
    log.append(usageRows(1200, 2400)); // does not hammer a disk that fails
    QTest::qWait(600);
    QCOMPARE(attempts, 1);
    broken = false;
    QTRY_COMPARE_WITH_TIMEOUT(log.state().written, 2400, 8000);
    QVERIFY(log.state().isSaving);
}

void TestUsageLog::dropsTheOldestBeyondItsBound()
{
    bool broken = true;
    std::vector<std::int64_t> written;
    UsageLog log([&](std::span<const UsageRow> rows, const Refusals &) -> base::Result<std::int64_t> {
        if (broken)
            return base::unexpected(Errc::StoreUnavailable, "disk full");
        for (const UsageRow &row : rows)
            written.push_back(row.sequence);
        return std::int64_t(rows.size());
    });
    log.append(usageRows(0, std::int64_t(UsageLog::QueueMax)));
    QVERIFY(!log.flush());
    QCOMPARE(log.state().dropped, 0);
    log.append(usageRows(std::int64_t(UsageLog::QueueMax), std::int64_t(UsageLog::QueueMax) + 10));
    QCOMPARE(log.state().dropped, 10);
    QCOMPARE(log.state().waiting, UsageLog::QueueMax);
    broken = false;
    QVERIFY(log.flush());
    QCOMPARE(written.size(), UsageLog::QueueMax);
    QCOMPARE(written.front(), 10);
    QCOMPARE(written.back(), std::int64_t(UsageLog::QueueMax) + 9);
}

void TestUsageLog::keepsItsOrderWhenItFails()
{
    int attempts = 0;
    std::vector<UsageRow> written;
    UsageLog log([&](std::span<const UsageRow> rows, const Refusals &) -> base::Result<std::int64_t> {
        if (++attempts % 2)
            return base::unexpected(Errc::StoreInUse, "locked");
        written.insert(written.end(), rows.begin(), rows.end());
        return std::int64_t(rows.size());
    });
    log.append(usageRows(0, 1300));
    while (!log.flush()) {
    }
    QVERIFY(written == usageRows(0, 1300)); // no row damaged on its way back
}

void TestUsageLog::countsRefusalsWithTheNextBatch()
{
    int attempts = 0;
    Refusals written;
    UsageLog log([&](std::span<const UsageRow>, const Refusals &refusals) -> base::Result<std::int64_t> {
        ++attempts;
        written.add(refusals);
        return 0;
    });
    Refusals two;
    two.add(Errc::UnknownKey, 10);
    two.add(Errc::TooManyGuesses, 20);
    log.append({}, two);
    for (int at = 0; at < 1000; ++at)
        log.append({}, two);
    QCOMPARE(attempts, 0); // not each for itself
    QTRY_COMPARE(attempts, 1);
    QCOMPARE(written.byReason[Errc::UnknownKey], std::int64_t(1001));
    QCOMPARE(written.byReason[Errc::TooManyGuesses], std::int64_t(1001));
    QCOMPARE(written.at, base::WallMs(20));
    log.append(usageRows(0, 1));
    QVERIFY(log.flush());
    QCOMPARE(attempts, 2);
    QCOMPARE(written.byReason[Errc::UnknownKey], std::int64_t(1001)); // once
}

void TestUsageLog::keepsRefusalsThatCannotBeWritten()
{
    bool broken = true;
    Refusals written;
    UsageLog log([&](std::span<const UsageRow>, const Refusals &refusals) -> base::Result<std::int64_t> {
        if (broken)
            return base::unexpected(Errc::StoreUnavailable, "disk full");
        written.add(refusals);
        return 0;
    });
    Refusals one;
    one.add(Errc::LimitReached, 10);
    for (int at = 0; at < 3; ++at) {
        log.append({}, one);
        QVERIFY(!log.flush());
    }
    broken = false;
    QVERIFY(log.flush());
    QCOMPARE(written.byReason, (std::map<Errc, std::int64_t>{{Errc::LimitReached, 3}}));
}

void TestUsageLog::takesWhatARecordSays()
{
    metrics::RequestRecord record;
    record.id = base::ExchangeId(7);
    record.startedAt = 123;
    record.tool = "Codex";
    record.provider = "openai";
    record.endpoint = llm::Endpoint{llm::Dialect::OpenAi, llm::Api::Responses};
    record.modelRequested = "gpt";
    record.modelServed = "gpt-1";
    record.status = 200;
    record.outcome = metrics::Outcome::Cancelled;
    record.usage = {10, 1, 2, 3, 4, true};
    record.total = std::chrono::milliseconds(5);
    record.own = std::chrono::microseconds(6);
    UsageRow row = rowOf(record);
    QCOMPARE(row.sequence, 7);
    QCOMPARE(row.at, 123);
    QCOMPARE(row.endpoint, std::string("responses"));
    QCOMPARE(row.model(), std::string("gpt-1"));
    QVERIFY(row.usage == record.usage);
    QCOMPARE(row.totalMicros, 5000);
    QCOMPARE(row.ownMicros, 6);
    QVERIFY(!row.firstTokenMicros);
    QVERIFY(!row.costMicros);
    QVERIFY(!row.isError());
    record.firstToken = std::chrono::microseconds(9);
    QCOMPARE(rowOf(record).firstTokenMicros, std::optional<std::int64_t>(9));
}

QTEST_GUILESS_MAIN(TestUsageLog)
#include "tst_usage_log.moc"
