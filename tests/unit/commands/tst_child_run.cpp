// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/child_run.h"
#include "report/files.h"
#include "report/json.h"
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

using namespace weir;

namespace {

bool never()
{
    return false;
}

} // namespace

/// Shell scripts play the command: their arguments are the command's, then --json and the file.
class TestChildRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void returnsTheReport();
    void tellsWhyThereIsNone_data();
    void tellsWhyThereIsNone();
    void asksToEndWhenStopped();
    void asksToEndWhenTimeIsUp();

private:
    base::Result<report::Report> run(const QByteArray &script, double secondsMost,
                                     const std::function<bool()> &isStopped);

    QTemporaryDir m_folder;
    QString m_stored; ///< a report that the scripts copy
};

void TestChildRun::init()
{
    report::Report report;
    report.command = "weir-bench latency";
    m_stored = m_folder.filePath(QStringLiteral("stored.json"));
    QVERIFY(!report::writeFile(m_stored, report::toJson(report)));
}

base::Result<report::Report> TestChildRun::run(const QByteArray &script, double secondsMost,
                                               const std::function<bool()> &isStopped)
{
    const QString name = m_folder.filePath(QStringLiteral("script.sh"));
    // "latency --quick --json FILE": the file is the fourth argument.
    const QByteArray text = "stored='" + m_stored.toUtf8() + "'; file=$4\n" + script;
    Q_ASSERT(!report::writeFile(name, text));
    return bench::runProgram(QStringLiteral("/bin/sh"),
                             {name, QStringLiteral("latency"), QStringLiteral("--quick")}, secondsMost,
                             isStopped);
}

void TestChildRun::returnsTheReport()
{
    const auto good = run("[ $1 = latency ] && [ $3 = --json ] && cp $stored $file", 30, never);
    QVERIFY2(good, good ? "" : good.error().detail.c_str());
    QCOMPARE(good->command, std::string("weir-bench latency"));
    QVERIFY(!good->interrupted);
    // 1 says that something in the report failed; the report is there all the same.
    QVERIFY(run("cp $stored $file; exit 1", 30, never));
}

void TestChildRun::tellsWhyThereIsNone_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<QByteArray>("why");
    QTest::newRow("no report") << QByteArray("exit 0") << QByteArray("ended with code 0 and left no report");
    QTest::newRow("it failed") << QByteArray("exit 1") << QByteArray("ended with code 1 and left no report");
    QTest::newRow("a broken report") << QByteArray("echo '{' > $file") << QByteArray("left no report");
    QTest::newRow("usage") << QByteArray("cp $stored $file; exit 2") << QByteArray("refused its options");
    QTest::newRow("a signal") << QByteArray("kill -SEGV $$") << QByteArray("ended with signal 11");
}

void TestChildRun::tellsWhyThereIsNone()
{
    QFETCH(QByteArray, script);
    QFETCH(QByteArray, why);
    const auto report = run(script, 30, never);
    QVERIFY(!report);
    QVERIFY2(report.error().detail.find(why.toStdString()) != std::string::npos,
             report.error().detail.c_str());

    const auto missing =
        bench::runProgram(QStringLiteral("/no/such/program"), {QStringLiteral("cpu")}, 30, never);
    QVERIFY(!missing);
    QVERIFY(missing.error().detail.starts_with("weir-bench cpu could not be started"));
}

// A command that is asked to end reports what it has; that report is marked.
void TestChildRun::asksToEndWhenStopped()
{
    QElapsedTimer clock;
    clock.start();
    const auto report = run("trap 'cp $stored $file; exit 1' TERM\nwhile :; do sleep 0.05; done", 30,
                            [&clock] { return clock.elapsed() > 300; });
    QVERIFY2(report, report ? "" : report.error().detail.c_str());
    QVERIFY(report->interrupted);
}

void TestChildRun::asksToEndWhenTimeIsUp()
{
    const auto report = run("trap 'cp $stored $file; exit 1' TERM\nwhile :; do sleep 0.05; done", 0.3, never);
    QVERIFY2(report, report ? "" : report.error().detail.c_str());
    QVERIFY(report->interrupted);
    const auto sudden = run("while :; do sleep 0.05; done", 0.3, never);
    QVERIFY(!sudden);
    QVERIFY(sudden.error().detail.find("killed") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestChildRun)
#include "tst_child_run.moc"
