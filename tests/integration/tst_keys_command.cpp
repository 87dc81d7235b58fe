// SPDX-License-Identifier: GPL-3.0-or-later
// `weir-headless keys`, by a running engine and without one.
#include "integration/admin_client.h"
#include "integration/headless_command.h"
#include "store/usage_writer.h"
#include <QJsonArray>

using namespace weir;
using test::KeptUsage;
using test::Outcome;
using test::ProxyFixture;
using test::runHeadless;
using test::useKey;

namespace {

const auto Kept = [](config::Config &config) {
    config.store.enabled = true;
    config.providers.front().auth = config::Auth::None;
};

Outcome keys(const QStringList &arguments)
{
    return runHeadless(QStringList{QStringLiteral("keys")} + arguments);
}

/// Words apart from each other by one blank.
Outcome keys(const char *arguments)
{
    return keys(QString::fromUtf8(arguments).split(QLatin1Char(' ')));
}

QJsonArray listed()
{
    return QJsonDocument::fromJson(keys("list --json").out).object()[QLatin1String("keys")].toArray();
}

bool isKeyAlone(const QByteArray &out)
{
    return out.startsWith("weir_") && out.endsWith('\n') && out.count('\n') == 1 && out.size() == 49;
}

void write(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write a test's file");
}

} // namespace

class TestKeysCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void managesKeys_data();
    void managesKeys();
    void changesWhatTheRunningEngineDoes();
    void setsAllThatThereIs();
    void takesAwayWhatIsNone();
    void makesTheDatabaseForAKeyOnly();
    void saysWhichKeyItNeeds();
    void importsAFile();
    void refusesWrongUse_data();
    void refusesWrongUse();
    void helps_data();
    void helps();
    void namesKeysInUsage();
};

void TestKeysCommand::managesKeys_data()
{
    QTest::addColumn<bool>("isRunning");
    QTest::newRow("by a running engine") << true;
    QTest::newRow("in the database alone") << false;
}

void TestKeysCommand::managesKeys()
{
    QFETCH(bool, isRunning);
    const KeptUsage kept;
    std::unique_ptr<ProxyFixture> proxy;
    if (isRunning)
        proxy = std::make_unique<ProxyFixture>(simulator::Options{}, Kept);

    const Outcome made = keys("create --label editor --tokens-per-window 1000");
    QVERIFY2(made.exitCode == 0, made.err.constData());
    QVERIFY2(isKeyAlone(made.out), made.out.constData());
    QVERIFY(made.err.contains("access key 1 'editor' was made"));
    QVERIFY(!made.err.contains("weir_"));
    QCOMPARE(keys("create --label agent").exitCode, 0);

    const Outcome table = keys("list");
    QCOMPARE(table.exitCode, 0);
    QCOMPARE(table.out.count('\n'), 3);
    QVERIFY2(table.out.contains("1   editor  " + made.out.left(10) + "   in use  –        1000 tokens/5h"),
             table.out.constData());
    QVERIFY(!table.out.contains(made.out.trimmed()));

    QCOMPARE(keys("pause editor").exitCode, 0);
    QCOMPARE(listed()[0][QLatin1String("paused")], QJsonValue(true));
    QVERIFY(keys("list").out.contains("paused"));
    QCOMPARE(keys("resume 1").exitCode, 0);
    QCOMPARE(listed()[0][QLatin1String("paused")], QJsonValue(false));
    QCOMPARE(keys("rename editor writer").exitCode, 0);
    QCOMPARE(keys("set writer --concurrent 3").exitCode, 0);
    QCOMPARE(listed()[0][QLatin1String("label")].toString(), QStringLiteral("writer"));
    QCOMPARE(listed()[0][QLatin1String("limits")][QLatin1String("concurrent")].toInteger(), qint64(3));
    QCOMPARE(listed()[0][QLatin1String("limits")][QLatin1String("tokens_per_window")].toInteger(),
             qint64(1000));
    const Outcome rotated = keys("rotate writer");
    QVERIFY(isKeyAlone(rotated.out) && rotated.out != made.out);
    const Outcome deleted = keys("delete agent");
    QCOMPARE(deleted.exitCode, 0);
    QCOMPARE(deleted.out, QByteArray());
    QVERIFY(deleted.err.contains("access key 2 'agent' is deleted"));
    QCOMPARE(listed().size(), qsizetype(1));

    QVERIFY(!kept.bytes().isEmpty());
    QVERIFY(!kept.bytes().contains(made.out.mid(12).trimmed()));
    QVERIFY(!kept.bytes().contains(rotated.out.mid(12).trimmed()));
}

void TestKeysCommand::changesWhatTheRunningEngineDoes()
{
    const KeptUsage kept;
    const QByteArray before = keys("create --label early").out.trimmed(); // before it runs
    ProxyFixture proxy({}, Kept);
    QCOMPARE(useKey(proxy.port(), before), 200);
    const QByteArray key = keys("create --label late").out.trimmed();
    QCOMPARE(useKey(proxy.port(), key), 200);
    QCOMPARE(keys("pause late").exitCode, 0);
    QCOMPARE(useKey(proxy.port(), key), 403);
    QCOMPARE(keys("resume late").exitCode, 0);
    QCOMPARE(useKey(proxy.port(), key), 200);
    const QByteArray fresh = keys("rotate late").out.trimmed();
    QCOMPARE(useKey(proxy.port(), key), 401);
    QCOMPARE(useKey(proxy.port(), fresh), 200);
    QCOMPARE(keys("delete late").exitCode, 0);
    QCOMPARE(useKey(proxy.port(), fresh), 401);
    QCOMPARE(useKey(proxy.port(), before), 200);
}

void TestKeysCommand::setsAllThatThereIs()
{
    const KeptUsage kept;
    const Outcome made =
        keys("create --label all --provider zai --model glm-5 --allow-model glm-5 --allow-model "
             "glm-4 --priority background --expires 2030-01-01 --tokens-per-window 1 --window 90m "
             "--tokens-per-day 2 --tokens-per-minute 3 --requests-per-minute 4 --concurrent 5");
    QVERIFY2(made.exitCode == 0, made.err.constData());
    QJsonObject key = listed()[0].toObject();
    QVERIFY(key.take(QLatin1String("created_at")).isString());
    QVERIFY(key.take(QLatin1String("prefix")).isString());
    const QByteArray told = QJsonDocument(key).toJson(QJsonDocument::Compact);
    QCOMPARE(told, QByteArray(R"({"allowed_models":["glm-5","glm-4"],"expired":false,)"
                              R"("expires_at":"2030-01-01T00:00:00.000Z","id":1,"label":"all",)"
                              R"("last_24h":{"requests":0,"tokens":0},"last_used_at":null,)"
                              R"("limits":{"concurrent":5,"requests_per_minute":4,"tokens_per_day":2,)"
                              R"("tokens_per_minute":3,"tokens_per_window":1,"window_ms":5400000},)"
                              R"("model":"glm-5","paused":false,"priority":"background","provider":"zai"})"));
    const QByteArray table = keys("list").out;
    for (const char *shown :
         {"zai: glm-5", "1 tokens/90m, 2 tokens/day, 3 tokens/min, 4 requests/min, 5 at once",
          "2030-01-01 00:00"})
        QVERIFY2(table.contains(shown), table.constData());
    // From now on.
    QCOMPARE(keys("set all --expires 30d").exitCode, 0);
    const QDateTime expires =
        QDateTime::fromString(listed()[0][QLatin1String("expires_at")].toString(), Qt::ISODateWithMs);
    QVERIFY(std::abs(QDateTime::currentDateTimeUtc().addDays(30).secsTo(expires)) < 60);
}

void TestKeysCommand::takesAwayWhatIsNone()
{
    const KeptUsage kept;
    QCOMPARE(keys("create --label all --provider zai --model glm-5 --allow-model glm-5 --expires 1d "
                  "--tokens-per-day "
                  "2 --concurrent 5")
                 .exitCode,
             0);
    const Outcome set = keys("set all --provider none --model none --allow-any-model --expires none "
                             "--tokens-per-day none --priority background");
    QVERIFY2(set.exitCode == 0, set.err.constData());
    const QJsonObject key = listed()[0].toObject();
    QCOMPARE(key[QLatin1String("provider")].toString() + key[QLatin1String("model")].toString(), QString());
    QVERIFY(key[QLatin1String("allowed_models")].toArray().isEmpty());
    QVERIFY(key[QLatin1String("expires_at")].isNull());
    QVERIFY(key[QLatin1String("limits")][QLatin1String("tokens_per_day")].isNull());
    QCOMPARE(key[QLatin1String("limits")][QLatin1String("concurrent")].toInteger(), qint64(5));
}

void TestKeysCommand::makesTheDatabaseForAKeyOnly()
{
    const KeptUsage kept;
    const Outcome list = keys("list");
    QCOMPARE(list.exitCode, 0);
    QCOMPARE(list.out.count('\n'), 1); // its head
    QCOMPARE(keys("pause editor").exitCode, 1);
    QVERIFY(!QFile::exists(kept.folder())); // asking makes nothing
    QCOMPARE(keys("create --label editor").exitCode, 0);
    QCOMPARE(listed().size(), qsizetype(1));
}

void TestKeysCommand::saysWhichKeyItNeeds()
{
    const KeptUsage kept;
    QCOMPARE(keys("create --label one").exitCode, 0);
    QCOMPARE(keys("create --label 1").exitCode, 0); // an id to one, a label to the other
    const Outcome both = keys("pause 1");
    QCOMPARE(both.exitCode, 2);
    QVERIFY2(both.err.contains("'1' may be any of id:1, id:2"), both.err.constData());
    QCOMPARE(listed()[0][QLatin1String("paused")], QJsonValue(false));
    QCOMPARE(keys("pause id:2").exitCode, 0);
    QCOMPARE(listed()[1][QLatin1String("paused")], QJsonValue(true));
    const Outcome none = keys("delete on");
    QCOMPARE(none.exitCode, 1);
    QVERIFY2(none.err.contains("no access key has the id or label 'on'"), none.err.constData());
    QCOMPARE(listed().size(), qsizetype(2));
}

void TestKeysCommand::importsAFile()
{
    const KeptUsage kept;
    QTemporaryDir folder;
    const QString good = folder.filePath(QStringLiteral("apikeys.json"));
    write(good, R"({"keys":[{"key":"weir_pk_one","name":"one","token_limit_per_5h":500},
                            {"key":"pk_two","name":"two"}]})");
    const QString bad = folder.filePath(QStringLiteral("bad.json"));
    write(bad,
          "{\"keys\":[\n{\"key\":\"pk_three\"},\n{\"key\":\"pk_four\",\"token_limit_per_5h\":\"many\"}]}");

    const Outcome broken = keys({QStringLiteral("import"), bad});
    QCOMPARE(broken.exitCode, 1);
    QVERIFY2(broken.err.contains("nothing was imported: line 3: \"token_limit_per_5h\""),
             broken.err.constData());
    QVERIFY(!broken.err.contains("pk_four"));
    QVERIFY(listed().isEmpty());
    const Outcome done = keys({QStringLiteral("import"), good});
    QVERIFY2(done.exitCode == 0, done.err.constData());
    QVERIFY2(done.err.contains("2 imported, 0 known already"), done.err.constData());
    {
        ProxyFixture proxy({}, Kept); // the same by a running engine
        QVERIFY(keys({QStringLiteral("import"), good}).err.contains("0 imported, 2 known already"));
        const Outcome again = keys({QStringLiteral("import"), bad});
        QCOMPARE(again.err, broken.err);
        QCOMPARE(useKey(proxy.port(), "weir_pk_one"), 200);
    }
    QCOMPARE(listed().size(), qsizetype(2));
    const Outcome missing = keys({QStringLiteral("import"), folder.filePath(QStringLiteral("none.json"))});
    QCOMPARE(missing.exitCode, 1);
    QVERIFY2(missing.err.contains("none.json: "), missing.err.constData());
}

void TestKeysCommand::refusesWrongUse_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char *name, const char *arguments, const char *says) {
        QTest::newRow(name) << QString::fromLatin1(arguments).split(QLatin1Char(' '), Qt::SkipEmptyParts)
                            << QByteArray(says);
    };
    row("nothing", "", "what shall be done with keys?");
    row("an unknown command", "make", "there is no command 'make'");
    row("an unknown option", "create --label a --tokens 5", "Unknown option 'tokens'");
    row("no label", "create --concurrent 3", "a key needs a name: --label LABEL");
    row("a label that is taken", "create --label taken", "another key is called 'taken'");
    row("an argument too many", "create --label a b", "unexpected argument 'b'");
    row("no key", "pause", "KEY is missing");
    row("no label to rename to", "rename taken", "LABEL is missing");
    row("nothing to set", "set taken", "nothing is to be changed");
    row("no number", "set taken --concurrent many",
        "--concurrent needs a whole number, or 'none', not 'many'");
    row("too small a number", "set taken --tokens-per-day 0", "limits.tokens_per_day must be a whole number");
    row("a negative number", "set taken --tokens-per-day=-1", "limits.tokens_per_day must be a whole number");
    row("no length of time", "set taken --window 5", "--window needs a length of time");
    row("too long a window", "set taken --window 8d", "limits.window_ms must be");
    row("no time", "set taken --expires soon", "--expires needs a date");
    row("another priority", "set taken --priority high", "priority must be");
    row("twice", "set taken --window 5h --window 6h", "--window is there twice");
    row("all models and some", "set taken --allow-model a --allow-any-model", "exclude each other");
}

void TestKeysCommand::refusesWrongUse()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, says);
    const KeptUsage kept;
    QCOMPARE(keys("create --label taken").exitCode, 0);
    const QJsonArray before = listed();
    const Outcome outcome = keys(arguments);
    QVERIFY2(outcome.exitCode == 2, outcome.err.constData());
    QCOMPARE(outcome.out, QByteArray());
    QVERIFY2(outcome.err.contains(says), outcome.err.constData());
    QCOMPARE(outcome.err.count('\n'), 1);
    QCOMPARE(listed(), before);
}

void TestKeysCommand::helps_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char *arguments, const char *says) {
        QTest::newRow(arguments) << QString::fromLatin1(arguments).split(QLatin1Char(' '))
                                 << QByteArray(says);
    };
    row("keys --help", "Usage: weir-headless keys COMMAND");
    row("keys create --help", "Usage: weir-headless keys create [options]");
    row("keys rename -h", "Usage: weir-headless keys rename [options] KEY LABEL");
    row("usage --help", "Usage: weir-headless usage [options]");
    row("backup --help", "Usage: weir-headless backup [options] FILE");
    row("restore --help", "Usage: weir-headless restore [options] FILE");
    row("--help", "weir-headless keys ");
}

void TestKeysCommand::helps()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, says);
    const KeptUsage kept;
    const Outcome outcome = runHeadless(arguments);
    QCOMPARE(outcome.exitCode, 0);
    QVERIFY2(outcome.out.contains(says), outcome.out.constData());
    QCOMPARE(outcome.err, QByteArray());
    QVERIFY(!QFile::exists(kept.folder()));
}

void TestKeysCommand::namesKeysInUsage()
{
    const KeptUsage kept;
    QCOMPARE(keys("create --label editor").exitCode, 0);
    QCOMPARE(keys("create --label gone").exitCode, 0);
    {
        const auto database = kept.open();
        QVERIFY(database);
        std::vector<store::UsageRow> rows(3);
        for (std::size_t at = 0; at < rows.size(); ++at) {
            rows[at].sequence = std::int64_t(at);
            rows[at].keyId = std::int64_t(at);
            rows[at].at = base::SystemClock().wallNow();
        }
        QVERIFY(store::writeUsage(*database, rows));
    }
    QCOMPARE(keys("delete gone").exitCode, 0);
    const QStringList byKey{QStringLiteral("usage"), QStringLiteral("--by"), QStringLiteral("key")};
    const Outcome table = runHeadless(byKey);
    for (const char *line : {"\n–  ", "\neditor  ", "\ndeleted key 2  "})
        QVERIFY2(table.out.contains(line), table.out.constData());
    const Outcome csv = runHeadless(byKey + QStringList{QStringLiteral("--csv")});
    QVERIFY2(csv.out.contains("\"editor\",1,") && csv.out.contains("\"deleted key 2\",1,"),
             csv.out.constData());
    const Outcome json = runHeadless(byKey + QStringList{QStringLiteral("--json")});
    QVERIFY2(json.out.contains(R"("label":"editor","name":"1")"), json.out.constData());
}

QTEST_GUILESS_MAIN(TestKeysCommand)
#include "tst_keys_command.moc"
