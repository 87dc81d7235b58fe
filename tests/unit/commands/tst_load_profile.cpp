// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/load_profile.h"
#include <QTest>

using namespace weir;

class TestLoadProfile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sendsAsManyAsItsCourseHolds_data();
    void sendsAsManyAsItsCourseHolds();
    void knowsNoOthers();
};

void TestLoadProfile::sendsAsManyAsItsCourseHolds_data()
{
    // Of 100 requests per second over 100 s.
    QTest::addColumn<QString>("profile");
    QTest::addColumn<int>("total");
    QTest::addColumn<double>("highest");
    QTest::newRow("constant") << QStringLiteral("constant") << 10'000 << 100.0;
    QTest::newRow("up and down") << QStringLiteral("ramp") << 5'000 << 100.0;
    QTest::newRow("a tenth of the rate, and a tenth of the time all of it")
        << QStringLiteral("spike") << 1'900 << 100.0;
    QTest::newRow("five steps") << QStringLiteral("stress") << 10'500 << 200.0;
    QTest::newRow("a slow start of a twentieth of the time") << QStringLiteral("sustained") << 9'775 << 100.0;
}

void TestLoadProfile::sendsAsManyAsItsCourseHolds()
{
    QFETCH(const QString, profile);
    QFETCH(const int, total);
    QFETCH(const double, highest);
    const auto course = bench::courseOf(profile.toStdString(), 100, 100);
    QVERIFY(course);
    QCOMPARE(load::Schedule(*course, 100).total(), std::uint64_t(total));
    double most = 0;
    double before = 0;
    for (const auto &[seconds, rate] : *course) {
        QVERIFY(seconds >= before && seconds <= 100 && rate >= 0);
        before = seconds;
        most = std::max(most, rate);
    }
    QCOMPARE(most, highest);
}

void TestLoadProfile::knowsNoOthers()
{
    QVERIFY(!bench::courseOf("", 1, 1));
    QVERIFY(!bench::courseOf("Constant", 1, 1));
}

QTEST_APPLESS_MAIN(TestLoadProfile)
#include "tst_load_profile.moc"
