// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/key_store.h"
#include "store/spent_book.h"

#include "unit/store/store_fixture.h"
#include <QTest>

using namespace weir;
using namespace weir::store;
using base::Errc;
using test::StoreFixture;

class TestKeyStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void keepsAllThatAKeyIs();
    void findsByTheWholeHashOnly();
    void refusesAHashTwice();
    void changesWhatItIsTold();
    void knowsWhichLabelsAreTaken();
    void stopsTheOldTextWhenRotated();
    void neverUsesTheIdOfADeletedKeyAgain();
    void saysWhichKeyIsMissing();
    void importsAllOrNothing();
    void neverWritesTheKeyItself();
    void boundsItsKeys();

private:
    keys::AccessKey insertNew(const std::string &label);
    void reopen();

    std::unique_ptr<StoreFixture> m_fixture;
    std::unique_ptr<Database> m_database;
    std::unique_ptr<KeyStore> m_store;
};

void TestKeyStore::init()
{
    m_store.reset();
    m_database.reset();
    m_fixture = std::make_unique<StoreFixture>();
    reopen();
}

void TestKeyStore::reopen()
{
    m_store.reset();
    m_database.reset();
    auto opened = m_fixture->open();
    VERIFY_RESULT(opened);
    m_database = std::move(*opened);
    m_store = std::make_unique<KeyStore>(*m_database);
}

keys::AccessKey TestKeyStore::insertNew(const std::string &label)
{
    keys::NewAccessKey made = keys::makeAccessKey();
    made.key.label = label;
    auto stored = m_store->insert(made.key);
    return stored ? *stored : keys::AccessKey{};
}

void TestKeyStore::keepsAllThatAKeyIs()
{
    keys::AccessKey key = keys::makeAccessKey().key;
    key.label = "Büro \"1\"; DROP TABLE access_key";
    key.provider = "zai";
    key.model = "glm-5";
    key.allowedModels = {"glm-5", "a,b", ""};
    key.isBackground = true;
    key.isPaused = true;
    key.createdAt = 1'700'000'000'000;
    key.expiresAt = 1'800'000'000'000;
    key.lastUsedAt = 1'750'000'000'000;
    key.limits = {1'000'000, std::chrono::hours(3), 5'000'000, 60'000, 30, 4};
    const auto stored = m_store->insert(key);
    VERIFY_RESULT(stored);
    QVERIFY(stored->id > 0);
    key.id = stored->id;
    QVERIFY(*stored == key);
    const keys::AccessKey bare = insertNew("");

    reopen();
    const auto found = m_store->find(key.hash);
    VERIFY_RESULT(found);
    QVERIFY(found->has_value());
    QVERIFY(**found == key);
    const auto all = m_store->list();
    VERIFY_RESULT(all);
    QCOMPARE(all->size(), std::size_t(2));
    QVERIFY((*all)[0] == key);
    QVERIFY((*all)[1] == bare); // no limit stays no limit
}

void TestKeyStore::findsByTheWholeHashOnly()
{
    keys::AccessKey key = insertNew("one");
    key.hash.back() = std::uint8_t(key.hash.back() ^ 1);
    const auto found = m_store->find(key.hash);
    VERIFY_RESULT(found);
    QVERIFY(!found->has_value());
}

void TestKeyStore::refusesAHashTwice()
{
    const keys::AccessKey key = insertNew("one");
    QVERIFY(!m_store->insert(key));
    QCOMPARE(m_store->list()->size(), std::size_t(1));
}

void TestKeyStore::changesWhatItIsTold()
{
    keys::AccessKey key = insertNew("one");
    key.label = "two";
    key.isPaused = true;
    key.provider = "anthropic";
    key.model = "m";
    key.allowedModels = {"x"};
    key.isBackground = true;
    key.expiresAt = 77;
    key.limits = {1, std::chrono::minutes(10), 2, 3, 4, 0};
    VERIFY_RESULT(m_store->update(key));
    QVERIFY(*m_store->get(key.id) == key);
    key.isPaused = false;
    key.expiresAt.reset();
    key.limits.tokensPerDay.reset();
    VERIFY_RESULT(m_store->update(key));
    QVERIFY(*m_store->get(key.id) == key);
}

void TestKeyStore::knowsWhichLabelsAreTaken()
{
    const keys::AccessKey one = insertNew("one");
    QVERIFY(*m_store->isLabelTaken("one", 0));
    QVERIFY(!*m_store->isLabelTaken("one", one.id)); // it may keep its own
    QVERIFY(!*m_store->isLabelTaken("One", 0));
}

void TestKeyStore::stopsTheOldTextWhenRotated()
{
    const keys::AccessKey old = insertNew("one");
    VERIFY_RESULT(addSpent(*m_database, {{{old.id, 100}, 5}}));
    const keys::NewAccessKey fresh = keys::makeAccessKey();
    VERIFY_RESULT(m_store->rotate(old.id, fresh.key.prefix, fresh.key.hash));
    QVERIFY(!m_store->find(old.hash)->has_value());
    const auto found = m_store->find(fresh.key.hash);
    QVERIFY(found->has_value());
    QCOMPARE((*found)->id, old.id);
    QCOMPARE((*found)->label, std::string("one"));
    QCOMPARE((*found)->prefix, fresh.key.prefix);
    QCOMPARE(readSpent(*m_database)->size(), std::size_t(1));
}

void TestKeyStore::neverUsesTheIdOfADeletedKeyAgain()
{
    const keys::AccessKey old = insertNew("one");
    VERIFY_RESULT(addSpent(*m_database, {{{old.id, 100}, 5}}));
    VERIFY_RESULT(m_store->remove(old.id));
    QVERIFY(!m_store->find(old.hash)->has_value());
    QVERIFY(readSpent(*m_database)->empty());
    reopen();
    QVERIFY(insertNew("two").id > old.id);
}

void TestKeyStore::saysWhichKeyIsMissing()
{
    keys::AccessKey missing;
    missing.id = 42;
    for (const auto &result :
         {m_store->remove(42), m_store->update(missing), m_store->rotate(42, "p", keys::hashOf("x"))}) {
        QVERIFY(!result);
        QCOMPARE(result.error().code, Errc::NotStored);
        QCOMPARE(result.error().detail, std::string("access key 42"));
    }
    QCOMPARE(m_store->get(42).error().code, Errc::NotStored);
    QCOMPARE(m_store->lifetimeTokens(42).error().code, Errc::NotStored);
}

void TestKeyStore::importsAllOrNothing()
{
    ImportedKey one;
    one.key.hash = keys::hashOf("pk_one");
    one.spent = {{1000, 50}, {1000, 5}};
    one.tokensBefore = 12345;
    ImportedKey two;
    two.key.hash = keys::hashOf("pk_two");
    two.key.limits.window = std::chrono::hours(5);
    QCOMPARE(*m_store->import({one, two}), 2);
    QCOMPARE(*m_store->import({one, two}), 0); // again: they are here
    QCOMPARE(*m_store->lifetimeTokens(1), 12345);
    QVERIFY(((*readSpent(*m_database))[0].spent == std::vector<keys::Spent>{{1000, 55}}));

    // The database runs full in the middle.
    VERIFY_RESULT(m_database->execute("CREATE TRIGGER full BEFORE INSERT ON access_key WHEN NEW.label = "
                                      "'last' BEGIN SELECT RAISE(FAIL, 'full'); END"));
    ImportedKey three;
    three.key.hash = keys::hashOf("pk_three");
    ImportedKey last;
    last.key.hash = keys::hashOf("pk_last");
    last.key.label = "last";
    QVERIFY(!m_store->import({three, last}));
    QCOMPARE(m_store->list()->size(), std::size_t(2));
}

void TestKeyStore::neverWritesTheKeyItself()
{
    const keys::NewAccessKey made = keys::makeAccessKey();
    VERIFY_RESULT(m_store->insert(made.key));
    const std::string_view secret = made.secret.reveal();
    const std::string_view tail = secret.substr(secret.size() - 20);
    const QByteArray hash(reinterpret_cast<const char *>(made.key.hash.data()), 32);
    bool hashSeen = false;
    for (int closed = 0; closed < 2; ++closed) {
        const QDir home(m_fixture->folder.filePath(QStringLiteral("home")));
        QVERIFY(!home.entryList(QDir::Files).isEmpty());
        for (const QString &name : home.entryList(QDir::Files | QDir::Hidden)) {
            const QByteArray bytes = test::readFile(home.filePath(name));
            QVERIFY2(!bytes.contains(QByteArray(tail.data(), qsizetype(tail.size()))), qPrintable(name));
            hashSeen = hashSeen || bytes.contains(hash);
        }
        m_store.reset();
        m_database.reset();
    }
    QVERIFY2(hashSeen, "the search does not see what is there");
}

void TestKeyStore::boundsItsKeys()
{
    VERIFY_RESULT(m_database->execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
                                      "i < 10000) INSERT INTO access_key("
                                      "hash, prefix, label, provider, model, allowed_models, is_background, "
                                      "is_paused, created_at, window_ms)"
                                      " SELECT randomblob(32), '', '', '', '', '[]', 0, 0, 0, 1 FROM n"));
    QVERIFY(!m_store->insert(keys::makeAccessKey().key));
    VERIFY_RESULT(m_store->remove(1));
    VERIFY_RESULT(m_store->insert(keys::makeAccessKey().key));
    QCOMPARE(m_store->list()->size(), std::size_t(KeyStore::KeysMax));
}

QTEST_GUILESS_MAIN(TestKeyStore)
#include "tst_key_store.moc"
