// SPDX-License-Identifier: GPL-3.0-or-later
// What the vault answers, and what it refuses.
#include "support/byte_peer.h"
#include "unit/engine/vault_rig.h"
#include <tuple>

using namespace weir;
using engine::Vault;
using test::codeOf;
using test::storedProvider;
using Rig = test::VaultRig;
using Mood = test::FakeKeychain::Mood;

namespace {

const std::string &Key = test::VaultKey;

} // namespace

class TestVaultQuestions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void neverTellsASecret();
    void refuses_data();
    void refuses();
    void boundsQuestions();
    void testsAKey_data();
    void testsAKey();
    void testsWithoutAKey();
    void testsOnlyAFewAtATime();
};

void TestVaultQuestions::neverTellsASecret()
{
    Rig rig;
    for (const std::string &key : {Key, std::string("sk-15-bytes-lng")}) {
        std::ignore = rig.set(key);
        std::ignore = rig.ask("GET", "/admin/providers");
        std::ignore = rig.ask("POST", "/admin/providers/sim/test");
        std::ignore = rig.set(key + " no key");
        std::ignore = rig.set(key, "nowhere");
        std::ignore = rig.ask("DELETE", "/admin/providers/sim/secret");
    }
    for (const auto &[id, answer] : rig.answers) {
        const std::string text = answer ? answer->toStdString() : base::describe(answer.error());
        QVERIFY2(text.find("sk-") == std::string::npos, text.c_str());
        QVERIFY2(text.find("-lng") == std::string::npos, text.c_str()); // too short for its end to be told
    }
}

void TestVaultQuestions::refuses_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("code");
    const QByteArray secret = "/admin/providers/sim/secret";
    const auto row = [&](const char *name, const QByteArray &method, const QByteArray &target,
                         const QByteArray &body, const char *code) {
        QTest::newRow(name) << method << target << body << QString::fromLatin1(code);
    };
    row("another method of the list", "DELETE", "/admin/providers", "", "method_not_allowed");
    row("the secret itself", "GET", secret, "", "method_not_allowed");
    row("a test by GET", "GET", "/admin/providers/sim/test", "", "method_not_allowed");
    row("half a path", "GET", "/admin/providers/sim", "", "unknown_path");
    row("another folder", "GET", "/admin/providersX/sim/test", "", "unknown_path");
    row("one word more", "PUT", secret + "/x", "", "unknown_path");
    row("another provider", "PUT", "/admin/providers/no/secret", R"({"secret":"a","place":"keychain"})",
        "unknown_provider");
    row("no JSON", "PUT", secret, "sk-abc", "query_invalid");
    row("no body", "PUT", secret, "", "query_invalid");
    row("no place", "PUT", secret, R"({"secret":"sk-abc"})", "query_invalid");
    row("another place", "PUT", secret, R"({"secret":"sk-abc","place":"file"})", "query_invalid");
    row("not a text", "PUT", secret, R"({"secret":7,"place":"keychain"})", "query_invalid");
    row("a line end in it", "PUT", secret, R"({"secret":"sk\nabc","place":"keychain"})", "secret_invalid");
    row("nothing in it", "PUT", secret, R"({"secret":"","place":"this_run"})", "secret_invalid");
}

void TestVaultQuestions::refuses()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, body);
    QFETCH(QString, code);
    Rig rig;
    QTRY_COMPARE(rig.inForce(), std::string("no_provider_secret"));
    QCOMPARE(QString::fromStdString(codeOf(rig.ask(method.constData(), target.toStdString(), body))), code);
    QVERIFY(rig.fake->entries.empty());
}

void TestVaultQuestions::boundsQuestions()
{
    Rig rig(storedProvider(), Mood::Silent);
    for (std::size_t at = 0; at < Vault::QuestionsMax; ++at)
        rig.start("GET", "/admin/providers");
    QVERIFY(rig.answers.empty());
    const quint64 last = rig.start("GET", "/admin/providers");
    QCOMPARE(codeOf(rig.answers.at(last)), std::string("keychain_unavailable"));
    QCOMPARE(rig.answers.size(), std::size_t(1));
    QTRY_COMPARE_WITH_TIMEOUT(rig.answers.size(), Vault::QuestionsMax + 1, 7'000); // all of them
}

void TestVaultQuestions::testsAKey_data()
{
    QTest::addColumn<QByteArray>("reply");
    QTest::addColumn<bool>("isAnthropic");
    QTest::addColumn<bool>("works");
    QTest::addColumn<QString>("reason");
    const QByteArray tail = "\r\nContent-Length: 2\r\n\r\n{}";
    QTest::newRow("taken") << "HTTP/1.1 200 OK" + tail << false << true << "takes the key";
    QTest::newRow("taken, Anthropic's way") << "HTTP/1.1 200 OK" + tail << true << true << "takes the key";
    QTest::newRow("refused") << "HTTP/1.1 401 No" + tail << false << false << "refuses the key (status 401)";
    QTest::newRow("forbidden") << "HTTP/1.1 403 No" + tail << true << false << "refuses the key (status 403)";
    QTest::newRow("no list") << "HTTP/1.1 404 No" + tail << false << false << "does not tell";
    QTest::newRow("trouble") << "HTTP/1.1 503 No" + tail << false << false << "answers with status 503";
    QTest::newRow("a redirect is not followed") << "HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:9/" + tail
                                                << false << false << "answers with status 307";
    QTest::newRow("not HTTP") << QByteArray("220 mail\r\n\r\n") << false << false << "not valid HTTP";
}

void TestVaultQuestions::testsAKey()
{
    QFETCH(QByteArray, reply);
    QFETCH(bool, isAnthropic);
    QFETCH(bool, works);
    QFETCH(QString, reason);
    test::BytePeer peer;
    peer.answerEach(reply);
    auto config = storedProvider();
    config::Provider &provider = config->providers.front();
    const std::string origin = "http://127.0.0.1:" + std::to_string(peer.port());
    provider.openaiBase = isAnthropic ? "" : origin + "/v1";
    provider.anthropicBase = isAnthropic ? origin : "";
    Rig rig(config, Mood::Works, Key);
    QTRY_COMPARE(rig.inForce(), Key);
    const auto answer = rig.ask("POST", "/admin/providers/sim/test");
    QVERIFY2(answer, codeOf(answer).c_str());
    const QJsonObject told = QJsonDocument::fromJson(*answer).object();
    QCOMPARE(told[QLatin1String("works")].toBool(), works);
    QVERIFY2(told[QLatin1String("reason")].toString().contains(reason), answer->constData());
    QVERIFY2(peer.received.startsWith("GET /v1/models HTTP/1.1\r\n"), peer.received.constData());
    const QByteArray sent =
        (isAnthropic ? "x-api-key: " : "Authorization: Bearer ") + QByteArray::fromStdString(Key) + "\r\n";
    QCOMPARE(peer.received.count(QByteArray::fromStdString(Key)), 1);
    QVERIFY2(peer.received.contains(sent), peer.received.constData());
}

void TestVaultQuestions::testsWithoutAKey()
{
    test::BytePeer peer;
    auto config = storedProvider(config::Auth::PassThrough);
    config->providers.front().openaiBase = "http://127.0.0.1:" + std::to_string(peer.port());
    Rig rig(config);
    const auto answer = rig.ask("POST", "/admin/providers/sim/test");
    QVERIFY(answer && answer->contains("\"works\":false") && answer->contains("no key is stored"));
    QCOMPARE(peer.connections, 0);
    // One that is stored is tested before the provider's auth is set to it.
    peer.answerEach("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    QVERIFY(rig.set(Key));
    QVERIFY(rig.ask("POST", "/admin/providers/sim/test")->contains("\"works\":true"));
    QVERIFY(rig.told.empty()); // and no request is given it
}

void TestVaultQuestions::testsOnlyAFewAtATime()
{
    test::BytePeer silent;
    auto config = storedProvider();
    config->providers.front().openaiBase = "http://127.0.0.1:" + std::to_string(silent.port());
    Rig rig(config, Mood::Works, Key);
    QTRY_COMPARE(rig.inForce(), Key);
    for (std::size_t at = 0; at < Vault::TestsMax; ++at)
        rig.start("POST", "/admin/providers/sim/test");
    QVERIFY(rig.answers.empty());
    QVERIFY(rig.ask("POST", "/admin/providers/sim/test")->contains("other keys are being tested"));
    // None waits for longer than who asks.
    QTRY_COMPARE_WITH_TIMEOUT(rig.answers.size(), Vault::TestsMax + 1, int(Vault::AnswerBy.count()) + 500);
    QVERIFY(rig.answers.begin()->second->contains("does not answer within"));
}

QTEST_GUILESS_MAIN(TestVaultQuestions)
#include "tst_vault_questions.moc"
