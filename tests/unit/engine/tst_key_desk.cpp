// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/key_desk.h"

#include "engine/key_json.h"
#include "store/database.h"
#include "store/key_store.h"
#include "store/usage_writer.h"
#include "unit/store/store_fixture.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace weir;
using namespace weir::engine;
using base::Errc;
using test::StoreFixture;

namespace {

constexpr base::WallMs Now = 1'795'564'800'000; // 2026-11-25T00:00:00Z
constexpr std::int64_t HourMs = 3'600'000;

base::Result<std::vector<std::string>> providers()
{
    return std::vector<std::string>{"zai", "local"};
}

} // namespace

class TestKeyDesk : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void makesAKey();
    void needsALabelOfItsOwn();
    void listsThemWithTheirDay();
    void changesOnlyWhatItIsTold();
    void keepsALabelThatOthersHaveToo();
    void goesToAProviderThatIsThere();
    void keepsAProviderThatIsGone();
    void asksForProvidersOnlyWhereOneIsNamed();
    void rotates();
    void deletes();
    void importsAllOrNothing();
    void saysWhatIsNotServed_data();
    void saysWhatIsNotServed();
    void tellsAKeyOfItself();
    void tellsAKeyWithoutLimitsOfItself();

private:
    DeskAnswer ask(const std::string &method, const std::string &target, const QByteArray &body = {});
    QJsonObject object(const DeskAnswer &answer);
    /// Asks, and fails the test if there is no answer.
    QJsonObject get(const std::string &target) { return object(ask("GET", target)); }
    bool write(std::int64_t sequence, std::int64_t keyId, base::WallMs at);

    std::unique_ptr<StoreFixture> m_fixture;
    std::unique_ptr<store::Database> m_database;
};

void TestKeyDesk::init()
{
    m_database.reset();
    m_fixture = std::make_unique<StoreFixture>();
    auto opened = m_fixture->open();
    VERIFY_RESULT(opened);
    m_database = std::move(*opened);
}

DeskAnswer TestKeyDesk::ask(const std::string &method, const std::string &target, const QByteArray &body)
{
    pipeline::Question question;
    question.method = method;
    question.target = target;
    question.body = body;
    return answerFromStore(*m_database, question, Now, providers);
}

QJsonObject TestKeyDesk::object(const DeskAnswer &answer)
{
    if (!answer.json)
        qWarning("%s", base::describe(answer.json.error()).c_str());
    return answer.json ? QJsonDocument::fromJson(*answer.json).object() : QJsonObject();
}

bool TestKeyDesk::write(std::int64_t sequence, std::int64_t keyId, base::WallMs at)
{
    store::UsageRow row;
    row.sequence = sequence;
    row.keyId = keyId;
    row.at = at;
    row.usage = {100, 50, 0, 7, 0, true};
    return store::writeUsage(*m_database, std::vector{row}).has_value();
}

void TestKeyDesk::makesAKey()
{
    const DeskAnswer answer =
        ask("POST", "/admin/keys", R"({"label":"editor","limits":{"tokens_per_window":1000}})");
    const QJsonObject made = object(answer);
    const std::string secret = made[QLatin1String("secret")].toString().toStdString();
    QVERIFY(secret.starts_with("weir_") && secret.size() == 48);
    QCOMPARE(made[QLatin1String("prefix")].toString().toStdString(), secret.substr(0, 10));
    QCOMPARE(made[QLatin1String("label")].toString(), QStringLiteral("editor"));
    QCOMPARE(made[QLatin1String("created_at")].toString(), QStringLiteral("2026-11-25T00:00:00.000Z"));
    QCOMPARE(made[QLatin1String("limits")][QLatin1String("tokens_per_window")].toInteger(), qint64(1000));
    // Somebody may have shown it before, and been told that it is not known.
    QVERIFY(answer.changedKeys == std::vector{keys::hashOf(secret)});
    const auto found = store::KeyStore(*m_database).find(keys::hashOf(secret));
    QVERIFY(found && found->has_value());
    QCOMPARE((*found)->id, made[QLatin1String("id")].toInteger());
    QVERIFY(!get("/admin/keys/1").contains(QLatin1String("secret"))); // for the only time
}

void TestKeyDesk::needsALabelOfItsOwn()
{
    const auto refused = [&](const QByteArray &body) {
        const DeskAnswer answer = ask("POST", "/admin/keys", body);
        return !answer.json && answer.json.error().code == Errc::FieldInvalid && answer.changedKeys.empty()
                   ? answer.json.error().detail
                   : std::string("made");
    };
    QCOMPARE(refused("{}"), std::string("label is missing: a key needs a name"));
    QVERIFY(ask("POST", "/admin/keys", R"({"label":"one"})").json);
    QCOMPARE(refused(R"({"label":"one"})"), std::string("label: another key is called 'one'"));
    QVERIFY(ask("POST", "/admin/keys", R"({"label":"two"})").json);
    const DeskAnswer renamed = ask("PATCH", "/admin/keys/2", R"({"label":"one","paused":true})");
    QCOMPARE(renamed.json.error().detail, std::string("label: another key is called 'one'"));
    QVERIFY(!get("/admin/keys/2")[QLatin1String("paused")].toBool()); // all or nothing
    QCOMPARE(get("/admin/keys")[QLatin1String("keys")].toArray().size(), qsizetype(2));
}

void TestKeyDesk::listsThemWithTheirDay()
{
    QCOMPARE(get("/admin/keys"), QJsonObject({{QStringLiteral("keys"), QJsonArray()}}));
    QVERIFY(ask("POST", "/admin/keys", R"({"label":"one"})").json);
    QVERIFY(ask("POST", "/admin/keys", R"({"label":"two"})").json);
    QVERIFY(write(1, 2, Now - 25 * HourMs)); // over
    QVERIFY(write(2, 2, Now - 24 * HourMs));
    QVERIFY(write(3, 2, Now));
    QVERIFY(write(4, 0, Now)); // of no key
    const QJsonArray keys = get("/admin/keys")[QLatin1String("keys")].toArray();
    QCOMPARE(keys.size(), qsizetype(2));
    QCOMPARE(keys[0][QLatin1String("label")].toString(), QStringLiteral("one"));
    QCOMPARE(keys[0][QLatin1String("last_24h")][QLatin1String("requests")].toInteger(), qint64(0));
    QCOMPARE(keys[1][QLatin1String("last_24h")][QLatin1String("requests")].toInteger(), qint64(2));
    QCOMPARE(keys[1][QLatin1String("last_24h")][QLatin1String("tokens")].toInteger(), qint64(214));
    QCOMPARE(get("/admin/keys/2"), keys[1].toObject());
}

void TestKeyDesk::changesOnlyWhatItIsTold()
{
    const QJsonObject made =
        object(ask("POST", "/admin/keys",
                   R"({"label":"one","model":"m","limits":{"concurrent":3,"tokens_per_day":9}})"));
    const DeskAnswer answer =
        ask("PATCH", "/admin/keys/1", R"({"label":"two","paused":true,"limits":{"concurrent":null}})");
    const QJsonObject changed = object(answer);
    QCOMPARE(changed[QLatin1String("label")].toString(), QStringLiteral("two"));
    QVERIFY(changed[QLatin1String("paused")].toBool());
    QVERIFY(changed[QLatin1String("limits")][QLatin1String("concurrent")].isNull());
    QCOMPARE(changed[QLatin1String("limits")][QLatin1String("tokens_per_day")].toInteger(), qint64(9));
    QCOMPARE(changed[QLatin1String("model")].toString(), QStringLiteral("m"));
    QCOMPARE(get("/admin/keys/1"), changed); // it is kept so
    QVERIFY(!changed.contains(QLatin1String("secret")));
    const std::string secret = made[QLatin1String("secret")].toString().toStdString();
    QVERIFY(answer.changedKeys == std::vector{keys::hashOf(secret)});
}

void TestKeyDesk::keepsALabelThatOthersHaveToo()
{
    QVERIFY(ask("POST", "/admin/keys/import",
                R"({"keys":[{"key":"pk_1","name":"same"},{"key":"pk_2","name":"same"}]})")
                .json);
    QVERIFY(ask("PATCH", "/admin/keys/1", R"({"label":"same","paused":true})").json);
    QVERIFY(!ask("POST", "/admin/keys", R"({"label":"same"})").json);
}

void TestKeyDesk::goesToAProviderThatIsThere()
{
    const auto refusal = [](const DeskAnswer &answer) {
        return !answer.json && answer.json.error().code == Errc::FieldInvalid && answer.changedKeys.empty()
                   ? answer.json.error().detail
                   : std::string("done");
    };
    const std::string noZia = "provider: there is no provider 'zia' (known: zai, local)";
    QCOMPARE(refusal(ask("POST", "/admin/keys", R"({"label":"one","provider":"zia"})")), noZia);
    QVERIFY(get("/admin/keys")[QLatin1String("keys")].toArray().isEmpty());
    QVERIFY(ask("POST", "/admin/keys", R"({"label":"one","provider":"zai"})").json);
    QCOMPARE(refusal(ask("PATCH", "/admin/keys/1", R"({"provider":"zia","paused":true})")), noZia);
    QVERIFY(!get("/admin/keys/1")[QLatin1String("paused")].toBool()); // all or nothing
    // A name is the same letter by letter only.
    QCOMPARE(refusal(ask("PATCH", "/admin/keys/1", R"({"provider":"Zai"})")),
             std::string("provider: there is no provider 'Zai' (known: zai, local)"));
    const QJsonObject moved = object(ask("PATCH", "/admin/keys/1", R"({"provider":"local"})"));
    QCOMPARE(moved[QLatin1String("provider")].toString(), QStringLiteral("local"));
    const QJsonObject freed = object(ask("PATCH", "/admin/keys/1", R"({"provider":null})"));
    QCOMPARE(freed[QLatin1String("provider")].toString(), QString());
}

void TestKeyDesk::keepsAProviderThatIsGone()
{
    keys::NewAccessKey made = keys::makeAccessKey();
    made.key.label = "old";
    made.key.provider = "gone";
    QVERIFY(store::KeyStore(*m_database).insert(made.key));
    // The window sends all fields, those that it has not changed, too.
    const QJsonObject paused = object(ask("PATCH", "/admin/keys/1", R"({"paused":true,"provider":"gone"})"));
    QVERIFY(paused[QLatin1String("paused")].toBool());
    QCOMPARE(paused[QLatin1String("provider")].toString(), QStringLiteral("gone"));
    QVERIFY(ask("POST", "/admin/keys/1/rotate").json);
    QVERIFY(ask("PATCH", "/admin/keys/1", R"({"provider":"zai"})").json);
    QVERIFY(!ask("PATCH", "/admin/keys/1", R"({"provider":"gone"})").json);
}

void TestKeyDesk::asksForProvidersOnlyWhereOneIsNamed()
{
    const base::Error broken{Errc::ConfigInvalid, "weir.toml:3"};
    const ProviderNames nobodyKnows = [&]() -> base::Result<std::vector<std::string>> {
        return base::Unexpected{broken};
    };
    pipeline::Question question;
    question.method = "POST";
    question.target = "/admin/keys";
    question.body = R"({"label":"one","provider":"zai"})";
    const DeskAnswer refused = answerFromStore(*m_database, question, Now, nobodyKnows);
    QVERIFY(!refused.json);
    QCOMPARE(refused.json.error().code, broken.code);
    QCOMPARE(refused.json.error().detail, broken.detail);
    question.body = R"({"label":"one","provider":null})";
    QVERIFY(answerFromStore(*m_database, question, Now, nobodyKnows).json);
}

void TestKeyDesk::rotates()
{
    const QJsonObject made =
        object(ask("POST", "/admin/keys", R"({"label":"one","limits":{"concurrent":3}})"));
    const DeskAnswer answer = ask("POST", "/admin/keys/1/rotate");
    const QJsonObject rotated = object(answer);
    const std::string before = made[QLatin1String("secret")].toString().toStdString();
    const std::string after = rotated[QLatin1String("secret")].toString().toStdString();
    QVERIFY(after.starts_with("weir_") && after != before);
    QCOMPARE(rotated[QLatin1String("prefix")].toString().toStdString(), after.substr(0, 10));
    QCOMPARE(rotated[QLatin1String("limits")], made[QLatin1String("limits")]);
    QVERIFY((answer.changedKeys == std::vector{keys::hashOf(before), keys::hashOf(after)}));
    QCOMPARE(get("/admin/keys")[QLatin1String("keys")].toArray().size(), qsizetype(1));
    QCOMPARE(ask("POST", "/admin/keys/1/rotate", R"({"label":"x"})").json.error().code, Errc::FieldInvalid);
}

void TestKeyDesk::deletes()
{
    const QJsonObject made = object(ask("POST", "/admin/keys", R"({"label":"one"})"));
    const DeskAnswer answer = ask("DELETE", "/admin/keys/1");
    QCOMPARE(*answer.json, QByteArray(R"({"deleted":1})"));
    QVERIFY(answer.changedKeys ==
            std::vector{keys::hashOf(made[QLatin1String("secret")].toString().toStdString())});
    QCOMPARE(ask("DELETE", "/admin/keys/1").json.error().code, Errc::NotStored);
    QVERIFY(get("/admin/keys")[QLatin1String("keys")].toArray().isEmpty());
}

void TestKeyDesk::importsAllOrNothing()
{
    const DeskAnswer broken = ask("POST", "/admin/keys/import",
                                  "{\"keys\":[\n{\"key\":\"pk_1\"},\n{\"key\":\"pk_2\",\"name\":5}]}");
    QCOMPARE(broken.json.error().code, Errc::ImportInvalid);
    QVERIFY(broken.json.error().detail.starts_with("line 3: "));
    QVERIFY(get("/admin/keys")[QLatin1String("keys")].toArray().isEmpty());

    const QByteArray file = R"({"keys":[{"key":"pk_1","name":"a"},{"key":"pk_2","name":"b"}]})";
    const DeskAnswer answer = ask("POST", "/admin/keys/import", file);
    QCOMPARE(*answer.json, QByteArray(R"({"imported":2,"known_already":0})"));
    QVERIFY((answer.changedKeys == std::vector{keys::hashOf("pk_1"), keys::hashOf("pk_2")}));
    QCOMPARE(*ask("POST", "/admin/keys/import", file).json,
             QByteArray(R"({"imported":0,"known_already":2})"));
}

void TestKeyDesk::saysWhatIsNotServed_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<int>("code");
    const auto row = [](const char *method, const char *target, Errc code) {
        QTest::addRow("%s %s", method, target) << QByteArray(method) << QByteArray(target) << int(code);
    };
    row("GET", "/admin/keysX", Errc::UnknownPath);
    row("GET", "/admin/keys/", Errc::UnknownPath);
    row("GET", "/admin/keys/x", Errc::UnknownPath);
    row("GET", "/admin/keys/0", Errc::UnknownPath);
    row("GET", "/admin/keys/-1", Errc::UnknownPath);
    row("GET", "/admin/keys/1x", Errc::UnknownPath);
    row("GET", "/admin/keys/1/", Errc::UnknownPath);
    row("GET", "/admin/keys/99999999999999999999", Errc::UnknownPath);
    row("POST", "/admin/keys/1/turn", Errc::UnknownPath);
    row("GET", "/admin/keys/2", Errc::NotStored);
    row("PATCH", "/admin/keys/2", Errc::NotStored);
    row("POST", "/admin/keys/2/rotate", Errc::NotStored);
    row("DELETE", "/admin/keys", Errc::MethodNotAllowed);
    row("GET", "/admin/keys/import", Errc::MethodNotAllowed);
    row("GET", "/admin/keys/1/rotate", Errc::MethodNotAllowed);
    row("PUT", "/admin/keys/1", Errc::MethodNotAllowed);
    row("POST", "/stats", Errc::MethodNotAllowed);
}

void TestKeyDesk::saysWhatIsNotServed()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(int, code);
    QVERIFY(ask("POST", "/admin/keys", R"({"label":"one"})").json);
    const DeskAnswer answer = ask(method.toStdString(), target.toStdString());
    QVERIFY(!answer.json);
    QCOMPARE(int(answer.json.error().code), code);
    QVERIFY(answer.changedKeys.empty());
}

void TestKeyDesk::tellsAKeyOfItself()
{
    QVERIFY(
        ask("POST", "/admin/keys/import",
            R"({"keys":[{"key":"pk_12345678901234567890","name":"old","model":"glm","token_limit_per_5h":500,
                    "expiry_date":"2026-11-24T00:00:00Z","created_at":"2026-01-01T00:00:00Z",
                    "total_lifetime_tokens":1000}]})")
            .json);
    QVERIFY(write(1, 1, Now - 2 * HourMs));
    QVERIFY(write(2, 0, Now));
    pipeline::Question question;
    question.target = "/stats";
    question.keyId = 1;
    question.tokensInWindow = 107;
    question.windowEndsInMs = HourMs;
    const DeskAnswer answer = answerFromStore(*m_database, question, Now, providers);
    VERIFY_RESULT(answer.json);
    QCOMPARE(
        *answer.json,
        QByteArray(
            R"({"created_at":"2026-01-01T00:00:00.000Z","current_usage":{"remaining_tokens":393,)"
            R"("tokens_used_in_current_window":107,"window_ends_at":"2026-11-25T01:00:00.000Z",)"
            R"("window_started_at":"2026-11-24T20:00:00.000Z"},)"
            R"("expiry_date":"2026-11-24T00:00:00.000Z","is_expired":true,"key":"pk_12…",)"
            R"("last_used":"2026-11-24T22:00:00.000Z","model":"glm","name":"old","token_limit_per_5h":500,)"
            R"("total_lifetime_tokens":1107})"));
    question.tokensInWindow = 900; // more than may be
    const QJsonObject over = object(answerFromStore(*m_database, question, Now, providers));
    QCOMPARE(over[QLatin1String("current_usage")][QLatin1String("remaining_tokens")].toInteger(), qint64(0));
}

void TestKeyDesk::tellsAKeyWithoutLimitsOfItself()
{
    QVERIFY(ask("POST", "/admin/keys", R"({"label":"one"})").json);
    pipeline::Question question;
    question.target = "/stats";
    question.keyId = 1;
    const QJsonObject told = object(answerFromStore(*m_database, question, Now, providers));
    for (const char *absent : {"model", "token_limit_per_5h", "expiry_date", "last_used"})
        QVERIFY2(told.contains(QLatin1String(absent)) && told[QLatin1String(absent)].isNull(), absent);
    QVERIFY(told[QLatin1String("current_usage")][QLatin1String("remaining_tokens")].isNull());
    // Nothing counts: the window is one that begins now.
    QCOMPARE(told[QLatin1String("current_usage")][QLatin1String("window_started_at")].toString(),
             QStringLiteral("2026-11-25T00:00:00.000Z"));
    question.keyId = 2; // deleted meanwhile
    QCOMPARE(answerFromStore(*m_database, question, Now, providers).json.error().code, Errc::NotStored);
}

QTEST_GUILESS_MAIN(TestKeyDesk)
#include "tst_key_desk.moc"
