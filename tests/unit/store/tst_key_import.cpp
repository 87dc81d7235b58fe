// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/key_import.h"
#include "store/spent_book.h"

#include "unit/store/store_fixture.h"
#include <QTest>

using namespace weir;
using namespace weir::store;
using base::Errc;

class TestKeyImport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesAllThatTheFileSays();
    void takesAKeyWithoutAnythingElse();
    void namesLineAndReason_data();
    void namesLineAndReason();
    void namesTheLineOfALaterEntry();
    void survivesEveryCut();
    void importsIntoTheStore();
};

namespace {

const QByteArray Good = R"({
  "version": {"keys": [{}]},
  "keys": [
    {"key": "pk_secret_number_one", "name": "Büro", "model": "glm-4.7", "token_limit_per_5h": 100000,
     "expiry_date": "2026-12-31T23:59:59Z", "created_at": "2025-01-02T03:04:05.123456789Z",
     "last_used": "2025-06-01T02:00:00+02:00", "total_lifetime_tokens": 1234567,
     "usage_windows": [{"window_start": "2025-06-01T00:00:00Z", "tokens_used": 42}]},
    {"key": "pk_two", "name": "a \"{[ quoted", "model": null, "usage_windows": []},

    {"key": "pk_three"}
  ]
})";

} // namespace

void TestKeyImport::takesAllThatTheFileSays()
{
    const auto keys = readKeyFile(Good);
    VERIFY_RESULT(keys);
    QCOMPARE(keys->size(), std::size_t(3));
    const ImportedKey &one = (*keys)[0];
    QVERIFY(one.key.hash == keys::hashOf("pk_secret_number_one"));
    QCOMPARE(one.key.prefix, std::string("pk_se"));
    QCOMPARE(one.key.label, std::string("Büro"));
    QCOMPARE(one.key.model, std::string("glm-4.7"));
    QCOMPARE(one.key.limits.tokensPerWindow, std::optional<std::int64_t>(100'000));
    QVERIFY(one.key.limits.window == std::chrono::hours(5));
    QCOMPARE(one.key.expiresAt, std::optional<base::WallMs>(1'798'761'599'000));
    QCOMPARE(one.key.createdAt, 1'735'787'045'123);
    QCOMPARE(one.key.lastUsedAt, std::optional<base::WallMs>(1'748'736'000'000));
    QCOMPARE(one.tokensBefore, 1'234'567);
    QVERIFY((one.spent == std::vector<keys::Spent>{{1'748'736'000'000, 42}}));
}

void TestKeyImport::takesAKeyWithoutAnythingElse()
{
    const auto keys = readKeyFile(R"({"keys":[{"key":"pk_three"}]})");
    VERIFY_RESULT(keys);
    const ImportedKey &key = keys->front();
    QCOMPARE(key.key.prefix, std::string("pk"));
    QVERIFY(!key.key.limits.tokensPerWindow);
    QVERIFY(!key.key.expiresAt);
    QVERIFY(key.spent.empty());
    QVERIFY(readKeyFile(R"({"keys":[]})")->empty());
}

void TestKeyImport::namesLineAndReason_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QByteArray>("reason");
    const auto entry = [](const char *fields) {
        return QByteArray("{\"keys\":[\n{\"key\":\"pk_x\",") + fields + "}]}";
    };
    QTest::newRow("nothing") << QByteArray() << QByteArray("line 1: ");
    QTest::newRow("no JSON on line 3")
        << QByteArray("{\n\"keys\": [\n{\"key\" 5}]}") << QByteArray("line 3: ");
    QTest::newRow("no list") << QByteArray("{\"key\":[]}") << QByteArray("line 1: there is no list \"keys\"");
    QTest::newRow("a list alone") << QByteArray("[]") << QByteArray("line 1: there is no list \"keys\"");
    QTest::newRow("an entry that is a text")
        << QByteArray("{\"keys\":[\"x\"]}") << QByteArray("entry 1 is not an object");
    QTest::newRow("no key") << QByteArray("{\"keys\":[\n\n{\"name\":\"x\"}]}")
                            << QByteArray("line 3: \"key\" is missing");
    QTest::newRow("a key with a line end")
        << QByteArray("{\"keys\":[{\"key\":\"a\\nb\"}]}") << QByteArray("line 1: \"key\"");
    QTest::newRow("a key that is a number")
        << QByteArray("{\"keys\":[{\"key\":5}]}") << QByteArray("\"key\" is not a text");
    QTest::newRow("the same key twice") << QByteArray("{\"keys\":[{\"key\":\"pk_a\"},\n{\"key\":\"pk_a\"}]}")
                                        << QByteArray("line 2: \"key\" is there twice");
    QTest::newRow("a limit below zero")
        << entry("\"token_limit_per_5h\":-1") << QByteArray("line 2: \"token_limit_per_5h\" is not");
    QTest::newRow("half a token") << entry("\"token_limit_per_5h\":1.5")
                                  << QByteArray("\"token_limit_per_5h\" is not");
    QTest::newRow("a limit as text") << entry("\"token_limit_per_5h\":\"5\"")
                                     << QByteArray("\"token_limit_per_5h\" is not");
    QTest::newRow("a limit beyond all")
        << entry("\"token_limit_per_5h\":1e300") << QByteArray("\"token_limit_per_5h\" is not");
    QTest::newRow("no date") << entry("\"expiry_date\":\"soon\"")
                             << QByteArray("line 2: \"expiry_date\" is not a date");
    QTest::newRow("windows that are no list")
        << entry("\"usage_windows\":{}") << QByteArray("\"usage_windows\" is not a list");
    QTest::newRow("a window without a start")
        << entry("\"usage_windows\":[{\"tokens_used\":1}]") << QByteArray("\"usage_windows\" has an entry");
    QTest::newRow("a window that is a number")
        << entry("\"usage_windows\":[7]") << QByteArray("\"usage_windows\" has an entry");
    QTest::newRow("too many windows")
        << entry(("\"usage_windows\":[" + QByteArrayList(1001, "{}").join(',') + "]").constData())
        << QByteArray("more than 1000");
    QTest::newRow("a file that is too large")
        << QByteArray(ImportBytesMax + 1, ' ') << QByteArray("larger than 16 MiB");
}

void TestKeyImport::namesLineAndReason()
{
    QFETCH(QByteArray, json);
    QFETCH(QByteArray, reason);
    const auto keys = readKeyFile(json);
    QVERIFY(!keys);
    QCOMPARE(keys.error().code, Errc::ImportInvalid);
    const QByteArray detail = QByteArray::fromStdString(keys.error().detail);
    QVERIFY2(detail.contains(reason) && detail.startsWith("line "), detail.constData());
    QVERIFY(!detail.contains("pk_x"));
}

void TestKeyImport::namesTheLineOfALaterEntry()
{
    QByteArray json = Good;
    json.replace("{\"key\": \"pk_three\"}", "{\"key\": \"\"}");
    const auto keys = readKeyFile(json);
    QVERIFY(!keys);
    QVERIFY2(keys.error().detail.starts_with("line 10: "), keys.error().detail.c_str());
}

void TestKeyImport::survivesEveryCut()
{
    for (qsizetype size = 0; size < Good.size(); ++size)
        QVERIFY2(!readKeyFile(Good.left(size)), QByteArray::number(size).constData());
    VERIFY_RESULT(readKeyFile(Good));
}

void TestKeyImport::importsIntoTheStore()
{
    test::StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    KeyStore store(**database);
    QCOMPARE(*store.import(*readKeyFile(Good)), 3);
    const auto found = store.find(keys::hashOf("pk_secret_number_one"));
    QVERIFY(found->has_value());
    QCOMPARE(*store.lifetimeTokens((*found)->id), 1'234'567);
    QCOMPARE((*readSpent(**database))[0].spent[0].amount, 42);
    for (const char *suffix : {"", "-wal"})
        QVERIFY(!test::readFile(fixture.file() + QLatin1String(suffix)).contains("secret_number_one"));
}

QTEST_GUILESS_MAIN(TestKeyImport)
#include "tst_key_import.moc"
