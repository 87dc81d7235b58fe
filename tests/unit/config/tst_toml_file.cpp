// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/toml_file.h"

#include <QTest>

using namespace weir::config;

class TestTomlFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_data();
    void reads();
    void deepNestingIsRefused();
};

namespace {

/// "line key value" and "line ! problem" lines, for comparing.
QString told(const FileContents &contents)
{
    QStringList lines;
    for (const FileEntry &entry : contents.entries)
        lines += QString::number(entry.line) + QLatin1Char(' ') +
                 QString::fromStdString(entry.key + " " + describe(entry.value));
    for (const FileProblem &problem : contents.problems)
        lines += QString::number(problem.line) + QStringLiteral(" ! ") + QString::fromStdString(problem.what);
    return lines.join(QLatin1Char('\n'));
}

} // namespace

void TestTomlFile::reads_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("contents");
    QTest::newRow("nothing") << QByteArray() << QString();
    QTest::newRow("comments only") << QByteArray("# nothing here\n\n") << QString();
    QTest::newRow("in the order of the lines")
        << QByteArray("[pool]\nwarm = true\nmax = 3\n[listen]\nport = 1\naddress = \"::1\"\n")
        << "2 pool.warm true\n3 pool.max 3\n5 listen.port 1\n6 listen.address '::1'";
    QTest::newRow("dotted keys") << QByteArray("pool.max = 3\nlisten.port = 1")
                                 << "1 pool.max 3\n2 listen.port 1";
    QTest::newRow("line ends of Windows and a byte order mark")
        << QByteArray("\xEF\xBB\xBF[pool]\r\nmax = 3\r\n") << "2 pool.max 3";
    QTest::newRow("every kind of value")
        << QByteArray("[a]\nb = 1.5\nc = 2026-01-01\nd = {}\ne = [\"x\"]\nf = [1]\ng = 0x10\nh = [[\"x\"]]\n")
        << "2 a.b a number with a fraction\n3 a.c a date or time\n4 a.d a table\n5 a.e a list\n"
           "6 a.f a list that holds something else\n7 a.g 16\n8 a.h a list that holds something else";
    QTest::newRow("a value without a section") << QByteArray("port = 1") << "1 port 1";
    QTest::newRow("providers")
        << QByteArray("[[provider]]\nname = \"a\"\nopenai_base = \"u\"\n[[provider]]\nname = \"b\"\n")
        << "2 provider.a.name 'a'\n3 provider.a.openai_base 'u'\n5 provider.b.name 'b'";
    QTest::newRow("a provider without a name")
        << QByteArray("\n[[provider]]\nauth = \"none\"\n") << "2 ! this provider has no name";
    QTest::newRow("a provider whose name is a number")
        << QByteArray("[[provider]]\nname = 1\n") << "1 ! this provider has no name";
    QTest::newRow("a name that cannot be one")
        << QByteArray("[[provider]]\nname = \"My Box\"\n[[provider]]\nname = \"v1\"\n")
        << "1 ! 'My Box' cannot be a provider's name: 1 to 32 small letters, digits, '-' and '_', beginning "
           "with a "
           "letter or digit, and not 'v1'\n"
           "3 ! 'v1' cannot be a provider's name: 1 to 32 small letters, digits, '-' and '_', beginning with "
           "a "
           "letter or digit, and not 'v1'";
    QTest::newRow("the same name twice")
        << QByteArray("[[provider]]\nname = \"a\"\n[[provider]]\nname = \"a\"\n")
        << "2 provider.a.name 'a'\n4 provider.a.name 'a'\n3 ! there is already a provider 'a'";
    QTest::newRow("provider as a table")
        << QByteArray("[provider]\nname = \"a\"\n")
        << "1 ! providers are written as [[provider]] entries, each with a name";
    QTest::newRow("provider as a list of texts")
        << QByteArray("provider = [\"a\"]\n")
        << "1 ! providers are written as [[provider]] entries, each with a name";
}

void TestTomlFile::reads()
{
    QFETCH(QByteArray, text);
    const FileContents contents = readToml(text.toStdString());
    QVERIFY(contents.isToml);
    QTEST(told(contents), "contents");
}

void TestTomlFile::deepNestingIsRefused()
{
    const std::string deep = "a = " + std::string(100'000, '[') + std::string(100'000, ']');
    const FileContents contents = readToml(deep);
    QVERIFY(!contents.isToml);
    QVERIFY(contents.entries.empty());
    QCOMPARE(contents.problems.size(), std::size_t(1));
}

QTEST_GUILESS_MAIN(TestTomlFile)
#include "tst_toml_file.moc"
