// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"

#include "keys/access_key.h"
#include "store/key_store.h"
#include "store/spent_book.h"
#include "store/usage_writer.h"
#include "unit/store/store_fixture.h"
#include "unit/store/usage_rows.h"
#include <algorithm>
#include <QRandomGenerator>
#include <QtEndian>
#include <QTest>

using namespace weir;
using namespace weir::store;
using test::readFile;
using test::runElsewhere;
using test::someKey;
using test::StoreFixture;
using test::writeFile;

class TestDamagedDatabase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void movesAside_data();
    void movesAside();
    void replacesNothingWhenMovingAside();
    void survivesATruncatedLog();
    void survivesOverwrittenPages();
    void salvagesWhatIsOnGoodPages();
    void mendsTheIndexByWhichKeysAreKnown_data();
    void mendsTheIndexByWhichKeysAreKnown();
    void mendsNothingThatIsRefused();
    void findsMoreWhereItIsDoubted();
    void losesNoKeyToADamagedIndex();
};

namespace {

constexpr int PageSize = 4096;
constexpr int KeyCount = 200;
constexpr int RowCount = 600;

/// A database in use: keys, what they have spent, rows.
void fill(const StoreFixture &fixture)
{
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    std::vector<ImportedKey> keys(KeyCount);
    for (int number = 0; number < KeyCount; ++number) {
        keys[std::size_t(number)].key = someKey(number);
        keys[std::size_t(number)].spent = {{1000, 7}, {300'000, 7}};
    }
    VERIFY_RESULT(KeyStore(**database).import(keys));
    VERIFY_RESULT(writeUsage(**database, test::usageRows(0, RowCount)));
}

/// Where the bytes stand in a page of an index, which begins with 2 or 10; -1 = nowhere.
qsizetype inAnIndex(const QByteArray &file, const QByteArray &bytes)
{
    for (qsizetype at = file.indexOf(bytes); at >= 0; at = file.indexOf(bytes, at + 1)) {
        const char kind = file[at / PageSize * PageSize];
        if (kind == 2 || kind == 10)
            return at;
    }
    return -1;
}

/// In the index of key 123 another hash stands than in its table: it would not be found any more.
void misspellOneKey(const StoreFixture &fixture)
{
    QByteArray bytes = readFile(fixture.file());
    const keys::KeyHash hash = someKey(123).hash;
    const QByteArray text(reinterpret_cast<const char *>(hash.data()), qsizetype(hash.size()));
    const qsizetype at = inAnIndex(bytes, text);
    QVERIFY(at > 0);
    bytes[at + 31] = char(bytes[at + 31] ^ 1);
    writeFile(fixture.file(), bytes);
}

int keysFound(const Database &database)
{
    int found = 0;
    for (int number = 0; number < KeyCount; ++number) {
        const auto key = KeyStore(database).find(someKey(number).hash);
        found += key && key->has_value() && (*key)->label == someKey(number).label;
    }
    return found;
}

} // namespace

void TestDamagedDatabase::movesAside_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("an empty file") << QByteArray("");
    QTest::newRow("text") << QByteArray("this is not a database").repeated(400);
    QTest::newRow("a folder") << QByteArray();
    QTest::newRow("a database of another program") << QByteArray("foreign");
    QTest::newRow("a database cut in half") << QByteArray("half");
    QTest::newRow("only a header") << QByteArray("header");
}

void TestDamagedDatabase::movesAside()
{
    QFETCH(QByteArray, bytes);
    StoreFixture fixture;
    fixture.makeFolder();
    if (bytes.isNull()) {
        QVERIFY(QDir().mkpath(fixture.file()));
        writeFile(fixture.file() + QStringLiteral("/inside"), "precious");
    } else if (bytes == "foreign") {
        QVERIFY(runElsewhere(fixture.file(), {QStringLiteral("CREATE TABLE photo(id INTEGER PRIMARY KEY)")}));
    } else if (bytes == "half" || bytes == "header") {
        VERIFY_RESULT(fixture.open());
        QFile file(fixture.file());
        QVERIFY(file.resize(bytes == "half" ? file.size() / 2 : 100));
    } else {
        writeFile(fixture.file(), bytes);
    }
    const QByteArray before = readFile(fixture.file());

    const auto database = fixture.open();
    VERIFY_RESULT(database);
    QVERIFY((*database)->start().isNew);
    QVERIFY(!(*database)->start().reason.empty());
    const QStringList asides = fixture.asides();
    QCOMPARE(asides.size(), 1);
    QCOMPARE(asides[0].toStdString(), (*database)->start().movedAsideTo);
    QVERIFY2(asides[0].contains(QLatin1String("weir.db.corrupt-20231114T221320Z")), qPrintable(asides[0]));
    QCOMPARE(readFile(asides[0]), before);
    if (bytes.isNull())
        QCOMPARE(readFile(asides[0] + QStringLiteral("/inside")), QByteArray("precious"));
    VERIFY_RESULT(KeyStore(**database).insert(someKey(1)));
}

void TestDamagedDatabase::replacesNothingWhenMovingAside()
{
    StoreFixture fixture;
    fixture.makeFolder();
    for (const char *text : {"first", "second", "third"}) {
        writeFile(fixture.file(), text); // all in the same second
        VERIFY_RESULT(fixture.open());
        QVERIFY(QFile::remove(fixture.file()));
    }
    QByteArrayList found;
    for (const QString &aside : fixture.asides())
        found.append(readFile(aside));
    std::sort(found.begin(), found.end());
    QCOMPARE(found, QByteArrayList({"first", "second", "third"}));
}

void TestDamagedDatabase::survivesATruncatedLog()
{
    StoreFixture fixture;
    const QString saved = fixture.folder.filePath(QStringLiteral("saved"));
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        for (int number = 0; number < 50; ++number)
            VERIFY_RESULT(KeyStore(**database).insert(someKey(number)));
        // As a killed process leaves them: the log not yet in the database.
        QVERIFY(QFile::copy(fixture.file(), saved));
        QVERIFY(QFile::copy(fixture.file() + QStringLiteral("-wal"), saved + QStringLiteral("-wal")));
    }
    const QByteArray log = readFile(saved + QStringLiteral("-wal"));
    std::size_t most = 0;
    for (const qsizetype size :
         {qsizetype(0), qsizetype(31), log.size() / 3, log.size() / 2, log.size() - 1, log.size()}) {
        QFile::remove(fixture.file());
        QVERIFY(QFile::copy(saved, fixture.file()));
        writeFile(fixture.file() + QStringLiteral("-wal"), log.left(size));
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        QVERIFY((*database)->start().movedAsideTo.empty());
        const auto keys = KeyStore(**database).list();
        VERIFY_RESULT(keys);
        QVERIFY(keys->size() >= most); // whole transactions, the older ones first
        most = keys->size();
    }
    QCOMPARE(most, std::size_t(50));
}

void TestDamagedDatabase::survivesOverwrittenPages()
{
    const bool all = qEnvironmentVariableIsSet("WEIR_LONG");
    StoreFixture fixture;
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        for (int number = 0; number < 200; ++number)
            VERIFY_RESULT(KeyStore(**database).insert(someKey(number)));
    }
    const QByteArray good = readFile(fixture.file());
    int movedAside = 0;
    for (quint32 seed = 1; seed <= (all ? 500u : 60u); ++seed) {
        QRandomGenerator random(seed);
        QByteArray bytes = good;
        const int page = int(random.bounded(quint32(bytes.size() / 4096)));
        for (int i = 0; i < 4096; ++i)
            bytes[page * 4096 + i] = char(random.bounded(256));
        writeFile(fixture.file(), bytes);
        QFile::remove(fixture.file() + QStringLiteral("-wal"));
        const auto database = fixture.open();
        VERIFY_RESULT(database); // Weir starts, whatever happened
        VERIFY_RESULT(KeyStore(**database).insert(someKey(1000)));
        if (!(*database)->start().movedAsideTo.empty()) {
            ++movedAside;
            QCOMPARE(readFile(QString::fromStdString((*database)->start().movedAsideTo)), bytes);
        }
    }
    QVERIFY2(movedAside > 20, qPrintable(QString::number(movedAside)));
}

void TestDamagedDatabase::salvagesWhatIsOnGoodPages()
{
    StoreFixture fixture;
    std::int64_t root = 0;
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        for (int number = 0; number < 200; ++number)
            VERIFY_RESULT(KeyStore(**database).insert(someKey(number)));
        VERIFY_RESULT(addSpent(**database, {{{1, 1000}, 7}}));
        root = *(*database)->number("SELECT rootpage FROM sqlite_schema WHERE name = 'usage_hour'");
    }
    QByteArray bytes = readFile(fixture.file());
    bytes.replace(int(root - 1) * 4096, 4096, QByteArray(4096, '\x5a'));
    writeFile(fixture.file(), bytes);

    const auto database = fixture.open();
    VERIFY_RESULT(database);
    QVERIFY(!(*database)->start().movedAsideTo.empty());
    QCOMPARE((*database)->start().salvagedKeys, 200);
    const auto key = KeyStore(**database).find(someKey(123).hash);
    VERIFY_RESULT(key);
    QVERIFY(key->has_value());
    QCOMPARE((*key)->label, std::string("key 123"));
    QCOMPARE((*key)->id, 124);
    QCOMPARE(readSpent(**database)->size(), std::size_t(1));
    QVERIFY(!QFile::exists(fixture.file() + QStringLiteral(".salvage")));
}

void TestDamagedDatabase::mendsTheIndexByWhichKeysAreKnown_data()
{
    QTest::addColumn<qint64>("wholeCheckMax");
    QTest::newRow("all of it is looked through") << (qint64(1) << 30);
    QTest::newRow("it is too large for that") << qint64(0);
}

void TestDamagedDatabase::mendsTheIndexByWhichKeysAreKnown()
{
    QFETCH(qint64, wholeCheckMax);
    const StoreFixture fixture;
    fill(fixture);
    misspellOneKey(fixture);
    {
        const auto database = fixture.open(wholeCheckMax);
        VERIFY_RESULT(database);
        QVERIFY((*database)->start().isMended);
        QVERIFY(!(*database)->start().reason.empty());
        QVERIFY(fixture.asides().isEmpty());
        QCOMPARE(keysFound(**database), KeyCount);
        QCOMPARE(*(*database)->number("SELECT count(*) FROM usage"), std::int64_t(RowCount));
        QCOMPARE(*(*database)->number("SELECT sum(amount) FROM spent"), std::int64_t(KeyCount * 14));
    }
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    QVERIFY(!(*database)->start().isMended); // for good
}

void TestDamagedDatabase::mendsNothingThatIsRefused()
{
    const StoreFixture fixture;
    fill(fixture);
    misspellOneKey(fixture);
    const QByteArray before = readFile(fixture.file());
    Database::Options options;
    options.path = fixture.path();
    options.broken = Database::Broken::Refuse;
    const auto database = Database::open(options, fixture.clock);
    QVERIFY(!database);
    QCOMPARE(database.error().code, base::Errc::StoreBroken);
    QCOMPARE(readFile(fixture.file()), before);
}

void TestDamagedDatabase::findsMoreWhereItIsDoubted()
{
    const StoreFixture fixture;
    fill(fixture);
    QByteArray bytes = readFile(fixture.file());
    std::int64_t root = 0;
    {
        const auto database = fixture.open();
        root = *(*database)->number("SELECT rootpage FROM sqlite_schema WHERE name = 'usage_at'");
    }
    // The time of a row, in the index only.
    char time[8];
    qToBigEndian(test::usageRow(300).at, time);
    const qsizetype at = inAnIndex(bytes, QByteArray(time + 2, 6));
    QVERIFY(root > 0 && at > 0);
    bytes[at + 5] = char(bytes[at + 5] ^ 1);
    writeFile(fixture.file(), bytes);
    QFile::remove(fixture.file() + QStringLiteral("-wal"));
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        QVERIFY(!(*database)->start().isMended); // a quick look does not compare them
    }
    Database::Options options;
    options.path = fixture.path();
    options.trust = Database::Trust::Doubted;
    const auto database = Database::open(options, fixture.clock);
    VERIFY_RESULT(database);
    QVERIFY((*database)->start().isMended);
    QVERIFY(fixture.asides().isEmpty());
    QCOMPARE(*(*database)->number("SELECT count(*) FROM usage"), std::int64_t(RowCount));
}

/// Whatever becomes of a page of an index, what its table holds is there afterwards.
void TestDamagedDatabase::losesNoKeyToADamagedIndex()
{
    const StoreFixture fixture;
    fill(fixture);
    const QByteArray good = readFile(fixture.file());
    std::vector<int> pages;
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        Statement select = (*database)->prepare("SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND"
                                                " tbl_name IN ('access_key', 'spent', 'usage', 'run')");
        VERIFY_RESULT(select.run());
        while (select.next())
            pages.push_back(int(select.integer(0)));
    }
    QVERIFY(pages.size() >= 4);
    int mended = 0;
    int replaced = 0;
    for (const int page : pages) {
        for (quint32 seed = 1; seed <= 12; ++seed) {
            QRandomGenerator random(seed);
            QByteArray bytes = good;
            // All of it, or a few bytes somewhere.
            const int length = seed % 4 ? int(random.bounded(1, 64)) : PageSize;
            const int from =
                (page - 1) * PageSize + (length == PageSize ? 0 : int(random.bounded(PageSize - 64)));
            for (int i = 0; i < length; ++i)
                bytes[from + i] = char(random.bounded(256));
            writeFile(fixture.file(), bytes);
            QFile::remove(fixture.file() + QStringLiteral("-wal"));
            const auto database = fixture.open();
            VERIFY_RESULT(database);
            const Database::Start &start = (*database)->start();
            mended += start.isMended;
            replaced += !start.movedAsideTo.empty();
            QCOMPARE(keysFound(**database), KeyCount);
            VERIFY_RESULT(KeyStore(**database).insert(someKey(1000)));
            QCOMPARE(readSpent(**database)->size(), std::size_t(KeyCount));
            QCOMPARE(*(*database)->number("SELECT sum(requests) FROM usage_hour"), std::int64_t(RowCount));
            QCOMPARE(*(*database)->number("SELECT count(*) FROM (SELECT id + 0 FROM usage NOT INDEXED)"),
                     std::int64_t(RowCount));
        }
    }
    qInfo("%d mended, %d replaced", mended, replaced);
    QVERIFY(mended + replaced > 12); // the others hit nothing that matters
}

QTEST_GUILESS_MAIN(TestDamagedDatabase)
#include "tst_damaged_database.moc"
