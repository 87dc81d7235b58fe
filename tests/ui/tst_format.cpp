// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format.h"
#include <QLocale>
#include <QTest>

using namespace weir;
using namespace weir::ui;
using std::chrono::nanoseconds;

class TestFormat : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void duration_data();
    void duration();
    void count_data();
    void count();
    void ticksOfNumbers();
    void bytes_data();
    void bytes();
    void unknownIsADash();
    void sharesAndRates();
    void speaksUnits();
    void tellsMoney_data();
    void tellsMoney();
    void readsCounts_data();
    void readsCounts();
    void tellsSpansAndHowLongAgo();
};

void TestFormat::duration_data()
{
    QTest::addColumn<qlonglong>("nanos");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("tick");
    const auto row = [](const char *name, qlonglong nanos, const char *text, const char *tick) {
        QTest::newRow(name) << nanos << QString::fromUtf8(text) << QString::fromUtf8(tick);
    };
    row("nothing", 0, "0 µs", "0");
    row("84 microseconds", 84'000, "84 µs", "84 µs");
    row("just below a millisecond", 999'400, "999 µs", "999 µs");
    row("rounds up to a millisecond", 999'600, "1.00 ms", "1e+03 µs");
    row("three digits below ten", 1'530'000, "1.53 ms", "1.53 ms");
    row("three digits below a hundred", 15'340'000, "15.3 ms", "15.3 ms");
    row("three digits", 612'400'000, "612 ms", "612 ms");
    row("a second", 1'000'000'000, "1.00 s", "1 s");
    row("seconds", 2'340'000'000, "2.34 s", "2.34 s");
    row("minutes", 72'000'000'000, "72.0 s", "72 s");
    row("longer", 125'000'000'000, "2 min 5 s", "125 s");
}

void TestFormat::duration()
{
    QFETCH(qlonglong, nanos);
    QFETCH(QString, text);
    QCOMPARE(format::duration(base::Duration(nanos)), text);
    QFETCH(QString, tick);
    if (!tick.contains(QLatin1Char('e')))
        QCOMPARE(format::tick(base::Duration(nanos)), tick);
}

void TestFormat::count_data()
{
    QTest::addColumn<qulonglong>("number");
    QTest::addColumn<QString>("text");
    QTest::newRow("zero") << 0ULL << QStringLiteral("0");
    QTest::newRow("whole below ten thousand") << 9'999ULL << QStringLiteral("9999");
    QTest::newRow("thousands") << 12'345ULL << QStringLiteral("12.3 k");
    QTest::newRow("millions") << 4'560'000ULL << QStringLiteral("4.56 M");
    QTest::newRow("billions") << 2'000'000'000ULL << QStringLiteral("2.00 G");
}

void TestFormat::count()
{
    QFETCH(qulonglong, number);
    QFETCH(QString, text);
    QCOMPARE(format::count(number), text);
}

void TestFormat::ticksOfNumbers()
{
    QCOMPARE(format::tick(0.0), QStringLiteral("0"));
    QCOMPARE(format::tick(0.5), QStringLiteral("0.5"));
    QCOMPARE(format::tick(2500.0), QStringLiteral("2500"));
    QCOMPARE(format::tick(20'000.0), QStringLiteral("20 k"));
    QCOMPARE(format::tick(1'500'000.0), QStringLiteral("1.5 M"));
}

void TestFormat::bytes_data()
{
    QTest::addColumn<qlonglong>("size");
    QTest::addColumn<QString>("text");
    QTest::newRow("bytes") << 512LL << QStringLiteral("512 B");
    QTest::newRow("kilobytes") << 48'100LL << QStringLiteral("48.1 KB");
    QTest::newRow("megabytes") << 1'234'567LL << QStringLiteral("1.23 MB");
}

void TestFormat::bytes()
{
    QFETCH(qlonglong, size);
    QFETCH(QString, text);
    QCOMPARE(format::bytes(size), text);
}

void TestFormat::unknownIsADash()
{
    QCOMPARE(format::durationUs(std::nullopt), format::unknown());
    QCOMPARE(format::duration(std::optional<base::Duration>()), format::unknown());
    QCOMPARE(format::share(0, 0), format::unknown());
    QCOMPARE(format::tokens({}), format::unknown());
    QCOMPARE(format::tokenRate(0, nanoseconds(5)), format::unknown());
    QCOMPARE(format::tokenRate(5, nanoseconds(0)), format::unknown());
}

void TestFormat::sharesAndRates()
{
    QCOMPARE(format::share(2, 137), QStringLiteral("1.5 %"));
    QCOMPARE(format::share(0, 137), QStringLiteral("0.0 %"));
    QCOMPARE(format::share(85, 1'200'000), QStringLiteral("< 0.1 %"));
    QCOMPARE(format::share(5, 10'000), QStringLiteral("0.1 %"));
    QCOMPARE(format::share(9'999, 10'000), QStringLiteral("> 99.9 %"));
    QCOMPARE(format::share(137, 137), QStringLiteral("100.0 %"));
    QCOMPARE(format::rate(0), QStringLiteral("0"));
    QCOMPARE(format::rate(2.44), QStringLiteral("2.4"));
    QCOMPARE(format::rate(140), QStringLiteral("140"));
    QCOMPARE(format::tokenRate(84, std::chrono::seconds(2)), QStringLiteral("42 tok/s"));
    QCOMPARE(format::tokens({1204, 980, 0, 85, 0, true}), QStringLiteral("1204 / 980 / 85"));
}

void TestFormat::speaksUnits()
{
    QCOMPARE(format::spokenDuration(std::chrono::milliseconds(612)), QStringLiteral("612 milliseconds"));
    QCOMPARE(format::spokenDuration(std::chrono::microseconds(84)), QStringLiteral("84 microseconds"));
    QCOMPARE(format::spokenDuration(std::chrono::seconds(2)), QStringLiteral("2.00 seconds"));
}

void TestFormat::tellsMoney_data()
{
    QTest::addColumn<qlonglong>("micros");
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing") << 0LL << QStringLiteral("nothing");
    QTest::newRow("the least there is") << 1LL << QStringLiteral("$0.000001");
    QTest::newRow("a few millionths") << 49LL << QStringLiteral("$0.000049");
    QTest::newRow("a ten-thousandth") << 123LL << QStringLiteral("$0.00012");
    QTest::newRow("less than a cent") << 1'234LL << QStringLiteral("$0.0012");
    QTest::newRow("a cent and a bit") << 12'345LL << QStringLiteral("$0.0123");
    QTest::newRow("dollars") << 12'345'678LL << QStringLiteral("$12.35");
}

void TestFormat::tellsMoney()
{
    QFETCH(qlonglong, micros);
    QTEST(format::money(micros), "text");
    QCOMPARE(format::money(std::nullopt), format::unknown());
}

void TestFormat::readsCounts_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qlonglong>("number"); // -1 = none
    const auto row = [](const char *text, qlonglong number) {
        QTest::addRow("'%s'", text) << QString::fromUtf8(text) << number;
    };
    row("0", 0);
    row("100000", 100'000);
    row("100,000", 100'000);
    row("100.000", 100'000);
    row("100 000", 100'000);
    row(" 100 k ", 100'000);
    row("1.5M", 1'500'000);
    row("1,5 m", 1'500'000);
    row("2G", 2'000'000'000);
    row("0.0005k", -1);
    row("-5", -1);
    row("", -1);
    row("k", -1);
    row("many", -1);
    row("1e3", 1000);
    row("99999999999999999999", -1);
    row("inf", -1);
    row("nan", -1);
}

void TestFormat::readsCounts()
{
    QFETCH(QString, text);
    QFETCH(qlonglong, number);
    QCOMPARE(format::readCount(text).value_or(-1), number);
}

void TestFormat::tellsSpansAndHowLongAgo()
{
    QCOMPARE(format::span(18'000'000), QStringLiteral("5 h"));
    QCOMPARE(format::span(86'400'000), QStringLiteral("24 h"));
    QCOMPARE(format::span(172'800'000), QStringLiteral("2 d"));
    QCOMPARE(format::span(5'400'000), QStringLiteral("90 min"));
    QCOMPARE(format::span(1'500), QStringLiteral("1.50 s"));
    const QDateTime now(QDate(2026, 11, 24), QTime(14, 3), Qt::UTC);
    QCOMPARE(format::ago(now.addSecs(-59), now), QStringLiteral("just now"));
    QCOMPARE(format::ago(now.addSecs(-60), now), QStringLiteral("1 min ago"));
    QCOMPARE(format::ago(now.addSecs(-3 * 3600), now), QStringLiteral("3 h ago"));
    QCOMPARE(format::ago(now.addSecs(-86'400), now), format::dateTime(now.addSecs(-86'400)));
    QCOMPARE(format::ago(now.addSecs(5), now), format::dateTime(now.addSecs(5))); // another clock's
    QCOMPARE(format::ago(std::nullopt, now), format::unknown());
}

QTEST_GUILESS_MAIN(TestFormat)
#include "tst_format.moc"
