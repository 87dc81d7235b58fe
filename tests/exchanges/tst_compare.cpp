// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/compare.h"
#include <QTest>

using namespace weir::exchanges;

namespace {

/// What a document expects by this block, of a client.
Expectation expectation(const QByteArray &block)
{
    QByteArray text =
        "It works.\n\nclient sends\n    GET / HTTP/1.1\nnothing reaches the upstream\nclient gets\n";
    for (const QByteArray &line : block.split('\n'))
        text += (line.isEmpty() ? "" : "    ") + line + '\n';
    const auto read = readDocument(text);
    if (const auto *problem = std::get_if<Problem>(&read))
        qFatal("%s", problem->what.constData());
    return std::get<Document>(read).steps.back().expectation;
}

Message reply()
{
    Message message;
    message.start = "200";
    message.fields = {{"A", "1"}, {"Set-Cookie", "b"}, {"set-cookie", "c"}};
    message.body = R"({"a":[{"b":"x"}],"n":1.5,"z":null,"t":true})";
    message.isWhole = true;
    return message;
}

} // namespace

class TestCompare : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isSatisfied_data();
    void isSatisfied();
    void tellsTheDifference_data();
    void tellsTheDifference();
    void countsFromWhereItWas();
    void knowsWhenToGiveUp();
};

void TestCompare::isSatisfied_data()
{
    QTest::addColumn<QByteArray>("block");
    QTest::newRow("the body") << QByteArray("200\n\n") + reply().body;
    QTest::newRow("a field in another case") << QByteArray("200\na: 1\nbody ~ .");
    QTest::newRow("an absent one") << QByteArray("200\nno b\nbody ~ .");
    QTest::newRow("all values in order") << QByteArray("200\nset-cookie: b\nSet-Cookie ~ ^c$\nbody ~ .");
    QTest::newRow("several things of the body")
        << QByteArray("200\nbody has \"a\"\nbody ~ t.:true\nbody.n: 1.5");
    QTest::newRow("members of JSON") << QByteArray(
        "200\nbody.a.0.b: x\nbody.z: null\nbody.t: true\nno body.c\nbody.a has {\"b\"");
    QTest::newRow("its beginning") << QByteArray("200\n\n{\"a\"\n(more)");
}

void TestCompare::isSatisfied()
{
    QFETCH(QByteArray, block);
    const QByteArray wrong = difference(expectation(block), reply(), 0, {});
    QVERIFY2(wrong.isEmpty(), wrong.constData());
}

void TestCompare::tellsTheDifference_data()
{
    QTest::addColumn<QByteArray>("block");
    QTest::addColumn<QByteArray>("expected");
    QTest::addColumn<QByteArray>("got");
    const auto row = [](const char *name, const char *block, const char *expected, const char *got) {
        QTest::newRow(name) << QByteArray(block) << QByteArray(expected) << QByteArray(got);
    };
    row("a status", "201", "201", "200");
    row("a value", "200\na: 2\nbody ~ .", "a: 2", "a: 1");
    row("no such field", "200\nb: 2\nbody ~ .", "b: 2", "no b");
    row("a field that should not be", "200\nno a\nbody ~ .", "no a", "a: 1");
    row("a value too many", "200\nset-cookie: b\nbody ~ .", "no further set-cookie", "set-cookie: c");
    row("a value too few", "200\na: 1\na: 1\nbody ~ .", "a: 1", "no a");
    row("another order", "200\nset-cookie: c\nset-cookie: b\nbody ~ .", "set-cookie: c", "set-cookie: b");
    row("a pattern", "200\na ~ ^x\nbody ~ .", "a ~ ^x", "a: 1");
    row("a part", "200\nbody has y", "body has y", "body: {\"a\"");
    row("a member", "200\nbody.n: 2", "body.n: 2", "body.n: 1.5");
    row("no such member", "200\nbody.a.1.b: x", "body.a.1.b: x", "no body.a.1.b");
    row("a member that should not be", "200\nno body.n", "no body.n", "body.n: 1.5");
    row("a body nobody spoke of", "200", "", "{\"a\"");
    row("another body", "200\n\n{\"a\":[{\"b\":\"y\"}]}", R"("b":"y")", R"("b":"x")");
    row("its end", "200\nbody ~ .\n(cut)", "(cut)", "a whole message");
}

void TestCompare::tellsTheDifference()
{
    QFETCH(QByteArray, block);
    QFETCH(QByteArray, expected);
    QFETCH(QByteArray, got);
    const QByteArray wrong = difference(expectation(block), reply(), 0, {});
    const qsizetype middle = wrong.indexOf("\n  got");
    QVERIFY2(middle > 0, wrong.constData());
    QVERIFY2(wrong.left(middle).contains(expected), wrong.constData());
    QVERIFY2(wrong.mid(middle).contains(got), wrong.constData());
}

void TestCompare::countsFromWhereItWas()
{
    Message message = reply();
    message.body = "onetwothree";
    QCOMPARE(difference(expectation("200\n\ntwo\n(more)"), message, 3, {}), QByteArray());
    QCOMPARE(difference(expectation("200\n\ntwothree"), message, 3, {}), QByteArray());
    QVERIFY(difference(expectation("200\n\ntwo"), message, 3, {}).contains("3 bytes are expected, 8 came"));
    message.isWhole = false;
    QVERIFY(difference(expectation("200\n\ntwothree"), message, 3, {}).contains("a part of it"));
}

void TestCompare::knowsWhenToGiveUp()
{
    Message message;
    QVERIFY(!isHopeless(expectation("200\n\nabc"), message, 0, {}));
    message.start = "200";
    message.body = "ab";
    QVERIFY(!isHopeless(expectation("200\n\nabc"), message, 0, {}));
    QVERIFY(!isHopeless(expectation("200\nbody has x"), message, 0, {}));
    QVERIFY(!isHopeless(expectation("200\n\na\n(more)"), message, 0, {}));
    QVERIFY(isHopeless(expectation("201"), message, 0, {}));
    QVERIFY(isHopeless(expectation("200\n\nb"), message, 0, {}));
    QVERIFY(isHopeless(expectation("200\n\na"), message, 0, {}));
}

QTEST_APPLESS_MAIN(TestCompare)
#include "tst_compare.moc"
