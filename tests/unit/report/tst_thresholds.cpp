// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/thresholds.h"
#include "sample_report.h"
#include <QTest>

using namespace weir::report;

namespace {

constexpr const char *Good = R"([[threshold]]
section = "throughput"
parameters = { concurrency = 64, body = "2000" }
figure = "requests_per_second"
arm = "weir"
against = "nginx"
at_least = 0.4
reason = "because"
)";

Threshold threshold(const char *figure, std::optional<double> atLeast, std::optional<double> atMost)
{
    return {"throughput", {{"concurrency", "64"}}, figure, "weir", "nginx", atLeast, atMost, "because"};
}

} // namespace

class TestThresholds : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsAFile();
    void refusesAFile_data();
    void refusesAFile();
    void refusesTooMany();
    void evaluatesRatios_data();
    void evaluatesRatios();
    void breaksWhereAFigureIsMissing_data();
    void breaksWhereAFigureIsMissing();
    void failsOnlyTwiceInARow_data();
    void failsOnlyTwiceInARow();
    void handsOnWhatGoesWrong();
    void saysBoundValueAndMargin();
};

void TestThresholds::readsAFile()
{
    const auto read = parseThresholds(Good);
    QVERIFY2(read, read ? "" : read.error().detail.c_str());
    QCOMPARE(read->size(), std::size_t(1));
    const Threshold &one = read->front();
    QCOMPARE(one.kind, std::string("throughput"));
    QCOMPARE(one.parameters.size(), std::size_t(2));
    QVERIFY((one.parameters[0] == std::pair<std::string, std::string>{"body", "2000"}));
    QVERIFY((one.parameters[1] == std::pair<std::string, std::string>{"concurrency", "64"}));
    QCOMPARE(one.figure, std::string("requests_per_second"));
    QCOMPARE(one.arm, std::string("weir"));
    QCOMPARE(one.against, std::string("nginx"));
    QCOMPARE(one.atLeast, std::optional<double>(0.4));
    QVERIFY(!one.atMost);
    QCOMPARE(one.reason, std::string("because"));
}

void TestThresholds::refusesAFile_data()
{
    QTest::addColumn<QByteArray>("toml");
    QTest::addColumn<QByteArray>("why");
    const auto changed = [](const char *from, const char *to) {
        QByteArray toml = Good;
        toml.replace(from, to);
        return toml == Good ? QByteArray("the row changes nothing") : toml;
    };
    QTest::newRow("nothing") << QByteArray() << QByteArray("nothing would be checked");
    QTest::newRow("an empty list") << QByteArray("threshold = []") << QByteArray("nothing would be checked");
    QTest::newRow("no TOML") << QByteArray("a = = 1") << QByteArray("line 1: ");
    QTest::newRow("another table") << QByteArray("[limits]\na = 1") << QByteArray("no key \"limits\"");
    QTest::newRow("one table, no list") << QByteArray("[threshold]\na = 1") << QByteArray("[[threshold]]");
    QTest::newRow("a list of numbers") << QByteArray("threshold = [1]") << QByteArray("[[threshold]]");
    QTest::newRow("an unknown key") << changed("reason", "reasons")
                                    << QByteArray("line 8: there is no key \"reasons\"");
    for (const char *line : {"section = \"throughput\"\n", "figure = \"requests_per_second\"\n",
                             "arm = \"weir\"\n", "against = \"nginx\"\n", "reason = \"because\"\n"})
        QTest::addRow("without %s", QByteArray(line).left(5).constData())
            << changed(line, "") << QByteArray("is missing");
    QTest::newRow("no bound") << changed("at_least = 0.4\n", "") << QByteArray("either at_least or at_most");
    QTest::newRow("both bounds") << changed("at_least = 0.4\n", "at_least = 0.4\nat_most = 2\n")
                                 << QByteArray("either at_least or at_most");
    QTest::newRow("a bound of zero") << changed("0.4", "0") << QByteArray("line 7: at_least takes a number");
    QTest::newRow("a negative bound") << changed("0.4", "-1") << QByteArray("takes a number above zero");
    QTest::newRow("a bound without end") << changed("0.4", "inf") << QByteArray("takes a number above zero");
    QTest::newRow("a bound that is no number")
        << changed("0.4", "nan") << QByteArray("takes a number above zero");
    QTest::newRow("a bound as text") << changed("0.4", "\"0.4\"") << QByteArray("takes a number above zero");
    QTest::newRow("a name as number") << changed("\"weir\"", "1") << QByteArray("arm takes a text");
    QTest::newRow("an empty reason") << changed("\"because\"", "\"\"") << QByteArray("reason takes a text");
    QTest::newRow("an arm against itself") << changed("\"nginx\"", "\"weir\"") << QByteArray("are the same");
    QTest::newRow("parameters as text") << changed("{ concurrency = 64, body = \"2000\" }", "\"64\"")
                                        << QByteArray("parameters takes a table");
    QTest::newRow("a parameter as list") << changed("concurrency = 64", "concurrency = [64]")
                                         << QByteArray("concurrency takes text or a whole number");
}

void TestThresholds::refusesAFile()
{
    QFETCH(QByteArray, toml);
    QFETCH(QByteArray, why);
    const auto read = parseThresholds(toml.toStdString());
    QVERIFY(!read);
    QCOMPARE(read.error().code, weir::base::Errc::ConfigInvalid);
    QVERIFY2(read.error().detail.find(why.toStdString()) != std::string::npos, read.error().detail.c_str());
}

void TestThresholds::refusesTooMany()
{
    std::string toml;
    for (std::size_t count = 0; count < ThresholdsMax; ++count)
        toml += Good;
    QCOMPARE(parseThresholds(toml)->size(), ThresholdsMax);
    QVERIFY(!parseThresholds(toml + Good));
}

void TestThresholds::evaluatesRatios_data()
{
    QTest::addColumn<QByteArray>("figure");
    QTest::addColumn<double>("atLeast"); // 0: none
    QTest::addColumn<double>("atMost");
    QTest::addColumn<bool>("isBroken");
    QTest::addColumn<double>("margin");
    // weir does 18,420.1 requests, nginx 36,840.2: 0.5. p50 is 163 to 112.
    QTest::newRow("above the least") << QByteArray("requests_per_second") << 0.4 << 0.0 << false << 0.25;
    QTest::newRow("just the least") << QByteArray("requests_per_second") << 0.5 << 0.0 << false << 0.0;
    QTest::newRow("below the least") << QByteArray("requests_per_second") << 0.8 << 0.0 << true << -0.375;
    QTest::newRow("below the most") << QByteArray("p50") << 0.0 << 2.0 << false << 1 - 163.0 / 112 / 2;
    QTest::newRow("above the most") << QByteArray("p50") << 0.0 << 1.0 << true << 1 - 163.0 / 112;
}

void TestThresholds::evaluatesRatios()
{
    QFETCH(QByteArray, figure);
    QFETCH(double, atLeast);
    QFETCH(double, atMost);
    QFETCH(bool, isBroken);
    QFETCH(double, margin);
    const auto bound = [](double value) { return value > 0 ? std::optional(value) : std::nullopt; };
    const auto outcomes =
        evaluate({threshold(figure.constData(), bound(atLeast), bound(atMost))}, sampleReport());
    QCOMPARE(outcomes.size(), std::size_t(1));
    QVERIFY(outcomes[0].value);
    QVERIFY(outcomes[0].trouble.empty());
    QCOMPARE(outcomes[0].isBroken, isBroken);
    QVERIFY(qAbs(outcomes[0].margin() - margin) < 1e-9);
    QCOMPARE(anyBroken(outcomes), isBroken);
}

void TestThresholds::breaksWhereAFigureIsMissing_data()
{
    QTest::addColumn<QByteArray>("what");
    QTest::addColumn<QByteArray>("trouble");
    const auto row = [](const char *what, const char *trouble) {
        QTest::newRow(what) << QByteArray(what) << QByteArray(trouble);
    };
    row("no section", "no such section");
    row("other parameters", "no such section");
    row("no arm", "nginx took no part");
    row("broken arm", "nginx is broken: gone");
    row("no figure", "weir has no figure \"p50\"");
    row("too few samples", "weir has too few samples for p50");
    row("zero", "two values above zero");
}

void TestThresholds::breaksWhereAFigureIsMissing()
{
    QFETCH(QByteArray, what);
    QFETCH(QByteArray, trouble);
    Report report = sampleReport();
    Section &section = report.sections[0];
    if (what == "no section")
        section.kind = "stream";
    else if (what == "other parameters")
        section.parameters[0].second = "10";
    else if (what == "no arm")
        section.arms.erase(section.arms.begin() + 2);
    else if (what == "broken arm")
        section.arms[2].broken = "gone";
    else if (what == "no figure")
        section.arms[1].figures.erase(section.arms[1].figures.begin() + 1);
    else if (what == "too few samples")
        section.arms[1].figures[1].value.reset();
    else
        section.arms[2].figures[1].value = 0;
    const auto outcomes = evaluate({threshold("p50", std::nullopt, 100)}, report);
    QVERIFY(!outcomes[0].value);
    QVERIFY(outcomes[0].isBroken);
    QVERIFY2(outcomes[0].trouble.find(trouble.toStdString()) != std::string::npos,
             outcomes[0].trouble.c_str());
    QVERIFY(toText(outcomes, 100).find(trouble.toStdString()) != std::string::npos);
}

void TestThresholds::failsOnlyTwiceInARow_data()
{
    QTest::addColumn<QList<bool>>("first"); // whether each of two thresholds breaks
    QTest::addColumn<QList<bool>>("second");
    QTest::addColumn<int>("runs");
    QTest::addColumn<bool>("hasFailed");
    using Two = QList<bool>;
    QTest::newRow("all hold at once") << Two{false, false} << Two{true, true} << 1 << false;
    QTest::newRow("one breaks once") << Two{true, false} << Two{false, false} << 2 << false;
    QTest::newRow("one breaks twice") << Two{true, false} << Two{true, false} << 2 << true;
    QTest::newRow("one breaks, then the other") << Two{true, false} << Two{false, true} << 2 << false;
    QTest::newRow("both break twice") << Two{true, true} << Two{true, true} << 2 << true;
}

void TestThresholds::failsOnlyTwiceInARow()
{
    QFETCH(QList<bool>, first);
    QFETCH(QList<bool>, second);
    QFETCH(int, runs);
    QFETCH(bool, hasFailed);
    int count = 0;
    const auto measure = [&]() -> weir::base::Result<Report> {
        const QList<bool> breaks = count++ == 0 ? first : second;
        Report report = sampleReport();
        std::vector<Figure> &figures = report.sections[0].arms[1].figures;
        figures[0].value = breaks[0] ? 1.0 : 1e6;
        figures[1].value = breaks[1] ? 1e6 : 1.0;
        return report;
    };
    const auto result = check(
        {threshold("requests_per_second", 0.5, std::nullopt), threshold("p50", std::nullopt, 2)}, measure);
    QVERIFY(result);
    QCOMPARE(count, runs);
    QCOMPARE(int(result->reports.size()), runs);
    QCOMPARE(result->hasFailed(), hasFailed);
    QCOMPARE(result->second.empty(), runs == 1);
}

void TestThresholds::handsOnWhatGoesWrong()
{
    const auto result = check({threshold("p50", 1, std::nullopt)}, []() -> weir::base::Result<Report> {
        return weir::base::unexpected(weir::base::Errc::Internal, "no nginx");
    });
    QVERIFY(!result);
    QCOMPARE(result.error().detail, std::string("no nginx"));
}

void TestThresholds::saysBoundValueAndMargin()
{
    const std::string text = toText(
        evaluate({threshold("requests_per_second", 0.4, std::nullopt), threshold("p50", std::nullopt, 1)},
                 sampleReport()),
        100);
    QCOMPARE(text, std::string("ok      weir / nginx, requests_per_second, throughput concurrency 64\n"
                               "        0.50×, at least 0.40×, margin +25 %\n"
                               "BROKEN  weir / nginx, p50, throughput concurrency 64\n"
                               "        1.46×, at most 1.00×, margin -46 %\n"
                               "        because\n"));
}

QTEST_GUILESS_MAIN(TestThresholds)
#include "tst_thresholds.moc"
