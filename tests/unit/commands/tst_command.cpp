// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/command.h"
#include <csignal>
#include <QTest>

using namespace weir::bench;

namespace {

constexpr std::initializer_list<Option> Own = {{"rate", "Rate.", "N", "200"},
                                               {"seconds", "Time.", "SECONDS", "10", "3"},
                                               {"list", "List.", "LIST", "1,50", "1"}};

QStringList line(const QStringList &options)
{
    return QStringList{QStringLiteral("weir-bench")} + options;
}

} // namespace

class TestCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hasDefaults();
    void readsTimes_data();
    void readsTimes();
    void refusesWhatItDoesNotUnderstand_data();
    void refusesWhatItDoesNotUnderstand();
    void refusesNumbersOutOfBounds();
    void readsLists();
    void tellsItsHelp();
    void failsForFailuresAndBrokenArms();
    void saysThatAFileCannotBeWritten();
};

void TestCommand::hasDefaults()
{
    Command command("x", "X.", Own);
    QVERIFY(!command.read(line({QStringLiteral("--rate"), QStringLiteral("7")})));
    QCOMPARE(command.number("rate", 1, 10), std::optional(7.0));
    QCOMPARE(command.seconds("seconds", 1, 100), std::optional(10.0));
    QVERIFY(command.isSet("rate") && !command.isSet("seconds"));
    QCOMPARE(command.report().command, std::string("weir-bench x --rate 7"));

    Command quick("x", "X.", Own);
    QVERIFY(!quick.read(line({QStringLiteral("--quick")})));
    QCOMPARE(quick.number("rate", 1, 1000), std::optional(200.0));
    QCOMPARE(quick.seconds("seconds", 1, 100), std::optional(3.0));
    Command both("x", "X.", Own);
    QVERIFY(!both.read(line({QStringLiteral("--quick"), QStringLiteral("--seconds"), QStringLiteral("8")})));
    QCOMPARE(both.seconds("seconds", 1, 100), std::optional(8.0));
}

void TestCommand::readsTimes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("seconds"); // 0 = refused
    QTest::newRow("seconds") << QStringLiteral("90") << 90.0;
    QTest::newRow("seconds by name") << QStringLiteral("90s") << 90.0;
    QTest::newRow("a part of one") << QStringLiteral("0.5") << 0.5;
    QTest::newRow("minutes") << QStringLiteral("5m") << 300.0;
    QTest::newRow("an hour") << QStringLiteral("1h") << 3600.0;
    QTest::newRow("days") << QStringLiteral("1d") << 0.0;
    QTest::newRow("only a unit") << QStringLiteral("m") << 0.0;
    QTest::newRow("nothing") << QString() << 0.0;
    QTest::newRow("too long") << QStringLiteral("3h") << 0.0;
    QTest::newRow("negative") << QStringLiteral("-5") << 0.0;
    QTest::newRow("not a number") << QStringLiteral("nan") << 0.0;
}

void TestCommand::readsTimes()
{
    QFETCH(const QString, text);
    QFETCH(const double, seconds);
    Command command("x", "X.", Own);
    QVERIFY(!command.read(line({QStringLiteral("--seconds=") + text})));
    const auto read = command.seconds("seconds", 0.1, 7200);
    QCOMPARE(read.value_or(0), seconds);
}

void TestCommand::refusesWhatItDoesNotUnderstand_data()
{
    QTest::addColumn<QString>("option");
    for (const char *option :
         {"--unknown", "word", "--rate", "--peer=apache", "--peer-header=nobody:X: y", "--timeout=0",
          "--body=-1", "--body=many", "--weir=direct=/bin/true", "--peer=direct=http://127.0.0.1:1"})
        QTest::newRow(option) << QString::fromLatin1(option);
}

void TestCommand::refusesWhatItDoesNotUnderstand()
{
    QFETCH(const QString, option);
    Command command("x", "X.", Own);
    QCOMPARE(command.read(line({option})), std::optional(UsageError));
}

void TestCommand::refusesNumbersOutOfBounds()
{
    Command command("x", "X.", Own);
    QVERIFY(!command.read(line({})));
    QVERIFY(command.number("rate", 200, 200));
    QVERIFY(!command.number("rate", 201, 1000));
    QVERIFY(!command.number("rate", 1, 199));
}

void TestCommand::readsLists()
{
    Command command("x", "X.", Own);
    QVERIFY(!command.read(line({QStringLiteral("--list=3,0,200")})));
    QCOMPARE(command.numbers("list", 0, 200), std::optional(std::vector<std::size_t>{3, 0, 200}));
    QVERIFY(!command.numbers("list", 1, 200));
    QVERIFY(!command.numbers("list", 0, 199));
    Command broken("x", "X.", Own);
    QVERIFY(!broken.read(line({QStringLiteral("--list=3,,4")})));
    QVERIFY(!broken.numbers("list", 0, 200));
}

void TestCommand::tellsItsHelp()
{
    Command command("x", "X.", Own);
    QCOMPARE(command.read(line({QStringLiteral("--help")})), std::optional(0));
}

void TestCommand::failsForFailuresAndBrokenArms()
{
    Command command("x", "X.", Own);
    QVERIFY(!command.read(line({})));
    command.report().sections.resize(2);
    command.report().sections[1].arms.resize(2);
    QCOMPARE(command.finish(), 0);
    command.report().sections[1].arms[1].failures = 1;
    QCOMPARE(command.finish(), RunError);
    command.report().sections[1].arms[1].failures = 0;
    command.report().sections[1].arms[0].broken = "it ended";
    QCOMPARE(command.finish(), RunError);
    command.report().sections.clear();
    std::raise(SIGINT);
    QVERIFY(command.isStopped());
    QCOMPARE(command.finish(), RunError);
    QVERIFY(command.report().interrupted);
}

void TestCommand::saysThatAFileCannotBeWritten()
{
    Command command("x", "X.", Own);
    QVERIFY(!command.read(line({QStringLiteral("--json=/nowhere/at/all.json")})));
    QCOMPARE(command.finish(), RunError);
}

QTEST_GUILESS_MAIN(TestCommand)
#include "tst_command.moc"
