// SPDX-License-Identifier: GPL-3.0-or-later
// The page Usage over a desk that the test answers for.
#include "ui/charts/day_bars.h"
#include "ui/fake_desk.h"
#include "ui/find_widgets.h"
#include "ui/models/usage_model.h"
#include "ui/pages/usage_page.h"
#include "ui/ui_fixture.h"
#include <QComboBox>
#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace weir;
using namespace weir::ui;
using test::button;
using test::hint;
using test::table;

namespace {

QJsonObject report(const char *by, const QStringList &names)
{
    QJsonArray rows;
    for (const QString &name : names) {
        rows.append(QJsonObject{{QStringLiteral("name"), name},
                                {QStringLiteral("requests"), 3},
                                {QStringLiteral("input"), 900},
                                {QStringLiteral("output"), 100}});
    }
    return {{QStringLiteral("by"), QLatin1String(by)},
            {QStringLiteral("rows"), rows},
            {QStringLiteral("total"), QJsonObject()}};
}

} // namespace

class TestUsagePage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void asksForTheChosenPeriod_data();
    void asksForTheChosenPeriod();
    void dropsAnswersToAnOlderChoice();
    void showsTokensByDay();
    void offersMoreWhereThereIsNothing();
    void saysWhyThereIsNothing();
    void exportsWhatItShows();
    void drawsManyDays();

private:
    QComboBox *box(const char *label) const;
    std::string targetOf(std::size_t question) const { return m_desk->open[question].question.target; }
    void answerBoth(const QStringList &models, const QStringList &days);

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<engine::EngineHost> m_host;
    std::unique_ptr<test::FakeDesk> m_desk;
    std::unique_ptr<UsagePage> m_page;
};

void TestUsagePage::initTestCase()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".+")));
    m_theme = std::make_unique<Theme>();
    m_theme->setChoice(Theme::Choice::Light);
}

void TestUsagePage::init()
{
    config::Config config;
    config.listen.port = 0;
    config.store.enabled = false;
    m_host = std::make_unique<engine::EngineHost>();
    QSignalSpy started(m_host.get(), &engine::EngineHost::started);
    m_host->start(std::make_shared<const config::Config>(config));
    QTRY_COMPARE(started.count(), 1);
    m_desk = std::make_unique<test::FakeDesk>();
    m_page = std::make_unique<UsagePage>(*m_host, *m_desk);
    m_page->resize(1000, 700);
    m_page->show();
    QCOMPARE(m_desk->open.size(), std::size_t(2));
}

void TestUsagePage::cleanup()
{
    m_page.reset();
    m_desk.reset();
    m_host.reset();
}

QComboBox *TestUsagePage::box(const char *label) const
{
    for (const QLabel *each : m_page->findChildren<QLabel *>()) {
        if (each->text() == QLatin1String(label))
            return qobject_cast<QComboBox *>(each->buddy());
    }
    return nullptr;
}

void TestUsagePage::answerBoth(const QStringList &models, const QStringList &days)
{
    QVERIFY(m_desk->answer("GET", "/stats/all", test::worked(report("model", models))));
    QVERIFY(m_desk->answer("GET", "/stats/all", test::worked(report("day", days))));
}

void TestUsagePage::asksForTheChosenPeriod_data()
{
    QTest::addColumn<int>("period");
    QTest::addColumn<QString>("since");
    QTest::newRow("today") << 0 << QStringLiteral("&since=") + QDate::currentDate().toString(Qt::ISODate);
    QTest::newRow("24 hours") << 1 << QStringLiteral("&since=24h");
    QTest::newRow("7 days") << 2 << QStringLiteral("&since=7d");
    QTest::newRow("30 days") << 3 << QStringLiteral("&since=30d");
    QTest::newRow("all") << 4 << QString();
}

void TestUsagePage::asksForTheChosenPeriod()
{
    answerBoth({}, {});
    QFETCH(int, period);
    QFETCH(QString, since);
    m_desk->open.clear();
    box("Peri&od:")->setCurrentIndex(period == 2 ? 1 : 2); // so that it changes
    if (!m_desk->open.empty())
        answerBoth({}, {});
    box("Peri&od:")->setCurrentIndex(period);
    QCOMPARE(m_desk->open.size(), std::size_t(2));
    QCOMPARE(QString::fromStdString(targetOf(0)), QStringLiteral("/stats/all?by=model") + since);
    QCOMPARE(QString::fromStdString(targetOf(1)), QStringLiteral("/stats/all?by=day") + since);
}

void TestUsagePage::dropsAnswersToAnOlderChoice()
{
    box("&Show:")->setCurrentIndex(box("&Show:")->findData(QStringLiteral("tool")));
    QCOMPARE(m_desk->open.size(), std::size_t(2)); // asked again when the answers are there
    answerBoth({QStringLiteral("a model")}, {});
    QCOMPARE(table(*m_page, "Usage")->model()->rowCount(), 1); // the total of nothing
    QCOMPARE(m_desk->open.size(), std::size_t(2));
    QVERIFY(targetOf(0).starts_with("/stats/all?by=tool"));
    answerBoth({QStringLiteral("Codex")}, {});
    QCOMPARE(table(*m_page, "Usage")->model()->index(0, 0).data().toString(), QStringLiteral("Codex"));
}

void TestUsagePage::showsTokensByDay()
{
    const QDate today = QDate::currentDate();
    answerBoth({QStringLiteral("m")}, {today.addDays(-2).toString(Qt::ISODate), today.toString(Qt::ISODate)});
    const auto *bars = m_page->findChild<DayBars *>();
    QVERIFY(bars && bars->isVisible());
    QCOMPARE(bars->days().size(), std::size_t(8)); // seven times 24 hours begin on the eighth day
    QCOMPARE(bars->days().back().tokens[0], 900);
    QCOMPARE(bars->days()[5].tokens[2], 100);
    QCOMPARE(bars->days()[6].tokens[0], 0);
    QVERIFY(bars->accessibleDescription().contains(QStringLiteral("output 200")));
}

void TestUsagePage::offersMoreWhereThereIsNothing()
{
    answerBoth({}, {});
    QCOMPARE(hint(*m_page, "usage-hint"), QStringLiteral("No usage in this period."));
    QVERIFY(!button(*m_page, "E&xport CSV…")->isEnabled());
    button(*m_page, "Show all that is kept")->click();
    QCOMPARE(QString::fromStdString(targetOf(0)), QStringLiteral("/stats/all?by=model"));
    answerBoth({}, {});
    QVERIFY(!button(*m_page, "Show all that is kept")->isVisible()); // there is no more
}

void TestUsagePage::saysWhyThereIsNothing()
{
    QVERIFY(
        m_desk->answer("GET", "/stats/all", test::failed(base::Errc::StoreOff, QStringLiteral("it is off"))));
    QCOMPARE(hint(*m_page, "usage-hint"), QStringLiteral("Usage cannot be shown: it is off."));
    QVERIFY(
        m_desk->answer("GET", "/stats/all", test::failed(base::Errc::StoreOff, QStringLiteral("it is off"))));
    QSignalSpy stopped(m_host.get(), &engine::EngineHost::stopped);
    m_host->stop();
    QTRY_COMPARE(stopped.count(), 1);
    QVERIFY(hint(*m_page, "usage-hint").startsWith(QStringLiteral("Weir is stopped")));
    QVERIFY(!m_page->findChild<DayBars *>()->isVisible());
}

void TestUsagePage::exportsWhatItShows()
{
    answerBoth({QStringLiteral("=1+1")}, {});
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("usage.csv"));
    m_page->exportTo(path);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.readAll().contains("\"'=1+1\",3,0,0,900,0,0,100,0,\r\n"));
    const auto *told = m_page->findChild<QLabel *>(QStringLiteral("told"));
    QVERIFY(told->isVisible() && told->text().contains(path));
    m_page->exportTo(folder.filePath(QStringLiteral("no/such/folder.csv")));
    QVERIFY(told->text().contains(QStringLiteral("was not saved")));
}

void TestUsagePage::drawsManyDays()
{
    // More and fewer bars, the largest numbers, no numbers; a warning fails the test.
    DayBars bars;
    bars.resize(500, 300);
    bars.show();
    const QDate today(2026, 11, 24);
    for (const int count : {1, UsageDaysMax, 0, 31}) {
        std::vector<DayBars::Bar> days;
        for (int day = 0; day < count; ++day)
            days.push_back({today.addDays(day - count + 1), {day * 1'000'000'000'000LL, 7, 0}});
        bars.setDays(days);
        QVERIFY(!bars.grab().isNull());
    }
    m_theme->setChoice(Theme::Choice::Dark);
    bars.resize(200, 100);
    QVERIFY(!bars.grab().isNull());
}

QTEST_MAIN(TestUsagePage)
#include "tst_usage_page.moc"
