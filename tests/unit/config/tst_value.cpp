// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/value.h"

#include <QTest>

using namespace weir::config;

class TestValue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void printableKeepsOneShortLine_data();
    void printableKeepsOneShortLine();
    void describesEveryKind();
};

void TestValue::printableKeepsOneShortLine_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("printed");
    QTest::newRow("empty") << QByteArray() << QByteArray();
    QTest::newRow("plain") << QByteArray("pool.max") << QByteArray("pool.max");
    QTest::newRow("line ends and escapes")
        << QByteArray("a\r\nb\x1b[31m\x7f\0c", 12) << QByteArray("a??b?[31m??c");
    QTest::newRow("UTF-8 stays") << QByteArray("größe") << QByteArray("größe");
    QTest::newRow("as long as may be") << QByteArray(80, 'x') << QByteArray(80, 'x');
    QTest::newRow("too long") << QByteArray(81, 'x') << QByteArray(80, 'x') + "…";
    QTest::newRow("cut before a character, not in it")
        << QByteArray(79, 'x') + "ü" << QByteArray(79, 'x') + "…";
}

void TestValue::printableKeepsOneShortLine()
{
    QFETCH(QByteArray, text);
    QTEST(QByteArray::fromStdString(printable(text.toStdString())), "printed");
}

void TestValue::describesEveryKind()
{
    QCOMPARE(describe(true), "true");
    QCOMPARE(describe(std::int64_t(-3)), "-3");
    QCOMPARE(describe(std::string("a\nb")), "'a?b'");
    QCOMPARE(describe(std::vector<std::string>{"a"}), "a list");
    QCOMPARE(describe(Unsuited{"a table"}), "a table");
}

QTEST_GUILESS_MAIN(TestValue)
#include "tst_value.moc"
