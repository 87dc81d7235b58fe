// SPDX-License-Identifier: GPL-3.0-or-later
// An access key goes to a provider that is there, whoever makes or changes it.
#include "integration/admin_client.h"
#include "integration/headless_command.h"
#include <QJsonArray>
#include <QTemporaryDir>

using namespace weir;
using test::AdminClient;
using test::KeptUsage;
using test::Outcome;
using test::ProxyFixture;
using test::runHeadless;

namespace {

void addSecond(config::Config &config)
{
    config.store.enabled = true;
    config.providers.push_back(config.providers.front());
    config.providers.back().name = "second";
}

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

void write(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write a test's file");
}

} // namespace

class TestKeyProviders : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void goesToAProviderThatIsThere();
    void asksTheRunningEngineForItsProviders();
    void isHeldOverHttpToo();
};

void TestKeyProviders::goesToAProviderThatIsThere()
{
    const KeptUsage kept;
    const Outcome refused = keys("create --label a --provider local");
    QCOMPARE(refused.exitCode, 2);
    QVERIFY2(refused.err.contains("provider: there is no provider 'local' (known: zai, anthropic, openai)"),
             refused.err.constData());
    QCOMPARE(listed().size(), qsizetype(0));

    // Where no Weir runs, the file says what there is, as it would for a Weir that is started with it.
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("weir.toml"));
    write(file, "[[provider]]\nname = \"local\"\nopenai_base = \"http://127.0.0.1:1/v1\"\n");
    const QStringList config{QStringLiteral("--config"), file};
    const QStringList toLocal{QStringLiteral("--provider"), QStringLiteral("local")};
    const QStringList create{QStringLiteral("create"), QStringLiteral("--label"), QStringLiteral("a")};
    const QStringList set{QStringLiteral("set"), QStringLiteral("a")};
    const Outcome made = keys(create + toLocal + config);
    QVERIFY2(made.exitCode == 0, made.err.constData());
    QCOMPARE(keys("set a --provider zai").exitCode, 0);
    QCOMPARE(keys(set + toLocal).exitCode, 2);
    QCOMPARE(listed()[0][QLatin1String("provider")].toString(), QStringLiteral("zai"));
    QCOMPARE(keys(set + toLocal + config).exitCode, 0);
    QCOMPARE(keys("pause a").exitCode, 0); // also where it is not known any more

    write(file, "[limit]\n");
    const Outcome broken =
        keys(set + QStringList{QStringLiteral("--provider"), QStringLiteral("zai")} + config);
    QCOMPARE(broken.exitCode, 1);
    QVERIFY2(broken.err.contains("weir.toml:1: there is no table 'limit'"), broken.err.constData());
}

void TestKeyProviders::asksTheRunningEngineForItsProviders()
{
    const KeptUsage kept;
    const ProxyFixture proxy({}, addSecond);
    const Outcome refused = keys("create --label a --provider zai");
    QCOMPARE(refused.exitCode, 2);
    QVERIFY2(refused.err.contains("there is no provider 'zai' (known: sim, second)"),
             refused.err.constData());
    QCOMPARE(keys("create --label a --provider second").exitCode, 0);
    QCOMPARE(keys("set a --provider zai").exitCode, 2);
    QCOMPARE(keys("set a --provider sim").exitCode, 0);
    QCOMPARE(listed()[0][QLatin1String("provider")].toString(), QStringLiteral("sim"));
}

void TestKeyProviders::isHeldOverHttpToo()
{
    const KeptUsage kept;
    const ProxyFixture proxy({}, addSecond);
    const AdminClient admin(kept, proxy);
    const QByteArray refused = admin.ask("POST", "/admin/keys", R"({"label":"a","provider":"zai"})");
    QCOMPARE(test::statusOf(refused), 400);
    QVERIFY2(refused.contains("provider: there is no provider 'zai' (known: sim, second)"),
             refused.constData());
    QVERIFY(!admin.create(R"({"label":"a","provider":"sim"})").isEmpty());
    QCOMPARE(test::statusOf(admin.ask("PATCH", "/admin/keys/1", R"({"provider":"zai"})")), 400);
    const QJsonObject moved = admin.object("PATCH", "/admin/keys/1", R"({"provider":"second"})");
    QCOMPARE(moved[QLatin1String("provider")].toString(), QStringLiteral("second"));
}

QTEST_GUILESS_MAIN(TestKeyProviders)
#include "tst_key_providers.moc"
