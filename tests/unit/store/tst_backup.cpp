// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/backup.h"

#include "store/usage_writer.h"
#include "unit/store/store_fixture.h"
#include "unit/store/usage_rows.h"
#include <QTest>
#include <sys/stat.h>

using namespace weir;
using namespace weir::store;
using base::Errc;
using test::readFile;
using test::StoreFixture;
using test::usageRows;
using test::writeFile;

class TestBackup : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bringsBackWhatWasThere();
    void writesAPrivateFile();
    void replacesNoFile();
    void restoresNothingUnsound_data();
    void restoresNothingUnsound();
    void restoresNothingThatIsInUse();
    void restoresWhereNothingWas();
};

void TestBackup::bringsBackWhatWasThere()
{
    StoreFixture fixture;
    const std::string backup = fixture.folder.filePath(QStringLiteral("backup.db")).toStdString();
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        VERIFY_RESULT(writeUsage(**database, usageRows(0, 100)));
        VERIFY_RESULT(backUp(**database, backup));
        VERIFY_RESULT(writeUsage(**database, usageRows(100, 150))); // goes on
    }
    const auto replaced = restore(backup, fixture.path(), fixture.clock);
    VERIFY_RESULT(replaced);
    QVERIFY2(replaced->find(".replaced-2") != std::string::npos, replaced->c_str());
    QVERIFY(QFile::exists(QString::fromStdString(*replaced)));
    QVERIFY(!QFile::exists(fixture.file() + QStringLiteral(".incoming")));
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    QCOMPARE(*(*database)->number("SELECT count(*) FROM usage"), 100);
    QCOMPARE(*(*database)->number("PRAGMA auto_vacuum"), 2);
    QCOMPARE(test::modeOf(fixture.file()), 0600);
    QCOMPARE(*writeUsage(**database, usageRows(0, 150)), 50);
}

void TestBackup::writesAPrivateFile()
{
    StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    const QString backup = fixture.folder.filePath(QStringLiteral("backup.db"));
    const mode_t before = ::umask(0);
    const auto written = backUp(**database, backup.toStdString());
    ::umask(before);
    VERIFY_RESULT(written);
    QCOMPARE(test::modeOf(backup), 0600);
}

void TestBackup::replacesNoFile()
{
    StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    const QString backup = fixture.folder.filePath(QStringLiteral("backup.db"));
    writeFile(backup, "precious");
    QVERIFY(!backUp(**database, backup.toStdString()));
    QCOMPARE(readFile(backup), QByteArray("precious"));
    const QString nowhere = fixture.folder.filePath(QStringLiteral("missing/backup.db"));
    QVERIFY(!backUp(**database, nowhere.toStdString()));
}

void TestBackup::restoresNothingUnsound_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("a missing file") << QByteArray();
    QTest::newRow("an empty file") << QByteArray("");
    QTest::newRow("text") << QByteArray("not a database").repeated(1000);
    QTest::newRow("a backup that was cut") << QByteArray("cut");
    QTest::newRow("a backup of a newer Weir") << QByteArray("newer");
}

void TestBackup::restoresNothingUnsound()
{
    QFETCH(QByteArray, bytes);
    StoreFixture fixture;
    const QString backup = fixture.folder.filePath(QStringLiteral("backup.db"));
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        VERIFY_RESULT(writeUsage(**database, usageRows(0, 100)));
        if (bytes == "cut" || bytes == "newer")
            VERIFY_RESULT(backUp(**database, backup.toStdString()));
    }
    if (bytes == "cut")
        QVERIFY(QFile::resize(backup, QFileInfo(backup).size() - 4096));
    else if (bytes == "newer")
        QVERIFY(test::runElsewhere(backup, {QStringLiteral("PRAGMA user_version = 1000")}));
    else if (!bytes.isNull())
        writeFile(backup, bytes);
    const auto restored = restore(backup.toStdString(), fixture.path(), fixture.clock);
    QVERIFY(!restored);
    QCOMPARE(restored.error().code, bytes.isNull()     ? Errc::StoreUnavailable
                                    : bytes == "newer" ? Errc::StoreNewer
                                                       : Errc::StoreBroken);
    QVERIFY(fixture.asides().isEmpty());
    QVERIFY(!QFile::exists(fixture.file() + QStringLiteral(".incoming")));
    QCOMPARE(*(*fixture.open())->number("SELECT count(*) FROM usage"), 100);
}

void TestBackup::restoresNothingThatIsInUse()
{
    StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    const std::string backup = fixture.folder.filePath(QStringLiteral("backup.db")).toStdString();
    VERIFY_RESULT(backUp(**database, backup));
    const auto restored = restore(backup, fixture.path(), fixture.clock);
    QVERIFY(!restored);
    QCOMPARE(restored.error().code, Errc::StoreInUse);
}

void TestBackup::restoresWhereNothingWas()
{
    StoreFixture fixture;
    const std::string backup = fixture.folder.filePath(QStringLiteral("backup.db")).toStdString();
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        VERIFY_RESULT(writeUsage(**database, usageRows(0, 10)));
        VERIFY_RESULT(backUp(**database, backup));
    }
    StoreFixture other;
    QCOMPARE(*restore(backup, other.path(), other.clock), std::string());
    QCOMPARE(*(*other.open())->number("SELECT count(*) FROM usage"), 10);
}

QTEST_GUILESS_MAIN(TestBackup)
#include "tst_backup.moc"
