// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/json_probe.h"
#include "llm/usage.h"
#include <QTest>

using namespace weir::llm;

class TestOutputBound : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsTheWorst_data();
    void readsTheWorst();
    void knowsWhatIsCertain();
    void countsAnswers_data();
    void countsAnswers();
    void doubtsTheModel_data();
    void doubtsTheModel();
};

void TestOutputBound::readsTheWorst_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<qint64>("most"); // -1 = no bound
    const auto row = [](const char *body, qint64 most) { QTest::newRow(body) << QByteArray(body) << most; };
    row(R"({"max_tokens":5})", 5);
    row(R"({"max_completion_tokens":6})", 6);
    row(R"({"max_output_tokens":7})", 7);
    row(R"({"max_tokens":5,"max_completion_tokens":6})", 6);
    row(R"({"max_tokens":1,"n_predict":9})", 9);
    row(R"({"m\u0061x_tokens":5})", 5);
    // Of two members a provider takes the first or the last.
    row(R"({"max_tokens":5,"max_tokens":1})", 5);
    row(R"({"max_tokens":1,"max_tokens":5})", 5);
    row(R"({"max_tokens":1,"Max_Tokens":9999})", 9999);
    row(R"({"max_tokens":1,"MAX_TOKENS":9999})", 9999);
    row(R"({"max_tokens":1,"maxTokens":9999})", 9999);
    row("{\"max_tokens\":1,\"max_to\xE2\x84\xAA"
        "en\xC5\xBF\":9999}",
        9999); // Kelvin sign and long s
    row(R"({"max_tokens":1,"max_to\u212aen\u017f":9999})", 9999);
    // Spellings of numbers.
    row(R"({"max_tokens":9e4})", 90'000);
    row(R"({"max_tokens":9E+4})", 90'000);
    row(R"({"max_tokens":90000.0})", 90'000);
    row(R"({"max_tokens":90000.2})", 90'001);
    row(R"({"max_tokens":"90000"})", 90'000);
    row(R"({"max_tokens":" +9e4 "})", 90'000);
    row(R"({"max_tokens":"\u0039"})", 9);
    row(R"({"max_tokens":true})", 1);
    row(R"({"max_tokens":0.5})", 1);
    row(R"({"max_tokens":99999999999999999999})", qint64(TokensMax));
    row(R"({"max_tokens":1e999})", qint64(TokensMax));
    row(R"({"max_tokens":"inf"})", qint64(TokensMax));
    // What some servers take for "no limit".
    row(R"({"max_tokens":0})", -1);
    row(R"({"max_tokens":-1})", -1);
    row(R"({"max_tokens":-0.5})", -1);
    row(R"({"max_tokens":-9223372036854775808})", -1);
    row(R"({"max_tokens":-1e999})", -1);
    row(R"({"max_tokens":1e-999})", qint64(TokensMax)); // too small to read: the worst
    row(R"({"max_tokens":5,"max_completion_tokens":-1})", -1);
    row(R"({"max_tokens":"many"})", -1);
    row(R"({"max_tokens":[5]})", -1);
    row(R"({"max_tokens":false})", -1);
    // No bound at all.
    row(R"({"max_tokens":null})", -1);
    row(R"({"a":{"max_tokens":5}})", -1);
    row(R"({"max_tokens_x":5})", -1);
    row(R"([5])", -1);
    // Each answer may be as long.
    row(R"({"max_tokens":5,"n":3})", 15);
    row(R"({"n":2,"max_tokens":5,"best_of":4})", 20);
    row(R"({"max_tokens":1e12,"n":1e12})", qint64(TokensMax));
}

void TestOutputBound::readsTheWorst()
{
    QFETCH(QByteArray, body);
    QFETCH(qint64, most);
    const JsonProbe probe = probeJson({body.constData(), std::size_t(body.size())});
    QCOMPARE(int(probe.readability), int(Readability::Readable));
    QCOMPARE(qint64(probe.output.most().value_or(-1)), most);
}

void TestOutputBound::knowsWhatIsCertain()
{
    const auto isCertain = [](std::string_view body) { return probeJson(body).output.isCertain(); };
    QVERIFY(isCertain(R"({"max_tokens":5})"));
    QVERIFY(isCertain(R"({"max_tokens":5,"max_tokens":5.0,"n":2})"));
    QVERIFY(!isCertain(R"({"max_tokens":5,"max_tokens":6})"));
    QVERIFY(!isCertain(R"({"max_tokens":5,"Max_Tokens":6})"));
    QVERIFY(!isCertain(R"({"max_tokens":-1})"));
    QVERIFY(!isCertain(R"({"max_tokens":5,"max_output_tokens":0})"));
    QVERIFY(!isCertain("{}"));
}

void TestOutputBound::countsAnswers_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<qint64>("choices");
    const auto row = [](const char *body, qint64 choices) {
        QTest::newRow(body) << QByteArray(body) << choices;
    };
    row(R"({})", 1);
    row(R"({"n":3})", 3);
    row(R"({"N":3})", 3);
    row(R"({"n":3,"n":1})", 3);
    row(R"({"n":1.5})", 2);
    row(R"({"n":"4"})", 4);
    row(R"({"n":0})", 1);
    row(R"({"n":-7})", 1);
    row(R"({"n":null})", 1);
    row(R"({"n":[2]})", 1);
    row(R"({"n":1e99})", qint64(TokensMax));
}

void TestOutputBound::countsAnswers()
{
    QFETCH(QByteArray, body);
    QFETCH(qint64, choices);
    QCOMPARE(qint64(probeJson({body.constData(), std::size_t(body.size())}).output.choices()), choices);
}

void TestOutputBound::doubtsTheModel_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("isCertain");
    for (const char *body :
         {R"({"model":"a"})", R"({"a":{"model":"b"},"model":"a"})", R"({"models_x":1,"mode":2})", R"({})",
          R"([{"model":"a","model":"b"}])", R"({"mod\u0065l":"a"})"})
        QTest::newRow(body) << QByteArray(body) << true;
    for (const char *body : {R"({"model":"a","model":"b"})", R"({"model":"a","Model":"b"})",
                             R"({"MODEL":"b"})", R"({"model":"a","mod\u0065l":"b"})",
                             R"({"model":"a","m\u004fdel":"b"})", R"({"model":"a","models":["b"]})"})
        QTest::newRow(body) << QByteArray(body) << false;
}

void TestOutputBound::doubtsTheModel()
{
    QFETCH(QByteArray, body);
    QFETCH(bool, isCertain);
    QCOMPARE(probeJson({body.constData(), std::size_t(body.size())}).modelDoubt.empty(), isCertain);
}

QTEST_GUILESS_MAIN(TestOutputBound)
#include "tst_output_bound.moc"
