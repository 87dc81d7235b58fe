// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/vault.h"

#include "unit/engine/vault_rig.h"

using namespace weir;
using engine::Vault;
using test::codeOf;
using test::storedProvider;
using Rig = test::VaultRig;
using Mood = test::FakeKeychain::Mood;

namespace {

const std::string &Key = test::VaultKey;

} // namespace

class TestVault : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cleanup();
    void readsTheKeychain();
    void tellsWhatIsMissing();
    void leavesAlone_data();
    void leavesAlone();
    void takesTheEnvironment_data();
    void takesTheEnvironment();
    void setsReplacesAndDeletes();
    void keepsForThisRun();
    void givesUpAndTriesAgain();
    void forgetsTheRunBefore();
    void aNewKeyGoesBeforeAnOldAnswer();
};

void TestVault::cleanup()
{
    qunsetenv("WEIR_TEST_KEY");
    qunsetenv("ZAI_API_KEY");
}

void TestVault::readsTheKeychain()
{
    Rig rig(storedProvider(), Mood::Works, Key);
    QCOMPARE(rig.inForce(), std::string("keychain_unavailable"));
    QVERIFY(rig.told.back().error().detail.ends_with("it is being opened, try again"));
    QCOMPARE(rig.told.back().error().retryAfterSeconds, 1);
    QTRY_COMPARE(rig.inForce(), Key);
    const QJsonObject provider = rig.provider();
    QCOMPARE(provider[QLatin1String("state")].toString(), QStringLiteral("ready"));
    QCOMPARE(provider[QLatin1String("place")].toString(), QStringLiteral("keychain"));
    QCOMPARE(provider[QLatin1String("ends_with")].toString(), QStringLiteral("a1B2"));
    QCOMPARE(provider[QLatin1String("auth")].toString(), QStringLiteral("stored"));
    QCOMPARE(provider[QLatin1String("reason")].toString(), QString());
}

void TestVault::tellsWhatIsMissing()
{
    Rig rig;
    QTRY_COMPARE(rig.inForce(), std::string("no_provider_secret"));
    QVERIFY(rig.told.back().error().detail.find("secret set sim") != std::string::npos);
    const QJsonObject provider = rig.provider();
    QCOMPARE(provider[QLatin1String("state")].toString(), QStringLiteral("missing"));
    QVERIFY(provider[QLatin1String("place")].isNull());
    QVERIFY(provider[QLatin1String("reason")].toString().contains(QLatin1String("secret set sim")));
}

void TestVault::leavesAlone_data()
{
    QTest::addColumn<int>("auth");
    QTest::addColumn<QString>("word");
    QTest::newRow("pass-through") << int(config::Auth::PassThrough) << "pass-through";
    QTest::newRow("none") << int(config::Auth::None) << "none";
}

void TestVault::leavesAlone()
{
    QFETCH(int, auth);
    QFETCH(QString, word);
    qputenv("WEIR_TEST_KEY", "sk-lies-about");
    Rig rig(storedProvider(config::Auth(auth), "WEIR_TEST_KEY"), Mood::Works, Key);
    const QJsonObject provider = rig.provider();
    QCOMPARE(provider[QLatin1String("state")].toString(), QStringLiteral("not_needed"));
    QCOMPARE(provider[QLatin1String("auth")].toString(), word);
    QCOMPARE(provider[QLatin1String("ends_with")].toString(), QString());
    QVERIFY(rig.told.empty());
    QCOMPARE(rig.fake->jobs.load(), 0);
}

void TestVault::takesTheEnvironment_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("keyEnv");
    QTest::addColumn<QByteArray>("variable");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QString>("inForce");
    QTest::newRow("the variable that is named")
        << "sim"
        << "WEIR_TEST_KEY" << QByteArray("WEIR_TEST_KEY") << QByteArray("sk-of-the-environment")
        << "sk-of-the-environment";
    QTest::newRow("named, but not set: nothing else counts")
        << "sim"
        << "WEIR_TEST_KEY" << QByteArray("OTHER") << QByteArray("x") << "no_provider_secret";
    QTest::newRow("what cannot be a key")
        << "sim"
        << "WEIR_TEST_KEY" << QByteArray("WEIR_TEST_KEY") << QByteArray("two words") << "no_provider_secret";
    QTest::newRow("a built-in provider's own")
        << "zai"
        << "" << QByteArray("ZAI_API_KEY") << QByteArray("sk-of-zai") << "sk-of-zai";
    QTest::newRow("of another provider's name")
        << "sim"
        << "" << QByteArray("ZAI_API_KEY") << QByteArray("sk-of-zai") << QString::fromStdString(Key);
}

void TestVault::takesTheEnvironment()
{
    QFETCH(QString, name);
    QFETCH(QString, keyEnv);
    QFETCH(QByteArray, variable);
    QFETCH(QByteArray, value);
    QFETCH(QString, inForce);
    qputenv(variable.constData(), value);
    auto config = storedProvider(config::Auth::Stored, keyEnv.toStdString());
    config->providers.front().name = name.toStdString();
    Rig rig(config, Mood::Works, Key);
    QTRY_COMPARE(QString::fromStdString(rig.inForce()), inForce);
    if (inForce == QString::fromUtf8(value)) {
        QCOMPARE(rig.fake->jobs.load(), 0);
        QCOMPARE(rig.provider()[QLatin1String("place")].toString(), QStringLiteral("environment"));
        const std::string secret = "/admin/providers/" + name.toStdString() + "/secret";
        // It would not be used, or come again with the next start.
        QCOMPARE(codeOf(rig.ask("PUT", secret, R"({"secret":"sk-other","place":"keychain"})")),
                 std::string("query_invalid"));
        QCOMPARE(codeOf(rig.ask("DELETE", secret)), std::string("query_invalid"));
        // For this run it can be replaced, and is back after that.
        QCOMPARE(codeOf(rig.ask("PUT", secret, R"({"secret":"sk-other","place":"this_run"})")),
                 std::string());
        QCOMPARE(rig.inForce(), std::string("sk-other"));
        QCOMPARE(codeOf(rig.ask("DELETE", secret)), std::string());
        QCOMPARE(QString::fromStdString(rig.inForce()), inForce);
    }
}

void TestVault::setsReplacesAndDeletes()
{
    Rig rig;
    for (const std::string &key : {Key, std::string("sk-second")}) {
        const auto answer = rig.set(key);
        QVERIFY2(answer, codeOf(answer).c_str());
        QCOMPARE(QJsonDocument::fromJson(*answer)[QLatin1String("state")].toString(),
                 QStringLiteral("ready"));
        QCOMPARE(rig.inForce(), key);
        QCOMPARE(rig.fake->entries.at("provider.sim"), key);
    }
    const auto gone = rig.ask("DELETE", "/admin/providers/sim/secret");
    QVERIFY(gone);
    QCOMPARE(QJsonDocument::fromJson(*gone)[QLatin1String("state")].toString(), QStringLiteral("missing"));
    QCOMPARE(rig.inForce(), std::string("no_provider_secret"));
    QVERIFY(rig.fake->entries.empty());
    QCOMPARE(codeOf(rig.ask("DELETE", "/admin/providers/sim/secret")), std::string("not_stored"));
}

void TestVault::keepsForThisRun()
{
    auto config = storedProvider();
    Rig rig(config, Mood::Denies);
    QTRY_COMPARE(rig.inForce(), std::string("keychain_denied"));
    QVERIFY(rig.told.back().error().detail.find("--this-run sim") != std::string::npos);
    QVERIFY(rig.set(Key, "this_run"));
    QCOMPARE(rig.inForce(), Key);
    QCOMPARE(rig.provider()[QLatin1String("place")].toString(), QStringLiteral("this_run"));
    QVERIFY(rig.fake->entries.empty());
    rig.vault.open(config); // another engine of the same program
    QTRY_COMPARE(rig.inForce(), Key);
}

void TestVault::givesUpAndTriesAgain()
{
    Rig rig(storedProvider(), Mood::Silent, Key);
    QTRY_VERIFY_WITH_TIMEOUT(rig.told.size() == 2, 30'000);
    QCOMPARE(rig.inForce(), std::string("keychain_unavailable"));
    QVERIFY(rig.told.back().error().detail.find("within 5000 ms") != std::string::npos);
    rig.fake->mood = Mood::Works;
    QCOMPARE(rig.provider()[QLatin1String("state")].toString(), QStringLiteral("ready")); // asking is enough
    QCOMPARE(rig.inForce(), Key);
}

void TestVault::forgetsTheRunBefore()
{
    auto config = storedProvider();
    Rig rig(config, Mood::Blocked, Key);
    const quint64 before = rig.start("POST", "/admin/providers/sim/test");
    rig.vault.open(config);
    QCOMPARE(codeOf(rig.answers.at(before)), std::string("draining"));
    rig.fake->mood = Mood::Works;
    rig.answers.clear();
    rig.lastId = before - 1; // the next engine numbers its questions from the beginning
    QCOMPARE(rig.start("GET", "/admin/providers"), before);
    QTRY_VERIFY(rig.answers.contains(before));
    QVERIFY(rig.answers.at(before)->contains("\"providers\"")); // not the test's
    QTest::qWait(100);
    QCOMPARE(rig.answers.size(), std::size_t(1));
}

void TestVault::aNewKeyGoesBeforeAnOldAnswer()
{
    Rig rig(storedProvider(), Mood::Blocked, Key); // being read
    const quint64 id =
        rig.start("PUT", "/admin/providers/sim/secret", R"({"secret":"sk-newer","place":"this_run"})");
    QTRY_VERIFY(rig.answers.contains(id));
    QCOMPARE(rig.inForce(), std::string("sk-newer"));
    rig.fake->mood = Mood::Works;
    QTest::qWait(100); // until the keychain has answered
    QCOMPARE(rig.inForce(), std::string("sk-newer"));
}

QTEST_GUILESS_MAIN(TestVault)
#include "tst_vault.moc"
