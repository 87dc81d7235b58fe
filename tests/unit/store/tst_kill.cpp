// SPDX-License-Identifier: GPL-3.0-or-later
// A process that writes usage is killed at random moments; what it was told to be saved must be there, once.
#include "store/usage_writer.h"
#include "unit/store/store_fixture.h"
#include "unit/store/usage_rows.h"
#include <cstdio>
#include <QCoreApplication>
#include <QProcess>
#include <QRandomGenerator>
#include <QTest>

using namespace weir;
using namespace weir::store;

namespace {

constexpr std::int64_t Batch = 50;

/// The process that is killed: writes batches from `first` on and says after each how far it has come.
int writeUntilKilled(const std::string &path, std::int64_t first)
{
    const base::SystemClock clock;
    Database::Options options;
    options.path = path;
    options.boot = QByteArray(16, 'k'); // stands for the one process that goes on
    const auto database = Database::open(options, clock);
    if (!database || !(*database)->start().movedAsideTo.empty())
        return 3;
    for (std::int64_t row = first;; row += Batch) {
        if (!writeUsage(**database, test::usageRows(row, row + Batch)))
            return 4;
        std::printf("%lld\n", static_cast<long long>(row + Batch));
        std::fflush(stdout);
    }
}

} // namespace

class TestKill : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void losesAndDoublesNothing();
};

void TestKill::losesAndDoublesNothing()
{
    const int cycles = qEnvironmentVariableIntValue("WEIR_KILL_CYCLES") > 0
                           ? qEnvironmentVariableIntValue("WEIR_KILL_CYCLES")
                           : 25;
    test::StoreFixture fixture;
    fixture.boot = QByteArray(16, 'k');
    std::int64_t saved = 0;
    int inTheMiddle = 0;
    for (int cycle = 0; cycle < cycles; ++cycle) {
        QProcess process;
        process.setProcessChannelMode(QProcess::SeparateChannels);
        process.start(QCoreApplication::applicationFilePath(),
                      {QStringLiteral("--write"), fixture.file(), QString::number(saved)});
        QVERIFY(process.waitForStarted());
        // Sometimes before the file is open, mostly while it writes.
        const int wait = QRandomGenerator::global()->bounded(cycle % 5 == 0 ? 20 : 150);
        QTest::qWait(wait);
        process.kill();
        QVERIFY(process.waitForFinished());
        QVERIFY2(process.exitStatus() == QProcess::CrashExit, "it ended by itself");
        const QByteArrayList told = process.readAllStandardOutput().split('\n');
        if (told.size() > 1)
            saved = told[told.size() - 2].toLongLong(); // the last is what follows the last line end

        const auto database = fixture.open();
        VERIFY_RESULT(database);
        // Killed between making the file and its first byte: there is nothing yet to be lost.
        if (saved > 0 || (*database)->start().reason != "it is empty")
            QVERIFY2((*database)->start().movedAsideTo.empty(), (*database)->start().reason.c_str());
        Statement check = (*database)->prepare("PRAGMA integrity_check");
        VERIFY_RESULT(check.run());
        QVERIFY(check.next());
        QCOMPARE(check.text(0), std::string("ok"));
        const std::int64_t rows = *(*database)->number("SELECT count(*) FROM usage");
        // All that it said, and at most the batch that it was killed in; that one whole.
        QVERIFY2(rows == saved || rows == saved + Batch,
                 qPrintable(QStringLiteral("%1 rows, %2 were said to be saved").arg(rows).arg(saved)));
        inTheMiddle += rows != saved;
        QCOMPARE(*(*database)->number("SELECT coalesce(max(id) % (1 << 40) + 1, 0) FROM usage"), rows);
        QCOMPARE(*(*database)->number("SELECT coalesce(sum(requests), 0) FROM usage_hour"), rows);
        QCOMPARE(*(*database)->number("SELECT coalesce(sum(input), 0) FROM usage_hour"),
                 *(*database)->number("SELECT coalesce(sum(input), 0) FROM usage"));
    }
    qInfo("%d kills, %lld rows, %d batches written but not yet said", cycles, static_cast<long long>(saved),
          inTheMiddle);
    QVERIFY2(saved > 0, "no batch was written before a kill");
}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() == 4 && arguments[1] == QLatin1String("--write"))
        return writeUntilKilled(arguments[2].toStdString(), arguments[3].toLongLong());
    TestKill test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_kill.moc"
