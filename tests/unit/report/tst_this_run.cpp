// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/this_run.h"
#include <QDateTime>
#include <QRegularExpression>
#include <QTest>

using namespace weir::report;

class TestThisRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsMachineAndBuild();
    void readsTheProcessorsName_data();
    void readsTheProcessorsName();
    void writesTheCommandWithoutSecrets_data();
    void writesTheCommandWithoutSecrets();
};

void TestThisRun::knowsMachineAndBuild()
{
    const Report report = describeRun({QStringLiteral("/usr/bin/weir-bench"), QStringLiteral("latency")});
    QCOMPARE(report.command, std::string("weir-bench latency"));
    QVERIFY(!report.version.empty());
    QVERIFY(!report.os.empty());
    QVERIFY(!report.kernel.empty());
    QVERIFY(!report.cpu.empty());
    QVERIFY(report.threads >= 1);
    QVERIFY(report.memoryBytes > 64 * 1024 * 1024);
    QVERIFY(!report.buildType.empty());
    QVERIFY(!report.compiler.empty());
    QVERIFY(report.sections.empty());
    QVERIFY(!report.interrupted);
    static const QRegularExpression commit(QStringLiteral("^([0-9a-f]{12,}(-dirty)?)?$"));
    QVERIFY(commit.match(QString::fromStdString(report.commit)).hasMatch());
    const QDateTime date = QDateTime::fromString(QString::fromStdString(report.date), Qt::ISODate);
    QVERIFY(date.isValid());
    QCOMPARE(date.timeSpec(), Qt::UTC);
}

void TestThisRun::readsTheProcessorsName_data()
{
    QTest::addColumn<QByteArray>("cpuinfo");
    QTest::addColumn<QByteArray>("name");
    QTest::newRow("x86")
        << QByteArray("processor\t: 0\nmodel\t\t: 85\nmodel name\t: Some  CPU   @ 2GHz \nflags : a\n")
        << QByteArray("Some CPU @ 2GHz");
    QTest::newRow("at the end, without a line end") << QByteArray("model name: X") << QByteArray("X");
    QTest::newRow("ARM names none") << QByteArray("processor: 0\nCPU part: 0xd0c\n") << QByteArray();
    QTest::newRow("a key without a value") << QByteArray("model name\n") << QByteArray();
    QTest::newRow("nothing") << QByteArray() << QByteArray();
}

void TestThisRun::readsTheProcessorsName()
{
    QFETCH(QByteArray, cpuinfo);
    QFETCH(QByteArray, name);
    QCOMPARE(cpuModel(cpuinfo.toStdString()), name.toStdString());
}

void TestThisRun::writesTheCommandWithoutSecrets_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("line");
    const auto row = [](const char *name, const QStringList &arguments, const char *line) {
        QTest::newRow(name) << (QStringList{QStringLiteral("/a/b/weir-bench")} + arguments)
                            << QString::fromUtf8(line);
    };
    row("plain", {QStringLiteral("latency"), QStringLiteral("--rate"), QStringLiteral("200")},
        "weir-bench latency --rate 200");
    row("what a shell would split", {QStringLiteral("a b"), QStringLiteral("it's"), QString()},
        "weir-bench 'a b' 'it'\\''s' ''");
    row("a header in an argument of its own",
        {QStringLiteral("--peer-header"), QStringLiteral("x=Authorization: Bearer sk-1"),
         QStringLiteral("--json")},
        "weir-bench --peer-header 'x=Authorization: …' --json");
    row("a header in the same argument", {QStringLiteral("--header=x-api-key: sk-1")},
        "weir-bench '--header=x-api-key: …'");
    row("a password in a URL",
        {QStringLiteral("--peer"), QStringLiteral("p=http://me:secret@127.0.0.1:1/v1")},
        "weir-bench --peer p=http://…@127.0.0.1:1/v1");
}

void TestThisRun::writesTheCommandWithoutSecrets()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, line);
    QCOMPARE(QString::fromStdString(commandLine(arguments)), line);
}

QTEST_GUILESS_MAIN(TestThisRun)
#include "tst_this_run.moc"
