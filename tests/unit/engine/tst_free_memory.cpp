// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/free_memory.h"

#include <memory>
#include <QFile>
#include <QTest>
#include <vector>

using std::chrono::milliseconds;
using std::chrono::seconds;
using weir::base::Duration;
using weir::base::Instant;
using weir::engine::FreeMemory;

namespace {

constexpr qint64 MiB = 1024 * 1024;
constexpr qint64 Little = FreeMemory::GrownMin - 1;
constexpr qint64 Much = FreeMemory::GrownMin;

/// A process whose memory is told, of which `live` bytes are in use and `free` are not.
struct Process
{
    /// Lets `time` pass with so many requests at work.
    void pass(Duration time, int requests = 0)
    {
        for (const Instant end = now + time; now < end;) {
            now += milliseconds(250);
            memory.watch(requests, now);
        }
    }

    qint64 live = 30 * MiB;
    qint64 free = 0;
    int given = 0;
    Instant now{};
    FreeMemory memory{{[this] { return live + free; },
                       [this] {
                           ++given;
                           free = 0;
                       }}};
};

} // namespace

class TestFreeMemory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesBackOnceAfterABurst_data();
    void givesBackOnceAfterABurst();
    void waitsUntilNobodyWaits();
    void givesBackWhatTheLastRequestsHeld();
    void seldomWhileAFewGoOn();
    void neverWhileManyGoOn();
    void takesWhatStaysAsItIs();
    void knowsItsOwnProcess();
};

void TestFreeMemory::givesBackOnceAfterABurst_data()
{
    QTest::addColumn<qint64>("free");
    QTest::addColumn<int>("requests");
    QTest::addColumn<int>("times");
    QTest::newRow("many requests") << 100 * MiB << 1000 << 1;
    QTest::newRow("one") << Much << 1 << 1;
    QTest::newRow("between two looks") << Much << 0 << 1;
    QTest::newRow("too little") << Little << 1000 << 0;
}

void TestFreeMemory::givesBackOnceAfterABurst()
{
    QFETCH(qint64, free);
    QFETCH(int, requests);
    QFETCH(int, times);
    Process process;
    process.pass(seconds(5));
    process.pass(seconds(5), requests);
    process.free = free;
    process.pass(seconds(60));
    QCOMPARE(process.given, times);
}

void TestFreeMemory::waitsUntilNobodyWaits()
{
    Process process;
    process.pass(seconds(5));
    process.free = Much;
    for (int turn = 0; turn < 20; ++turn) {
        process.pass(milliseconds(250), 1);
        process.pass(milliseconds(750));
    }
    QCOMPARE(process.given, 0);
    process.pass(milliseconds(250));
    QCOMPARE(process.given, 1);
}

void TestFreeMemory::givesBackWhatTheLastRequestsHeld()
{
    Process process;
    process.pass(seconds(60), 1);
    process.live += 50 * MiB; // of them
    process.free = Much;
    process.pass(seconds(60), FreeMemory::FewRequests);
    QCOMPARE(process.given, 1);
    process.live -= 50 * MiB;
    process.free = 50 * MiB;
    process.pass(seconds(60));
    QCOMPARE(process.given, 2);
}

void TestFreeMemory::seldomWhileAFewGoOn()
{
    Process process;
    process.pass(seconds(5));
    for (int second = 0; second < 600; ++second) {
        process.free = 100 * MiB; // all the time
        process.pass(seconds(1), FreeMemory::FewRequests);
    }
    QVERIFY(process.given <= seconds(600) / FreeMemory::BusyPause);
    QVERIFY(process.given > 10);
}

void TestFreeMemory::neverWhileManyGoOn()
{
    Process process;
    process.pass(seconds(5));
    process.free = 100 * MiB;
    process.pass(seconds(600), FreeMemory::FewRequests + 1);
    QCOMPARE(process.given, 0);
}

void TestFreeMemory::takesWhatStaysAsItIs()
{
    Process process;
    process.pass(seconds(5));
    process.live += 100 * MiB; // a cache that has filled
    process.pass(seconds(60));
    QCOMPARE(process.given, 1);
    process.live -= 100 * MiB; // it is given up and its memory goes by itself
    process.pass(seconds(60));
    process.free = Much;
    process.pass(seconds(60));
    QCOMPARE(process.given, 2);
}

void TestFreeMemory::knowsItsOwnProcess()
{
    // Blocks that a heap holds between others, as after a burst.
    FreeMemory memory;
    memory.watch(0, Instant{});
    const auto resident = [] {
        QFile file(QStringLiteral("/proc/self/statm"));
        return file.open(QIODevice::ReadOnly) ? file.readAll().split(' ')[1].toLongLong() * 4096 : 0;
    };
    std::vector<std::unique_ptr<QByteArray>> kept;
    {
        std::vector<std::unique_ptr<QByteArray>> freed;
        for (int block = 0; block < 1000; ++block) {
            freed.push_back(std::make_unique<QByteArray>(64 * 1024, 'x'));
            kept.push_back(std::make_unique<QByteArray>(100, 'x'));
        }
    }
    const qint64 before = resident();
    if (before == 0)
        QSKIP("the system does not tell");
    memory.watch(0, Instant{} + FreeMemory::QuietTime);
    QVERIFY(resident() < before - 32 * MiB);
}

QTEST_GUILESS_MAIN(TestFreeMemory)
#include "tst_free_memory.moc"
