// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/body_bytes.h"
#include "micro/json_readers.h"
#include <QTest>

using namespace weir;
using namespace weir::micro;
using llm::joined;

class TestJsonReaders : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readersAgree_data();
    void readersAgree();
    void changesTheModelAndNothingElse();
    void readersThatDisagreeAreNotTimed();
    void comparesByTurns();
    void tooFewRepetitionsShowNothing();
    void stopsBetweenRepetitions();
};

void TestJsonReaders::readersAgree_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<bool>("stream");
    for (const JsonBody &body : jsonBodies())
        QTest::newRow(body.name.c_str())
            << body.bytes << QByteArray("claude-sonnet-4-5-20250929") << !body.name.starts_with("1 KB");
    QTest::newRow("of two equal keys the last one counts")
        << QByteArray(R"({"model":"a","stream":true,"model":"b","stream":false})") << QByteArray("b")
        << false;
    QTest::newRow("escapes") << QByteArray(R"({"mod\u0065l":"gl\u00fcck\n","stream":true})")
                             << QByteArray("glück\n") << true;
    QTest::newRow("other types") << QByteArray(R"({"model":7,"stream":"true"})") << QByteArray() << false;
    QTest::newRow("deeper ones do not count")
        << QByteArray(R"({"metadata":{"model":"x","stream":true}})") << QByteArray() << false;
    QTest::newRow("a model name too long to believe")
        << QByteArray("{\"model\":\"" + QByteArray(1025, 'm') + "\"}") << QByteArray() << false;
}

void TestJsonReaders::readersAgree()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, model);
    QFETCH(bool, stream);
    for (const auto read : {readWithSimdjson, readWithQt}) {
        const llm::RequestFacts facts = read(body);
        QCOMPARE(QByteArray::fromStdString(facts.model), model);
        QCOMPARE(facts.stream, stream);
    }
}

void TestJsonReaders::changesTheModelAndNothingElse()
{
    for (const JsonBody &body : jsonBodies()) {
        QByteArray expected = body.bytes;
        QCOMPARE(expected.count("claude-sonnet-4-5-20250929"), 1);
        expected.replace("claude-sonnet-4-5-20250929", "glm-4.6");
        QVERIFY2(changeHeld(body.bytes).size() > 1, body.name.c_str());
        QVERIFY2(joined(changeHeld(body.bytes)) == expected, body.name.c_str());
        QVERIFY2(joined(changePassing(body.bytes)) == expected, body.name.c_str());
    }
}

void TestJsonReaders::readersThatDisagreeAreNotTimed()
{
    // Qt refuses the whole document for a number beyond a double; Weir leaves judging numbers to the
    // provider.
    const JsonBody body{"disagreement", R"({"model":"a","n":1e999})"};
    QVERIFY(readWithSimdjson(body.bytes).model != readWithQt(body.bytes).model);
    const JsonTimes times = compareReaders(body, {3, 0.001}, [] { return true; });
    QVERIFY(!times.broken.empty());
    QVERIFY(times.simdjsonNs.empty() && times.qtNs.empty());
    const report::Section section = toSection(times);
    for (const report::ArmResult &arm : section.arms) {
        QCOMPARE(arm.broken, times.broken);
        QVERIFY(arm.figures.empty());
    }
    // Nor is a body in which there is nothing to be found.
    QVERIFY(!compareReaders({"empty", "{}"}, {3, 0.001}, [] { return true; }).broken.empty());
}

void TestJsonReaders::comparesByTurns()
{
    const JsonTimes times = compareReaders(jsonBodies()[0], {4, 0.001}, [] { return true; });
    QCOMPARE(times.simdjsonNs.size(), std::size_t(4));
    QCOMPARE(times.qtNs.size(), std::size_t(4));
    const report::Section section = toSection(times);
    QCOMPARE(section.kind, std::string("json"));
    QCOMPARE(section.arms.size(), std::size_t(4));
    for (const report::ArmResult &arm : section.arms) {
        QCOMPARE(arm.figures[0].name, std::string("time_per_body"));
        QVERIFY(arm.figures[0].value.value_or(0) > 0);
        QCOMPARE(arm.figures[1].value.value_or(0), times.bytes * 1e9 / *arm.figures[0].value);
    }
    JsonTimes made{"made", 1000, {100, 200, 400}, {300, 400, 2000}, {}, {}, {}};
    QCOMPARE(ratio(made).value_or(0), 3.0); // of 3, 2 and 5
}

void TestJsonReaders::tooFewRepetitionsShowNothing()
{
    const JsonTimes times{"made", 1000, {100, 200}, {300, 400}, {}, {1, 2}, {1, 2}};
    QVERIFY(!ratio(times));
    for (const report::ArmResult &arm : toSection(times).arms) {
        QCOMPARE(arm.figures[0].runs.size(), std::size_t(2));
        QVERIFY(!arm.figures[0].value && !arm.figures[1].value);
    }
}

void TestJsonReaders::stopsBetweenRepetitions()
{
    int asked = 0;
    const JsonTimes times = compareReaders(jsonBodies()[0], {100, 0.001}, [&asked] { return ++asked <= 5; });
    QCOMPARE(times.qtNs.size(), std::size_t(5));
}

QTEST_GUILESS_MAIN(TestJsonReaders)
#include "tst_json_readers.moc"
