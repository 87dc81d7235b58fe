// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"

#include "keys/access_key.h"
#include "store/key_store.h"
#include "store/migrations.h"
#include "unit/store/store_fixture.h"
#include <QTest>
#include <sys/stat.h>
#include <unistd.h>

using namespace weir;
using namespace weir::store;
using base::Errc;
using test::readFile;
using test::runElsewhere;
using test::someKey;
using test::StoreFixture;
using test::writeFile;

class TestDatabase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isMadeWithItsFolder();
    void isPrivateUnderAnyUmask();
    void closesAFolderOfItsOwn();
    void refusesAFolderWhereOthersWrite();
    void migrations_data();
    void migrations();
    void sumsUpWhatKeysHadUsedBefore();
    void namesItsMigrationsInOrder();
    void takesOverNothingFromANewerVersion();
    void refusesLinks();
    void isOpenOnce();
    void waitsBoundedlyForAForeignLock();
    void takesOverAfterADeadOwner();
    void numbersItsRuns();
    void rollsBackWhatIsNotCommitted();
};

void TestDatabase::isMadeWithItsFolder()
{
    StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    QVERIFY((*database)->start().isNew);
    QCOMPARE((*database)->run(), 1);
    QCOMPARE(*(*database)->number("PRAGMA user_version"), std::int64_t(newestVersion()));
    // What the decisions of ADR 6 rest on, as SQLite sees it.
    QCOMPARE(*(*database)->number("PRAGMA synchronous"), 1);
    QCOMPARE(*(*database)->number("PRAGMA foreign_keys"), 1);
    QCOMPARE(*(*database)->number("PRAGMA secure_delete"), 1);
    QCOMPARE(*(*database)->number("PRAGMA auto_vacuum"), 2);
    Statement mode = (*database)->prepare("PRAGMA journal_mode");
    VERIFY_RESULT(mode.run());
    QVERIFY(mode.next());
    QCOMPARE(mode.text(0), std::string("wal"));
    QVERIFY2(!QFile::exists(fixture.file() + QStringLiteral("-shm")), "another process could connect");
}

void TestDatabase::isPrivateUnderAnyUmask()
{
    for (const mode_t mask : {mode_t(0), mode_t(022), mode_t(077)}) {
        StoreFixture fixture;
        const mode_t before = ::umask(mask);
        {
            const auto database = fixture.open();
            ::umask(before);
            VERIFY_RESULT(database);
            VERIFY_RESULT(KeyStore(**database).insert(someKey(1)));
            QCOMPARE(test::modeOf(fixture.file() + QStringLiteral("-wal")), 0600);
        }
        QCOMPARE(test::modeOf(fixture.file()), 0600);
        QCOMPARE(test::modeOf(fixture.folder.filePath(QStringLiteral("home"))), 0700);
    }
}

void TestDatabase::closesAFolderOfItsOwn()
{
    StoreFixture fixture;
    VERIFY_RESULT(fixture.open());
    const QByteArray home = QFile::encodeName(fixture.folder.filePath(QStringLiteral("home")));
    QCOMPARE(::chmod(home.constData(), 0777), 0);
    QCOMPARE(::chmod(fixture.path().c_str(), 0666), 0);
    VERIFY_RESULT(fixture.open());
    QCOMPARE(test::modeOf(QFile::decodeName(home)), 0700);
    QCOMPARE(test::modeOf(fixture.file()), 0600);
}

void TestDatabase::refusesAFolderWhereOthersWrite()
{
    StoreFixture fixture;
    fixture.makeFolder();
    const QByteArray home = QFile::encodeName(fixture.folder.filePath(QStringLiteral("home")));
    QCOMPARE(::chmod(home.constData(), 01777), 0); // as /tmp
    const auto database = fixture.open();
    QVERIFY(!database);
    QCOMPARE(database.error().code, Errc::StoreUnavailable);
    QVERIFY(!QFile::exists(fixture.file()));
    QCOMPARE(test::modeOf(QFile::decodeName(home)), 01777);
}

void TestDatabase::migrations_data()
{
    QTest::addColumn<int>("version");
    for (int version = 0; version <= newestVersion(); ++version)
        QTest::addRow("from version %d", version) << version;
}

void TestDatabase::migrations()
{
    QFETCH(int, version);
    StoreFixture fixture;
    fixture.makeFolder();
    QStringList statements{QStringLiteral("PRAGMA application_id = 0x57454952")};
    for (const Migration &migration : store::migrations()) {
        if (migration.version > version)
            break;
        for (const char *sql : migration.statements)
            statements.append(QString::fromUtf8(sql));
    }
    statements.append(QStringLiteral("PRAGMA user_version = %1").arg(version));
    if (version >= 1) {
        statements.append(QStringLiteral(
            "INSERT INTO access_key(hash, prefix, label, provider, model, allowed_models, is_background,"
            " is_paused, created_at, window_ms) VALUES(zeroblob(32), 'weir_ab', 'old', '', '', '[]', 0, 0, "
            "5, 60000)"));
    }
    QVERIFY(runElsewhere(fixture.file(), statements));

    const auto database = fixture.open();
    VERIFY_RESULT(database);
    QVERIFY(!(*database)->start().isNew);
    QCOMPARE((*database)->start().versionBefore, version);
    QVERIFY((*database)->start().movedAsideTo.empty());
    QCOMPARE(*(*database)->number("PRAGMA user_version"), std::int64_t(newestVersion()));
    for (const char *table :
         {"run", "access_key", "spent", "usage", "usage_hour", "caller", "installation", "refused"}) {
        const std::string sql = std::string("SELECT count(*) FROM ") + table;
        VERIFY_RESULT((*database)->number(sql.c_str()));
    }
    const auto keys = KeyStore(**database).list();
    VERIFY_RESULT(keys);
    QCOMPARE(keys->size(), std::size_t(version >= 1 ? 1 : 0));
    if (version >= 1)
        QCOMPARE((*keys)[0].label, std::string("old"));
}

void TestDatabase::sumsUpWhatKeysHadUsedBefore()
{
    StoreFixture fixture;
    fixture.makeFolder();
    QStringList statements{QStringLiteral("PRAGMA application_id = 0x57454952")};
    for (const Migration &migration : store::migrations()) {
        for (const char *sql : migration.statements) {
            if (migration.version <= 4)
                statements.append(QString::fromUtf8(sql));
        }
    }
    statements.append(QStringLiteral("PRAGMA user_version = 4"));
    for (int key = 1; key <= 3; ++key) {
        statements.append(
            QStringLiteral("INSERT INTO access_key(hash, prefix, label, provider, model, allowed_models,"
                           " is_background, is_paused, created_at, window_ms, tokens_before)"
                           " VALUES(randomblob(32), '', '', '', '', '[]', 0, 0, 5, 60000, 1000)"));
    }
    const auto hour = [](int number, int key, qint64 input, qint64 output) {
        return QStringLiteral(
                   "INSERT INTO usage_hour VALUES(%1, %2, '', '', '', '', 1, 0, 0, %3, 7, 7, %4, 7, 0, "
                   "0, 0, 0)")
            .arg(number * 3'600'000LL)
            .arg(key)
            .arg(input)
            .arg(output);
    };
    statements += {hour(1, 1, 100, 1), hour(2, 1, 200, 2), hour(1, 0, 5, 5), hour(2, 9, 6, 6)};
    for (int number = 1; number <= 9000; ++number) // more than an integer of SQLite can hold
        statements.append(hour(number, 3, 1LL << 50, 1LL << 50));
    QVERIFY(runElsewhere(fixture.file(), QStringList{QStringLiteral("BEGIN")} + statements +
                                             QStringList{QStringLiteral("COMMIT")}));

    const auto database = fixture.open();
    VERIFY_RESULT(database);
    QCOMPARE((*database)->start().versionBefore, 4);
    const KeyStore keys(**database);
    QCOMPARE(*keys.lifetimeTokens(1), std::int64_t(1303));
    QCOMPARE(*keys.lifetimeTokens(2), std::int64_t(1000));
    QCOMPARE(*keys.lifetimeTokens(3), 1000 + (std::int64_t(1) << 52));
}

void TestDatabase::namesItsMigrationsInOrder()
{
    int expected = 1;
    for (const Migration &migration : store::migrations()) {
        QCOMPARE(migration.version, expected++);
        QVERIFY(!migration.statements.empty());
    }
}

void TestDatabase::takesOverNothingFromANewerVersion()
{
    StoreFixture fixture;
    VERIFY_RESULT(fixture.open());
    QVERIFY(runElsewhere(fixture.file(), {QStringLiteral("PRAGMA user_version = 1000")}));
    const QByteArray before = readFile(fixture.file());
    const auto database = fixture.open();
    QVERIFY(!database);
    QCOMPARE(database.error().code, Errc::StoreNewer);
    QVERIFY(database.error().detail.find("1000") != std::string::npos);
    QCOMPARE(readFile(fixture.file()), before);
    QVERIFY(fixture.asides().isEmpty());
}

void TestDatabase::refusesLinks()
{
    StoreFixture fixture;
    fixture.makeFolder();
    const QString target = fixture.folder.filePath(QStringLiteral("target"));
    writeFile(target, "precious");
    for (const QString &suffix : {QString(), QStringLiteral("-wal")}) {
        QVERIFY(QFile::link(target, fixture.file() + suffix));
        const auto database = fixture.open();
        QVERIFY(!database);
        QCOMPARE(database.error().code, Errc::StoreUnavailable);
        QCOMPARE(readFile(target), QByteArray("precious"));
        QVERIFY(QFile::remove(fixture.file() + suffix));
        QFile::remove(fixture.file());
    }
}

void TestDatabase::isOpenOnce()
{
    StoreFixture fixture;
    const auto first = fixture.open();
    VERIFY_RESULT(first);
    const auto second = fixture.open();
    QVERIFY(!second);
    QCOMPARE(second.error().code, Errc::StoreInUse);
    QVERIFY2(second.error().detail.find(std::to_string(::getpid())) != std::string::npos,
             second.error().detail.c_str());
    // Nor may a program that knows nothing of the lock write or checkpoint beside it.
    QVERIFY(!runElsewhere(fixture.file(), {QStringLiteral("PRAGMA busy_timeout = 0"),
                                           QStringLiteral("DELETE FROM access_key")}));
}

void TestDatabase::waitsBoundedlyForAForeignLock()
{
    StoreFixture fixture;
    VERIFY_RESULT(fixture.open());
    {
        QSqlDatabase other = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("other"));
        other.setDatabaseName(fixture.file());
        QVERIFY(other.open());
        QVERIFY(QSqlQuery(other).exec(QStringLiteral("BEGIN EXCLUSIVE")));
        const auto database = fixture.open();
        QVERIFY(!database);
        QCOMPARE(database.error().code, Errc::StoreInUse);
        QVERIFY(fixture.asides().isEmpty()); // locked is not damaged
    }
    QSqlDatabase::removeDatabase(QStringLiteral("other"));
    VERIFY_RESULT(fixture.open());
}

void TestDatabase::takesOverAfterADeadOwner()
{
    StoreFixture fixture;
    fixture.makeFolder();
    // As owners leave it that were killed, at any moment.
    for (const char *text : {"", "1", "12345678", "no number at all"}) {
        writeFile(fixture.file() + QStringLiteral(".lock"), text);
        VERIFY_RESULT(fixture.open());
    }
}

void TestDatabase::numbersItsRuns()
{
    StoreFixture fixture;
    QCOMPARE((*fixture.open())->run(), 1);
    QCOMPARE((*fixture.open())->run(), 1); // the same process again
    fixture.boot = QByteArray(16, 'c');
    QCOMPARE((*fixture.open())->run(), 2);
    fixture.boot.clear();
    QCOMPARE((*fixture.open())->run(), 3);
    QCOMPARE((*fixture.open())->run(), 4);
}

void TestDatabase::rollsBackWhatIsNotCommitted()
{
    StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    for (const bool commit : {false, true}) {
        {
            Transaction transaction(**database);
            VERIFY_RESULT(transaction.begin());
            VERIFY_RESULT((*database)->execute("INSERT INTO caller VALUES('abc', 'label')"));
            if (commit)
                VERIFY_RESULT(transaction.commit());
        }
        QCOMPARE(*(*database)->number("SELECT count(*) FROM caller"), std::int64_t(commit));
    }
}

QTEST_GUILESS_MAIN(TestDatabase)
#include "tst_database.moc"
