// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/name_set.h"
#include <QTest>

using namespace weir::http;

class TestNameSet : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void holdsItsNamesWhateverTheCase_data();
    void holdsItsNamesWhateverTheCase();
};

void TestNameSet::holdsItsNamesWhateverTheCase_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("isIn");
    QTest::newRow("as it was given") << QByteArray("te") << true;
    QTest::newRow("in capitals") << QByteArray("TE") << true;
    QTest::newRow("of 31 and more bytes") << QByteArray("access-control-allow-credentials-too") << true;
    QTest::newRow("another of 31 and more bytes")
        << QByteArray("access-control-allow-credentials-TWO") << false;
    QTest::newRow("same letter, other size") << QByteArray("upgrades") << false;
    QTest::newRow("same letter and size") << QByteArray("upgrada") << false;
    QTest::newRow("same ends") << QByteArray("uXXXXXe") << false;
    QTest::newRow("a letter's lower bits without its upper ones") << QByteArray("\x14\x05") << false;
    QTest::newRow("an umlaut") << QByteArray("\xf4\xe5") << false;
    QTest::newRow("nothing") << QByteArray() << false;
}

void TestNameSet::holdsItsNamesWhateverTheCase()
{
    QFETCH(QByteArray, name);
    QFETCH(bool, isIn);
    static constexpr NameSet Set(
        std::array<std::string_view, 3>{"te", "Upgrade", "access-control-allow-credentials-too"});
    QCOMPARE(Set.contains({name.constData(), std::size_t(name.size())}), isIn);
}

QTEST_APPLESS_MAIN(TestNameSet)
#include "tst_name_set.moc"
