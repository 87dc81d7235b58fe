// SPDX-License-Identifier: GPL-3.0-or-later
// Access keys as they are managed from outside, with a real engine and a simulated provider that wants no
// key.
#include "integration/admin_client.h"
#include "keys/access_key.h"
#include <QJsonArray>

using namespace weir;
using test::AdminClient;
using test::bodyOf;
using test::KeptUsage;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;
using test::useKey;

namespace {

const auto Kept = [](config::Config &config) {
    config.store.enabled = true;
    config.providers.front().auth = config::Auth::None;
};

QByteArray stats(quint16 port, const QByteArray &key)
{
    RawClient client(port);
    client.send("GET /stats HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + key + "\r\n\r\n");
    return client.takeResponse();
}

bool stop(engine::EngineHost &host)
{
    host.stop();
    return QTest::qWaitFor([&] { return host.state() == engine::EngineHost::State::Stopped; }, 15'000);
}

} // namespace

class TestAdmin : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void managesKeys();
    void stopsAKeyAtOnce_data();
    void stopsAKeyAtOnce();
    void letsAResumedKeyInAtOnce();
    void knowsANewKeyThatWasGuessedBefore();
    void keepsWhenAKeyWasUsed();
    void tellsAKeyWhatItHasUsed();
    void saysWhatIsWrong();
    void refusesOthers_data();
    void refusesOthers();
    void savesAllInAnotherFile();
    void writesNoKeyAnywhere();
    void servesNoKeysWhereNothingIsKept();
};

void TestAdmin::managesKeys()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    const AdminClient admin(kept, proxy);
    const QJsonObject made =
        admin.object("POST", "/admin/keys", R"({"label":"editor","limits":{"tokens_per_day":1000000}})");
    const QByteArray secret = made[QLatin1String("secret")].toString().toLatin1();
    QVERIFY(secret.startsWith("weir_"));
    QCOMPARE(useKey(proxy.port(), secret), 200);

    QJsonArray keys = admin.object("GET", "/admin/keys")[QLatin1String("keys")].toArray();
    QCOMPARE(keys.size(), qsizetype(1));
    QCOMPARE(keys[0][QLatin1String("label")].toString(), QStringLiteral("editor"));
    QVERIFY(!keys[0].toObject().contains(QLatin1String("secret")));
    const QJsonObject changed =
        admin.object("PATCH", "/admin/keys/1", R"({"label":"agent","limits":{"tokens_per_day":null}})");
    QCOMPARE(changed[QLatin1String("label")].toString(), QStringLiteral("agent"));
    QVERIFY(changed[QLatin1String("limits")][QLatin1String("tokens_per_day")].isNull());
    QCOMPARE(useKey(proxy.port(), secret), 200);

    const QJsonObject imported =
        admin.object("POST", "/admin/keys/import", R"({"keys":[{"key":"weir_pk_old","name":"old"}]})");
    QCOMPARE(imported[QLatin1String("imported")].toInteger(), qint64(1));
    QCOMPARE(useKey(proxy.port(), "weir_pk_old"), 200);
    QCOMPARE(admin.object("DELETE", "/admin/keys/1")[QLatin1String("deleted")].toInteger(), qint64(1));
    keys = admin.object("GET", "/admin/keys")[QLatin1String("keys")].toArray();
    QCOMPARE(keys.size(), qsizetype(1));
    QCOMPARE(keys[0][QLatin1String("label")].toString(), QStringLiteral("old"));
}

void TestAdmin::stopsAKeyAtOnce_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("rotated") << QByteArray("POST") << QByteArray("/admin/keys/1/rotate") << QByteArray()
                             << 401 << QByteArray("is not known");
    QTest::newRow("deleted") << QByteArray("DELETE") << QByteArray("/admin/keys/1") << QByteArray() << 401
                             << QByteArray("is not known");
    QTest::newRow("paused") << QByteArray("PATCH") << QByteArray("/admin/keys/1")
                            << QByteArray(R"({"paused":true})") << 403 << QByteArray("is paused: editor");
    QTest::newRow("expired") << QByteArray("PATCH") << QByteArray("/admin/keys/1")
                             << QByteArray(R"({"expires_at":"2026-01-01T00:00:00Z"})") << 403
                             << QByteArray("has expired: editor");
}

void TestAdmin::stopsAKeyAtOnce()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, body);
    QFETCH(int, status);
    QFETCH(QByteArray, says);
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    const AdminClient admin(kept, proxy);
    const QByteArray secret = admin.create(R"({"label":"editor"})");
    QCOMPARE(useKey(proxy.port(), secret), 200); // it is in memory now
    const QJsonObject answer = admin.object(method, target, body);
    QVERIFY(!answer.isEmpty());

    RawClient client(proxy.port());
    client.send("GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: " + secret + "\r\n\r\n");
    const QByteArray refused = client.takeResponse();
    QCOMPARE(statusOf(refused), status);
    QVERIFY2(refused.contains(says), refused.constData());
    if (const QByteArray fresh = answer[QLatin1String("secret")].toString().toLatin1(); !fresh.isEmpty())
        QCOMPARE(useKey(proxy.port(), fresh), 200);
}

void TestAdmin::letsAResumedKeyInAtOnce()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    const AdminClient admin(kept, proxy);
    const QByteArray secret = admin.create(R"({"label":"editor","paused":true})");
    QCOMPARE(useKey(proxy.port(), secret), 403);
    QVERIFY(!admin.object("PATCH", "/admin/keys/1", R"({"paused":false})").isEmpty());
    QCOMPARE(useKey(proxy.port(), secret), 200);
}

void TestAdmin::knowsANewKeyThatWasGuessedBefore()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    const AdminClient admin(kept, proxy);
    QCOMPARE(useKey(proxy.port(), "weir_pk_old"), 401); // that it is not known is in memory now
    QVERIFY(!admin.object("POST", "/admin/keys/import", R"({"keys":[{"key":"weir_pk_old"}]})").isEmpty());
    QCOMPARE(useKey(proxy.port(), "weir_pk_old"), 200);
}

void TestAdmin::keepsWhenAKeyWasUsed()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    const AdminClient admin(kept, proxy);
    const QByteArray used = admin.create(R"({"label":"used"})");
    admin.create(R"({"label":"idle"})");
    const std::int64_t before = base::SystemClock().wallNow();
    QCOMPARE(useKey(proxy.port(), used), 200);
    QTRY_VERIFY(admin.object("GET", "/admin/keys/1")[QLatin1String("last_used_at")].isString());
    const QJsonObject key = admin.object("GET", "/admin/keys/1");
    const QDateTime at =
        QDateTime::fromString(key[QLatin1String("last_used_at")].toString(), Qt::ISODateWithMs);
    QVERIFY(at.toMSecsSinceEpoch() >= before && at.toMSecsSinceEpoch() <= base::SystemClock().wallNow());
    QCOMPARE(key[QLatin1String("last_24h")][QLatin1String("requests")].toInteger(), qint64(1));
    QVERIFY(key[QLatin1String("last_24h")][QLatin1String("tokens")].toInteger() > 0);
    QVERIFY(admin.object("GET", "/admin/keys/2")[QLatin1String("last_used_at")].isNull());
}

void TestAdmin::tellsAKeyWhatItHasUsed()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    const AdminClient admin(kept, proxy);
    const QByteArray secret = admin.create(R"({"label":"editor","limits":{"tokens_per_window":1000000}})");
    admin.create(R"({"label":"other"})");
    QCOMPARE(useKey(proxy.port(), secret), 200);
    const auto told = [&] { return QJsonDocument::fromJson(bodyOf(stats(proxy.port(), secret))).object(); };
    QTRY_VERIFY(told()[QLatin1String("total_lifetime_tokens")].toInteger() > 0);
    QCOMPARE(told()[QLatin1String("name")].toString(), QStringLiteral("editor"));
    QCOMPARE(told()[QLatin1String("key")].toString(),
             QString::fromLatin1(secret.left(10)) + QStringLiteral("…"));
    QCOMPARE(told()[QLatin1String("token_limit_per_5h")].toInteger(), qint64(1'000'000));
    QCOMPARE(told()[QLatin1String("is_expired")], QJsonValue(false));
    QVERIFY(!stats(proxy.port(), secret).contains(secret));
    QVERIFY(!stats(proxy.port(), secret).contains("other"));
    QCOMPARE(statusOf(stats(proxy.port(), "weir_no_such_key")), 401);
    QCOMPARE(statusOf(stats(proxy.port(), admin.token)), 401); // that is the admin's
    // A paused one may still look.
    QVERIFY(!admin.object("PATCH", "/admin/keys/1", R"({"paused":true})").isEmpty());
    QCOMPARE(statusOf(stats(proxy.port(), secret)), 200);
}

void TestAdmin::saysWhatIsWrong()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    const AdminClient admin(kept, proxy);
    admin.create(R"({"label":"editor"})");
    const auto answers = [&](const char *method, const char *target, const QByteArray &body, int status,
                             const char *says) {
        const QByteArray answer = admin.ask(method, target, body);
        return statusOf(answer) == status && answer.contains(says);
    };
    QVERIFY(answers("POST", "/admin/keys", "{}", 400, "label is missing"));
    QVERIFY(answers("POST", "/admin/keys", R"({"label":"editor"})", 400, "another key is called 'editor'"));
    QVERIFY(answers("POST", "/admin/keys", R"({"label":"a","limit":5})", 400, "no field 'limit'"));
    QVERIFY(answers("PATCH", "/admin/keys/1", R"({"limits":{"concurrent":-1}})", 400,
                    "limits.concurrent must be"));
    QVERIFY(answers("PATCH", "/admin/keys/7", "{}", 404, "access key 7"));
    QVERIFY(answers("DELETE", "/admin/keys", {}, 405, "GET and POST are"));
    QVERIFY(answers("GET", "/admin/nothing", {}, 404, "/admin/nothing"));
    QVERIFY(answers("POST", "/admin/keys/import", "{\"keys\":[\n7]}", 400, "nothing was imported"));
    QCOMPARE(admin.object("GET", "/admin/keys")[QLatin1String("keys")].toArray().size(), qsizetype(1));
}

void TestAdmin::refusesOthers_data()
{
    QTest::addColumn<QByteArray>("headers");
    QTest::addColumn<int>("status");
    QTest::newRow("no token") << QByteArray() << 401;
    QTest::newRow("another token") << QByteArray("Authorization: Bearer " + QByteArray(64, '0') + "\r\n")
                                   << 401;
    QTest::newRow("an access key") << QByteArray("Authorization: Bearer KEY\r\n") << 401;
    QTest::newRow("the token as an API key") << QByteArray("x-api-key: TOKEN\r\n") << 401;
    QTest::newRow("a web page that knows it")
        << QByteArray("Authorization: Bearer TOKEN\r\nOrigin: https://evil.example\r\n") << 403;
    QTest::newRow("its form") << QByteArray("Authorization: Bearer TOKEN\r\nSec-Fetch-Site: cross-site\r\n")
                              << 403;
}

void TestAdmin::refusesOthers()
{
    QFETCH(QByteArray, headers);
    QFETCH(int, status);
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    const AdminClient admin(kept, proxy);
    headers.replace("KEY", admin.create(R"({"label":"editor"})")).replace("TOKEN", admin.token);
    const QString backup = kept.folder() + QStringLiteral("/copy.db");
    const QByteArray wanted = R"({"to":")" + backup.toUtf8() + R"("})";
    for (const auto &[line, body] : {std::pair<QByteArray, QByteArray>("GET /admin/keys", {}),
                                     {"POST /admin/keys", R"({"label":"mine"})"},
                                     {"DELETE /admin/keys/1", {}},
                                     {"POST /admin/keys/1/rotate", {}},
                                     {"POST /admin/backup", wanted}}) {
        RawClient client(proxy.port());
        client.send(line + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers +
                    "Content-Type: application/json\r\n" +
                    "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
        const QByteArray answer = client.takeResponse();
        QVERIFY2(statusOf(answer) == status, line + ": " + answer);
        QVERIFY(!answer.contains("editor"));
    }
    const QJsonArray keys = admin.object("GET", "/admin/keys")[QLatin1String("keys")].toArray();
    QCOMPARE(keys.size(), qsizetype(1)); // nothing was done
    QVERIFY(!QFile::exists(backup));
}

void TestAdmin::savesAllInAnotherFile()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    const AdminClient admin(kept, proxy);
    const QByteArray secret = admin.create(R"({"label":"editor"})");
    const QString file = kept.folder() + QStringLiteral("/copy.db");
    const QByteArray wanted = R"({"to":")" + file.toUtf8() + R"("})";
    QCOMPARE(admin.object("POST", "/admin/backup", wanted)[QLatin1String("backup")].toString(), file);
    QCOMPARE(QFile::permissions(file) & (QFileDevice::ReadGroup | QFileDevice::ReadOther),
             QFileDevice::Permissions());
    const qint64 size = QFileInfo(file).size();
    QVERIFY(size > 0);
    QCOMPARE(statusOf(admin.ask("POST", "/admin/backup", wanted)), 503); // it replaces nothing
    QCOMPARE(QFileInfo(file).size(), size);
    for (const char *bad :
         {R"({"to":"copy.db"})", R"({"to":""})", "{}", "[]", R"({"to":"/a","from":"/b"})", ""})
        QVERIFY2(statusOf(admin.ask("POST", "/admin/backup", bad)) == 400, bad);
    QCOMPARE(statusOf(admin.ask("GET", "/admin/backup")), 405);
}

void TestAdmin::writesNoKeyAnywhere()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    const AdminClient admin(kept, proxy);
    const QByteArray first = admin.create(R"({"label":"canary"})");
    const QByteArray second =
        admin.object("POST", "/admin/keys/1/rotate")[QLatin1String("secret")].toString().toLatin1();
    const QByteArray third = "weir_pk_0123456789abcdefghij";
    QVERIFY(
        !admin.object("POST", "/admin/keys/import", R"({"keys":[{"key":")" + third + R"("}]})").isEmpty());
    for (const QByteArray &key : {second, third})
        QCOMPARE(useKey(proxy.port(), key), 200);
    QCOMPARE(useKey(proxy.port(), first), 401);
    QTRY_COMPARE(proxy.host.saving().written, std::int64_t(2)); // the refused one is no row
    const auto isClean = [&](const QByteArray &bytes) {
        return !bytes.contains(first.mid(12)) && !bytes.contains(second.mid(12)) &&
               !bytes.contains(third.mid(12));
    };
    const keys::KeyHash hash = keys::hashOf(second.toStdString());
    const QByteArray running = kept.bytes(); // the write-ahead log, too
    QVERIFY(running.contains("canary"));     // what is looked for would be found
    QVERIFY(
        running.contains(QByteArray(reinterpret_cast<const char *>(hash.data()), qsizetype(hash.size()))));
    QVERIFY(isClean(running));
    QVERIFY(stop(proxy.host));
    QVERIFY(isClean(kept.bytes()));
}

void TestAdmin::servesNoKeysWhereNothingIsKept()
{
    const KeptUsage kept;
    ProxyFixture proxy({},
                       [](config::Config &config) { config.providers.front().auth = config::Auth::None; });
    RawClient client(proxy.port());
    client.send("GET /admin/keys HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer x\r\n\r\n");
    QCOMPARE(statusOf(client.takeResponse()), 503);
    QCOMPARE(useKey(proxy.port(), "weir_anything"), 503); // and no free pass
}

QTEST_GUILESS_MAIN(TestAdmin)
#include "tst_admin.moc"
