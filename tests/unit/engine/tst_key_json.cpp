// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/key_json.h"

#include "store/usage_query.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace weir;
using namespace weir::engine;

namespace {

constexpr base::WallMs Now = 1'795'564'800'000; // 2026-11-25T00:00:00Z

/// A key of which everything is set.
keys::AccessKey fullKey()
{
    keys::AccessKey key;
    key.id = 7;
    key.label = "editor";
    key.prefix = "weir_ab12c";
    key.hash = keys::hashOf("weir_ab12c and more");
    key.provider = "zai";
    key.model = "glm-5";
    key.allowedModels = {"glm-5", "glm-5-air"};
    key.isBackground = true;
    key.isPaused = true;
    key.createdAt = Now - 5'000;
    key.expiresAt = Now + 1;
    key.limits = {1'000, std::chrono::hours(5), 2'000, 300, 40, 5};
    return key;
}

QByteArray repeated(const char *text, qsizetype count)
{
    return QByteArray(text).repeated(count);
}

} // namespace

class TestKeyJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void putsEachFieldInItsPlace();
    void leavesTheRestAlone();
    void takesAwayWhatIsNull();
    void acceptsTheBounds_data();
    void acceptsTheBounds();
    void refusesAllElse_data();
    void refusesAllElse();
    void tellsAllOfAKey();
    void neverTellsTheHash();
};

void TestKeyJson::putsEachFieldInItsPlace()
{
    const auto key = withFields({}, R"({"label":"editor","provider":"zai","model":"glm-5",
        "allowed_models":["glm-5","glm-5-air"],"priority":"background","paused":true,
        "expires_at":"2026-11-25T01:00:00.001+01:00","limits":{"tokens_per_window":1000,"window_ms":18000000,
        "tokens_per_day":2000,"tokens_per_minute":300,"requests_per_minute":40,"concurrent":5}})");
    QVERIFY2(key, key ? "" : base::describe(key.error()).c_str());
    keys::AccessKey wanted = fullKey();
    wanted.id = 0;
    wanted.prefix.clear();
    wanted.hash = {};
    wanted.createdAt = 0;
    QVERIFY(*key == wanted);
}

void TestKeyJson::leavesTheRestAlone()
{
    keys::AccessKey wanted = fullKey();
    QVERIFY(*withFields(fullKey(), "{}") == wanted);
    wanted.isPaused = false;
    wanted.limits.tokensPerDay = 9;
    QVERIFY(*withFields(fullKey(), R"({"paused":false,"limits":{"tokens_per_day":9}})") == wanted);
}

void TestKeyJson::takesAwayWhatIsNull()
{
    const auto key = withFields(fullKey(), R"({"provider":null,"model":null,"allowed_models":[],
        "expires_at":null,"limits":{"tokens_per_window":null,"window_ms":null,"tokens_per_day":null,
        "tokens_per_minute":null,"requests_per_minute":null,"concurrent":null}})");
    QVERIFY(key);
    QCOMPARE(key->provider + key->model, std::string());
    QVERIFY(key->allowedModels.empty());
    QVERIFY(!key->expiresAt);
    QVERIFY(key->limits == keys::Limits{});
    QCOMPARE(key->label, std::string("editor"));
}

void TestKeyJson::acceptsTheBounds_data()
{
    QTest::addColumn<QByteArray>("json");
    const auto row = [](const char *name, const QByteArray &json) { QTest::newRow(name) << json; };
    row("a label of a hundred characters", R"({"label":")" + repeated("ü", 100) + R"("})");
    row("a label beyond the first plane", R"({"label":")" + repeated("😀", 100) + R"("})");
    row("a label that looks like SQL", R"({"label":"'; DROP TABLE access_key; --"})");
    row("a model of a KiB", R"({"model":")" + repeated("m", 1024) + R"("})");
    row("a provider of a hundred bytes", R"({"provider":")" + repeated("p", 100) + R"("})");
    row("a thousand models", R"({"allowed_models":["m")" + repeated(R"(,"m")", 999) + "]}");
    row("the smallest limit", R"({"limits":{"concurrent":1}})");
    row("the largest limit", R"({"limits":{"tokens_per_day":4503599627370496}})");
    row("a whole number written as a fraction", R"({"limits":{"concurrent":2.0}})");
    row("the shortest window", R"({"limits":{"window_ms":1000}})");
    row("the longest window", R"({"limits":{"window_ms":604800000}})");
    row("a time that is over", R"({"expires_at":"1999-01-01T00:00:00Z"})");
}

void TestKeyJson::acceptsTheBounds()
{
    QFETCH(QByteArray, json);
    const auto key = withFields({}, json);
    QVERIFY2(key, key ? "" : base::describe(key.error()).c_str());
}

void TestKeyJson::refusesAllElse_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char *name, const QByteArray &json, const char *says) {
        QTest::newRow(name) << json << QByteArray(says);
    };
    row("nothing", "", "must be a JSON object");
    row("half an object", R"({"label":)", "must be a JSON object");
    row("a list", "[]", "must be a JSON object");
    row("a text", R"("label")", "must be a JSON object");
    row("bytes that are no UTF-8", "{\"label\":\"\xff\"}", "must be a JSON object");
    row("an unknown field", R"({"labels":"a"})", "no field 'labels'");
    row("a field that only Weir sets", R"({"id":3})", "no field 'id'");
    row("a field with a terminal's commands", R"({"\u001b[2J":1})", "no field '?[2J'");
    row("an unknown limit", R"({"limits":{"tokens":1}})", "limits has no field 'tokens'");
    row("limits that are no object", R"({"limits":5})", "limits must be an object");
    row("no limits", R"({"limits":null})", "limits must be an object");
    row("an empty label", R"({"label":""})", "label must be");
    row("a label of blanks", R"({"label":"  "})", "label must be");
    row("no label", R"({"label":null})", "label must be");
    row("a number for a label", R"({"label":5})", "label must be");
    row("a label that is too long", R"({"label":")" + repeated("a", 101) + R"("})", "label must be");
    row("a line end in a label", R"({"label":"a\nb"})", "label must be");
    row("a null character in a label", R"({"label":"a\u0000"})", "label must be");
    row("a C1 character in a label", R"({"label":"a\u009bb"})", "label must be");
    row("a line separator in a label", R"({"label":"a\u2028b"})", "label must be");
    row("half a surrogate pair", R"({"label":"\ud83d"})", "label must be");
    row("an empty provider", R"({"provider":""})", "provider must be");
    row("a provider that is too long", R"({"provider":")" + repeated("p", 101) + R"("})", "provider must be");
    row("a flag for a provider", R"({"provider":true})", "provider must be");
    row("a model that is too long", R"({"model":")" + repeated("m", 1025) + R"("})", "model must be");
    row("a control character in a model", R"({"model":"a\r\nb"})", "model must be");
    row("a list for a model", R"({"model":["a"]})", "model must be");
    row("a text for allowed models", R"({"allowed_models":"a"})", "allowed_models must be");
    row("no allowed models", R"({"allowed_models":null})", "allowed_models must be");
    row("a number among the models", R"({"allowed_models":["a",1]})", "allowed_models must be");
    row("null among the models", R"({"allowed_models":[null]})", "allowed_models must be");
    row("an empty name among the models", R"({"allowed_models":[""]})", "allowed_models must be");
    row("too many models", R"({"allowed_models":["m")" + repeated(R"(,"m")", 1000) + "]}",
        "allowed_models must be");
    row("another priority", R"({"priority":"high"})", "priority must be");
    row("no priority", R"({"priority":null})", "priority must be");
    row("a text for a flag", R"({"paused":"true"})", "paused must be");
    row("a number for a flag", R"({"paused":1})", "paused must be");
    row("no time", R"({"expires_at":"soon"})", "expires_at must be");
    row("a day alone", R"({"expires_at":"2026-12-31"})", "expires_at must be");
    row("a time of no zone", R"({"expires_at":"2026-12-31T00:00:00"})", "expires_at must be");
    row("a day that is none", R"({"expires_at":"2026-02-30T00:00:00Z"})", "expires_at must be");
    row("seconds for a time", R"({"expires_at":1795564800})", "expires_at must be");
    row("a limit of nothing", R"({"limits":{"tokens_per_day":0}})", "limits.tokens_per_day must be");
    row("a limit below nothing", R"({"limits":{"tokens_per_minute":-1}})",
        "limits.tokens_per_minute must be");
    row("part of a request", R"({"limits":{"concurrent":1.5}})", "limits.concurrent must be");
    row("too large a limit", R"({"limits":{"tokens_per_window":4503599627370497}})",
        "limits.tokens_per_window must be");
    row("a limit beyond all numbers", R"({"limits":{"requests_per_minute":1e300}})",
        "limits.requests_per_minute must be");
    row("a text for a limit", R"({"limits":{"concurrent":"5"}})", "limits.concurrent must be");
    row("too short a window", R"({"limits":{"window_ms":999}})", "limits.window_ms must be");
    row("too long a window", R"({"limits":{"window_ms":604800001}})", "limits.window_ms must be");
    row("one good field and one bad", R"({"label":"a","paused":2})", "paused must be");
}

void TestKeyJson::refusesAllElse()
{
    QFETCH(QByteArray, json);
    QFETCH(QByteArray, says);
    const auto key = withFields(fullKey(), json);
    QVERIFY(!key);
    QCOMPARE(key.error().code, base::Errc::FieldInvalid);
    QVERIFY2(key.error().detail.find(says.toStdString()) != std::string::npos, key.error().detail.c_str());
}

void TestKeyJson::tellsAllOfAKey()
{
    store::UsageSum used;
    used.requests = 3;
    used.input = 100;
    used.cachedInput = 90; // part of input
    used.output = 20;
    const QByteArray told = QJsonDocument(keyObject(fullKey(), used, Now)).toJson(QJsonDocument::Compact);
    QCOMPARE(told, QByteArray(R"({"allowed_models":["glm-5","glm-5-air"],)"
                              R"("created_at":"2026-11-24T23:59:55.000Z","expired":false,)"
                              R"("expires_at":"2026-11-25T00:00:00.001Z","id":7,"label":"editor",)"
                              R"("last_24h":{"requests":3,"tokens":120},"last_used_at":null,)"
                              R"("limits":{"concurrent":5,"requests_per_minute":40,"tokens_per_day":2000,)"
                              R"("tokens_per_minute":300,"tokens_per_window":1000,"window_ms":18000000},)"
                              R"("model":"glm-5","paused":true,"prefix":"weir_ab12c",)"
                              R"("priority":"background","provider":"zai"})"));
    const QJsonObject bare = keyObject({}, {}, Now + 1);
    QVERIFY(bare[QLatin1String("expires_at")].isNull());
    QVERIFY(bare[QLatin1String("limits")][QLatin1String("tokens_per_day")].isNull());
    QVERIFY(keyObject(fullKey(), {}, Now + 1)[QLatin1String("expired")].toBool());
}

void TestKeyJson::neverTellsTheHash()
{
    const keys::AccessKey key = fullKey();
    const QByteArray hash(reinterpret_cast<const char *>(key.hash.data()), qsizetype(key.hash.size()));
    const QByteArray told = QJsonDocument(keyObject(key, {}, Now)).toJson();
    QVERIFY(!told.contains(hash.toHex()) && !told.contains(hash.toBase64()));
}

QTEST_GUILESS_MAIN(TestKeyJson)
#include "tst_key_json.moc"
