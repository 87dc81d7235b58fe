// SPDX-License-Identifier: GPL-3.0-or-later
// `weir-bench micro` and `weir-bench json` as they are called.
#include <csignal>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

class TestCommands : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void badInputIsRefused_data();
    void badInputIsRefused();
    void showsWhatMatches();
    void tooFewRepetitionsShowNoNumber();
    void interruptShowsWhatWasMeasured_data();
    void interruptShowsWhatWasMeasured();

private:
    static constexpr int PatienceMs = 30'000;
    static constexpr auto Program = WEIR_BIN "/weir-bench";
};

void TestCommands::badInputIsRefused_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("complaint");
    const auto row = [](const char *name, const QString &command, const QString &complaint) {
        QTest::newRow(name) << command.split(QLatin1Char(' ')) << complaint;
    };
    row("unknown option", QStringLiteral("micro --loud"), QStringLiteral("Unknown option 'loud'"));
    row("a word too many", QStringLiteral("micro http"), QStringLiteral("\"http\" is not an option"));
    row("a filter that matches nothing", QStringLiteral("micro --filter httpd/"),
        QStringLiteral("nothing matches \"httpd/\""));
    row("a filter that is no expression", QStringLiteral("micro --filter http("),
        QStringLiteral("--filter takes a regular expression, not \"http(\""));
    row("no repetition", QStringLiteral("micro --repetitions 0"),
        QStringLiteral("--repetitions takes a whole number from 1 to 1000, not \"0\""));
    row("half a repetition", QStringLiteral("json --repetitions 3.5"),
        QStringLiteral("--repetitions takes a whole number from 1 to 1000, not \"3.5\""));
    row("no number", QStringLiteral("json --seconds nan"),
        QStringLiteral("--seconds takes a number from 0.001 to 60, not \"nan\""));
    row("unknown option of json", QStringLiteral("json --filter x"),
        QStringLiteral("Unknown option 'filter'"));
}

void TestCommands::badInputIsRefused()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, complaint);
    QProcess process;
    process.start(QString::fromLatin1(Program), arguments);
    QVERIFY(process.waitForFinished(PatienceMs));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 2);
    const QString said = QString::fromUtf8(process.readAllStandardError());
    QVERIFY2(said.contains(complaint), qPrintable(said));
    QCOMPARE(said.count(QLatin1Char('\n')), 1);
    QCOMPARE(process.readAllStandardOutput(), QByteArray());
}

void TestCommands::showsWhatMatches()
{
    QProcess process;
    process.start(QString::fromLatin1(Program),
                  {QStringLiteral("micro"), QStringLiteral("--filter"), QStringLiteral("^profiling/.*stage$"),
                   QStringLiteral("--repetitions"), QStringLiteral("3"), QStringLiteral("--seconds"),
                   QStringLiteral("0.001")});
    QVERIFY(process.waitForFinished(PatienceMs));
    QCOMPARE(process.exitCode(), 0);
    const QByteArrayList lines = process.readAllStandardOutput().trimmed().split('\n');
    QCOMPARE(lines.size(), 3);
    QVERIFY(lines[0].startsWith("profiling "));
    // Time, CPU time and spread.
    const QRegularExpression figures(QStringLiteral("^  mark a stage +[0-9,.]+ +[0-9,.]+ +[0-9.]+ *$"));
    QVERIFY2(figures.match(QString::fromUtf8(lines[1])).hasMatch(), lines[1].constData());
}

void TestCommands::tooFewRepetitionsShowNoNumber()
{
    QProcess process;
    process.start(QString::fromLatin1(Program),
                  {QStringLiteral("json"), QStringLiteral("--repetitions"), QStringLiteral("2"),
                   QStringLiteral("--seconds"), QStringLiteral("0.001")});
    QVERIFY(process.waitForFinished(PatienceMs));
    QCOMPARE(process.exitCode(), 0);
    const QByteArrayList lines = process.readAllStandardOutput().trimmed().split('\n');
    QVERIFY(lines.size() >= 5);
    QVERIFY(lines[1].startsWith("1 KB, one question"));
    QCOMPARE(lines[1].count("–"), 7);
}

void TestCommands::interruptShowsWhatWasMeasured_data()
{
    QTest::addColumn<QString>("command");
    QTest::addColumn<QByteArray>("shown");
    QTest::newRow("micro") << QStringLiteral("micro --filter find --repetitions 1000 --seconds 0.05")
                           << QByteArray("find a percentile");
    QTest::newRow("json") << QStringLiteral("json --repetitions 1000 --seconds 0.05")
                          << QByteArray("1 KB, one question");
}

void TestCommands::interruptShowsWhatWasMeasured()
{
    QFETCH(QString, command);
    QFETCH(QByteArray, shown);
    QProcess process;
    process.start(QString::fromLatin1(Program), command.split(QLatin1Char(' ')));
    QVERIFY(process.waitForStarted(PatienceMs));
    QTest::qWait(1500); // more than three repetitions
    QCOMPARE(process.state(), QProcess::Running);
    QCOMPARE(::kill(pid_t(process.processId()), SIGINT), 0);
    QVERIFY(process.waitForFinished(PatienceMs));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 1);
    QVERIFY(process.readAllStandardOutput().contains(shown));
    QVERIFY(process.readAllStandardError().contains("interrupted"));
}

QTEST_GUILESS_MAIN(TestCommands)
#include "tst_commands.moc"
