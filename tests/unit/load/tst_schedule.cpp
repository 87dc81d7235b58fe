// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/schedule.h"
#include <QTest>

using weir::load::RateCourse;
using weir::load::Schedule;

namespace {

std::vector<double> all(Schedule schedule)
{
    std::vector<double> times;
    while (const auto next = schedule.next())
        times.push_back(*next);
    return times;
}

} // namespace

class TestSchedule : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hasAsManyAsTheCourseHolds_data();
    void hasAsManyAsTheCourseHolds();
    void isEvenAtAConstantRate();
    void followsARamp();
};

void TestSchedule::hasAsManyAsTheCourseHolds_data()
{
    QTest::addColumn<QVector<QPointF>>("points");
    QTest::addColumn<double>("seconds");
    QTest::addColumn<int>("total");
    QTest::addColumn<int>("inFirstHalf");
    using Points = QVector<QPointF>;
    QTest::newRow("constant") << Points{{0, 200}} << 10.0 << 2000 << 1000;
    QTest::newRow("a slice of a constant rate") << Points{{0, 200}} << 0.5 << 100 << 50;
    QTest::newRow("up") << Points{{0, 0}, {10, 200}} << 10.0 << 1000 << 250;
    QTest::newRow("up and down") << Points{{0, 0}, {5, 200}, {10, 0}} << 10.0 << 1000 << 500;
    QTest::newRow("a spike") << Points{{0, 100}, {4, 100}, {4, 1000}, {5, 1000}, {5, 100}} << 10.0 << 1900
                             << 1400;
    QTest::newRow("steps") << Points{{0, 10}, {5, 10}, {5, 20}, {10, 20}} << 10.0 << 150 << 50;
    QTest::newRow("cut off in a ramp") << Points{{0, 0}, {20, 400}} << 10.0 << 1000 << 250;
    QTest::newRow("the last rate holds on") << Points{{0, 0}, {2, 100}} << 10.0 << 900 << 400;
    QTest::newRow("the first rate holds before its point")
        << Points{{5, 100}, {10, 100}} << 10.0 << 1000 << 500;
    QTest::newRow("silence in the middle")
        << Points{{0, 100}, {2, 100}, {2, 0}, {8, 0}, {8, 100}} << 10.0 << 400 << 200;
    QTest::newRow("nothing at all") << Points{{0, 0}} << 10.0 << 0 << 0;
    QTest::newRow("no time") << Points{{0, 100}} << 0.0 << 0 << 0;
    QTest::newRow("less than one a second") << Points{{0, 0.2}} << 10.0 << 2 << 1;
}

void TestSchedule::hasAsManyAsTheCourseHolds()
{
    QFETCH(const QVector<QPointF>, points);
    QFETCH(const double, seconds);
    QFETCH(const int, total);
    QFETCH(const int, inFirstHalf);
    RateCourse course;
    for (const QPointF &point : points)
        course.emplace_back(point.x(), point.y());
    const Schedule schedule(course, seconds);
    QCOMPARE(schedule.total(), std::uint64_t(total));
    const auto times = all(schedule);
    QCOMPARE(times.size(), std::size_t(total));
    int early = 0;
    double before = 0;
    for (const double time : times) {
        QVERIFY(time >= before && time <= seconds);
        before = time;
        early += time < seconds / 2 - 1e-6;
    }
    QVERIFY2(std::abs(early - inFirstHalf) <= 1, qPrintable(QString::number(early)));
}

void TestSchedule::isEvenAtAConstantRate()
{
    const auto times = all(Schedule({{0, 200}}, 1));
    for (std::size_t index = 0; index < times.size(); ++index)
        QVERIFY(std::abs(times[index] - double(index) / 200) < 1e-9);
}

void TestSchedule::followsARamp()
{
    // From 0 to 100 in 10 s: the area until t is 5 t², so request k is due at √(k / 5).
    const auto times = all(Schedule({{0, 0}, {10, 100}}, 10));
    for (std::size_t index = 0; index < times.size(); ++index)
        QVERIFY(std::abs(times[index] - std::sqrt(double(index) / 5)) < 1e-9);
}

QTEST_APPLESS_MAIN(TestSchedule)
#include "tst_schedule.moc"
