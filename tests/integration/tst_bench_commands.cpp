// SPDX-License-Identifier: GPL-3.0-or-later
// weir-bench as users run it: short measurements, peers that die, Ctrl-C.
#include <csignal>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace {

constexpr int RunMs = 60'000;
constexpr int StartMs = 20'000;

/// The children of `parent` whose program is `name`, out of /proc (proc(5): PID (name) state parent …).
QList<pid_t> childrenOf(qint64 parent, const QByteArray &name)
{
    QList<pid_t> found;
    const QStringList entries = QDir(QStringLiteral("/proc")).entryList(QDir::Dirs);
    for (const QString &entry : entries) {
        QFile file(QStringLiteral("/proc/%1/stat").arg(entry));
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const QByteArray text = file.readAll();
        const qsizetype end = text.lastIndexOf(')');
        const QByteArray program = text.mid(text.indexOf('(') + 1, end - text.indexOf('(') - 1);
        if (text.mid(end + 2).split(' ').value(1).toLongLong() == parent && program.startsWith(name))
            found.append(entry.toInt());
    }
    return found;
}

/// One run of weir-bench and the report that it leaves.
class Run
{
public:
    explicit Run(QStringList arguments)
    {
        arguments += {QStringLiteral("--json"), m_folder.filePath(QStringLiteral("report.json"))};
        m_process.start(QStringLiteral(WEIR_BIN "/weir-bench"), arguments);
    }

    /// Waits until Weir runs; its process, or 0.
    pid_t weir()
    {
        for (int waited = 0; waited < StartMs; waited += 20) {
            const auto found = childrenOf(m_process.processId(), "weir-headless");
            if (!found.isEmpty())
                return found.first();
            QTest::qWait(20);
        }
        return 0;
    }
    void interrupt() { ::kill(pid_t(m_process.processId()), SIGINT); }

    int finish()
    {
        if (!m_process.waitForFinished(RunMs) || m_process.exitStatus() != QProcess::NormalExit)
            return -1;
        QFile file(m_folder.filePath(QStringLiteral("report.json")));
        if (file.open(QIODevice::ReadOnly))
            m_report = QJsonDocument::fromJson(file.readAll()).object();
        return m_process.exitCode();
    }
    QJsonObject report() const { return m_report; }
    QJsonObject section(int index = 0) const
    {
        return m_report[QStringLiteral("sections")].toArray().at(index).toObject();
    }
    QJsonObject arm(const QString &name, int inSection = 0) const
    {
        const QJsonArray arms = section(inSection)[QStringLiteral("arms")].toArray();
        for (const auto &arm : arms) {
            if (arm.toObject()[QStringLiteral("arm")].toString() == name)
                return arm.toObject();
        }
        return {};
    }
    QByteArray output() { return m_process.readAllStandardOutput(); }
    QByteArray complaints() { return m_process.readAllStandardError(); }

private:
    QTemporaryDir m_folder;
    QProcess m_process;
    QJsonObject m_report;
};

double figure(const QJsonObject &arm, const char *name)
{
    const QJsonArray figures = arm[QStringLiteral("figures")].toArray();
    for (const auto &each : figures) {
        if (each.toObject()[QStringLiteral("name")].toString() == QLatin1String(name))
            return each.toObject()[QStringLiteral("value")].toDouble(-1);
    }
    return -1;
}

QStringList words(const char *line)
{
    return QString::fromLatin1(line).split(QLatin1Char(' '));
}

} // namespace

class TestBenchCommands : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void measuresLatency();
    void measuresThroughput();
    void measuresStreams();
    void runsACourseOfLoad();
    void namesAnArmThatDies();
    void tellsWhatItHasWhenInterrupted();
    void refusesWhatItDoesNotUnderstand_data();
    void refusesWhatItDoesNotUnderstand();
};

void TestBenchCommands::measuresLatency()
{
    Run run(words("latency --seconds 1 --rate 100"));
    QCOMPARE(run.finish(), 0);
    for (const char *arm : {"direct", "weir"}) {
        const QJsonObject result = run.arm(QString::fromLatin1(arm));
        QCOMPARE(figure(result, "samples"), 100.0);
        QVERIFY(figure(result, "p50") > 0);
        QCOMPARE(figure(result, "p99"), -1.0); // one sample lies beyond it
    }
    const double added = figure(run.arm(QStringLiteral("weir")), "added_p50");
    QCOMPARE(added, figure(run.arm(QStringLiteral("weir")), "p50") -
                        figure(run.arm(QStringLiteral("direct")), "p50"));
    QVERIFY(run.output().contains("Latency at 100 requests per second"));
}

void TestBenchCommands::measuresThroughput()
{
    Run run(words("throughput --seconds 0.3 --runs 2 --concurrency 1,20"));
    QCOMPARE(run.finish(), 0);
    QCOMPARE(run.report()[QStringLiteral("sections")].toArray().size(), 2);
    for (const int section : {0, 1}) {
        for (const char *arm : {"direct", "weir"}) {
            const QJsonObject result = run.arm(QString::fromLatin1(arm), section);
            QVERIFY(figure(result, "requests_per_second") > 50);
            QVERIFY(figure(result, "cpu_per_request") > 0);
            QVERIFY(figure(result, "scaling_efficiency") > 0);
        }
    }
    QCOMPARE(figure(run.arm(QStringLiteral("weir"), 0), "scaling_efficiency"), 100.0);
}

void TestBenchCommands::measuresStreams()
{
    Run run(words("stream --seconds 0.3 --runs 1 --streams 2 --gap 20,0"));
    QCOMPARE(run.finish(), 0);
    QCOMPARE(run.report()[QStringLiteral("sections")].toArray().size(), 2);
    for (const int section : {0, 1}) {
        for (const char *arm : {"direct", "weir"}) {
            const QJsonObject result = run.arm(QString::fromLatin1(arm), section);
            QVERIFY(figure(result, "streams") >= 2);
            QVERIFY(figure(result, "chunk_lag_p50") > 0);
            QVERIFY(figure(result, "first_chunk_max") > 0);
            QCOMPARE(result[QStringLiteral("failures")].toInt(-1), 0);
        }
    }
}

void TestBenchCommands::runsACourseOfLoad()
{
    Run run(words("load --profile spike --rate 200 --duration 2s"));
    QCOMPARE(run.finish(), 0);
    QVERIFY(run.arm(QStringLiteral("direct")).isEmpty());
    const QJsonObject weir = run.arm(QStringLiteral("weir"));
    // A tenth of the rate, and all of it for a tenth of the time: 76 in 2 s.
    QVERIFY(std::abs(figure(weir, "requests_per_second") - 38) < 2);
    QVERIFY(figure(weir, "rss") > 1e6);
    QStringList series;
    const QJsonArray all = weir[QStringLiteral("series")].toArray();
    for (const auto &each : all)
        series.append(each.toObject()[QStringLiteral("name")].toString());
    for (const char *name : {"requests_per_second", "failures", "max", "rss"})
        QVERIFY2(series.contains(QString::fromLatin1(name)), name);
}

void TestBenchCommands::namesAnArmThatDies()
{
    Run run(words("latency --seconds 5 --rate 100"));
    QVERIFY(run.weir() > 0);
    QTest::qWait(2500); // it is being measured now; what was seen first may have told its version only
    const pid_t weir = run.weir();
    QVERIFY(weir > 0);
    QCOMPARE(::kill(weir, SIGKILL), 0);
    QCOMPARE(run.finish(), 1);
    const QJsonObject dead = run.arm(QStringLiteral("weir"));
    QVERIFY2(dead[QStringLiteral("broken")].toString().contains(QLatin1String("signal 9")),
             qPrintable(dead[QStringLiteral("broken")].toString()));
    QVERIFY(dead[QStringLiteral("figures")].toArray().isEmpty());
    const QJsonObject direct = run.arm(QStringLiteral("direct"));
    QCOMPARE(direct[QStringLiteral("broken")].toString(), QString());
    QCOMPARE(figure(direct, "samples"), 500.0);
}

void TestBenchCommands::tellsWhatItHasWhenInterrupted()
{
    Run run(words("latency --seconds 30 --rate 100"));
    QVERIFY(run.weir() > 0);
    QTest::qWait(4000);
    const pid_t weir = run.weir();
    QVERIFY(weir > 0);
    run.interrupt();
    QCOMPARE(run.finish(), 1);
    QVERIFY(run.report()[QStringLiteral("interrupted")].toBool());
    const double samples = figure(run.arm(QStringLiteral("direct")), "samples");
    QVERIFY2(samples > 10 && samples < 1000, qPrintable(QString::number(samples)));
    QCOMPARE(::kill(weir, 0), -1); // the child has ended, too
}

void TestBenchCommands::refusesWhatItDoesNotUnderstand_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("part");
    QTest::addColumn<int>("code");
    const auto row = [](const char *line, const char *part, int code = 2) {
        QTest::newRow(line) << QString::fromLatin1(line) << QString::fromLatin1(part) << code;
    };
    row("latency --rate 0", "--rate takes a number from 0.1 to 1000000, not \"0\".");
    row("latency --seconds 1d", "--seconds takes seconds (or 5m, 1h) from 0.5 to 86400, not \"1d\".");
    row("throughput --concurrency 1,x", "--concurrency takes whole numbers from 1 to 10000, not \"1,x\".");
    row("stream --streams 0", "--streams takes");
    row("load --profile stairs",
        "--profile takes constant, ramp, spike, stress or sustained, not \"stairs\".");
    row("load --users 5 --profile ramp", "--users goes with the profiles constant and sustained");
    row("load --users 5 --rate 5", "--users goes with the profiles constant and sustained");
    row("load now", "\"now\" is not an option.");
    row("latency --weir /nonexistent/weir-headless", "/nonexistent/weir-headless", 1);
}

void TestBenchCommands::refusesWhatItDoesNotUnderstand()
{
    QFETCH(const QString, line);
    QFETCH(const QString, part);
    QFETCH(const int, code);
    Run run(line.split(QLatin1Char(' ')));
    QCOMPARE(run.finish(), code);
    const QString complaint = QString::fromUtf8(run.complaints());
    QVERIFY2(complaint.contains(part), qPrintable(complaint));
    QCOMPARE(complaint.count(QLatin1Char('\n')), 1);
    QVERIFY(run.output().isEmpty());
}

QTEST_GUILESS_MAIN(TestBenchCommands)
#include "tst_bench_commands.moc"
