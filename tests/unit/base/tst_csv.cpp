// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/csv.h"

#include <QTest>

using namespace weir;

class TestCsv : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesACell_data();
    void writesACell();
};

void TestCsv::writesACell_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("cell");
    const auto row = [](const char *name, const QByteArray &text, const QByteArray &cell) {
        QTest::newRow(name) << text << cell;
    };
    row("a name", "glm-5", R"("glm-5")");
    row("nothing", "", R"("")");
    row("a comma stays in its cell", "a,b", R"("a,b")");
    row("a quote is doubled", R"(a"b)", R"("a""b")");
    row("nothing but a quote", R"(")", R"("""")");
    row("a line end stays in its cell", "a\r\nb", "\"a\r\nb\"");
    row("letters of all alphabets", "größe 模型", R"("größe 模型")");
    row("a formula is text", "=1+1", R"("'=1+1")");
    row("a formula that calls a program", R"(=cmd|'/c calc'!A0)", R"("'=cmd|'/c calc'!A0")");
    row("plus begins a formula", "+1", R"("'+1")");
    row("minus begins one", "-1", R"("'-1")");
    row("at begins one", "@A1", R"("'@A1")");
    row("a tab before one is passed over", "\t=1", "\"'\t=1\"");
    row("so is a carriage return", "\r=1", "\"'\r=1\"");
    row("so is a line feed", "\n=1", "\"'\n=1\"");
    row("a wide = begins one", "＝1", R"("'＝1")");
    row("a wide + begins one", "＋1", R"("'＋1")");
    row("a wide - begins one", "－1", R"("'－1")");
    row("a wide @ begins one", "＠A1", R"("'＠A1")");
    row("another wide letter does not", "Ａ1", R"("Ａ1")");
    row("quotes do not hide a formula", R"(="a")", R"("'=""a""")");
    row("nor does its own closing", R"(",=1)", R"(""",=1")");
    row("a formula within is harmless", "a=1", R"("a=1")");
    row("an apostrophe is a letter", "'a", R"("'a")");
}

void TestCsv::writesACell()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, cell);
    QCOMPARE(QByteArray::fromStdString(base::csvText(text.toStdString())), cell);
}

QTEST_GUILESS_MAIN(TestCsv)
#include "tst_csv.moc"
