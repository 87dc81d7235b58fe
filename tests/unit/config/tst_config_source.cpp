// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/config_source.h"

#include "unit/config/config_fixture.h"
#include <QTest>
#include <random>

using namespace weir::config;
using namespace weir::test;

class TestConfigSource : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutSourcesTheDefaultsHold();
    void everySettingCanBeSetInAFile();
    void aliasesInTheirOrder();
    void holdFollowsABudget();
    void strongerSourcesWin();
    void emptyVariablesAreUnset();
    void environmentSetsTheBuiltInBases();
    void providersOfAFile();
    void providersOfTheCommandLine();
    void minimumFollowsAMaximum();
    void noPrefixYieldsHalfAConfig();
    void mutationsNeverCrash();
};

namespace {

/// The config; a test that fails here shows the problems.
Config loaded(const Sources &sources)
{
    const Loaded result = load(sources);
    if (!result.config)
        qWarning("%s", qPrintable(told(result.problems)));
    return result.config.value_or(Config());
}

const Provider *provider(const Config &config, const std::string &name)
{
    for (const Provider &known : config.providers) {
        if (known.name == name)
            return &known;
    }
    return nullptr;
}

} // namespace

void TestConfigSource::withoutSourcesTheDefaultsHold()
{
    const Loaded result = load(builtIns());
    QCOMPARE(told(result.problems), QString());
    QCOMPARE(told(result.notices), QString());
    QVERIFY(result.config);
    QCOMPARE(result.config->listen.port, 8484);
    QCOMPARE(result.config->pool.min, 2);
    QCOMPARE(result.config->providers.size(), std::size_t(3));
    QCOMPARE(provider(*result.config, "zai")->anthropicBase, "https://api.z.ai/anthropic");
    QVERIFY(provider(*result.config, "openai")->anthropicBase.empty());
}

void TestConfigSource::everySettingCanBeSetInAFile()
{
    Sources sources = builtIns();
    sources.fileText = WholeFile;
    const Loaded result = load(sources);
    QCOMPARE(told(result.notices), QString());
    const Config config = loaded(sources);
    QCOMPARE(config.listen.address, "::1");
    QCOMPARE(config.listen.port, 9000);
    QCOMPARE(config.listen.connectionsMax, 10);
    QCOMPARE(config.limits.exchangesMax, 11);
    QCOMPARE(config.limits.bodyMax, std::int64_t(12000));
    QCOMPARE(config.limits.bodyHold, std::int64_t(1300));
    QCOMPARE(config.limits.memoryBudget, std::int64_t(14000));
    QCOMPARE(config.defaultModel, "glm-4.6");
    QCOMPARE(config.timeouts.headMs, 101);
    QCOMPARE(config.timeouts.bodyIdleMs, 102);
    QCOMPARE(config.timeouts.bodyMs, 109);
    QCOMPARE(config.timeouts.bodyRate, 110);
    QCOMPARE(config.timeouts.keepaliveMs, 103);
    QCOMPARE(config.timeouts.writeStallMs, 104);
    QCOMPARE(config.timeouts.connectMs, 105);
    QCOMPARE(config.timeouts.firstByteMs, 106);
    QCOMPARE(config.timeouts.idleMs, 107);
    QCOMPARE(config.pool.min, 3);
    QCOMPARE(config.pool.max, 4);
    QCOMPARE(config.pool.warm, true);
    QCOMPARE(config.pool.queueMax, 5);
    QCOMPARE(config.pool.queueWaitMs, 108);
    QCOMPARE(config.route.anthropic, "zai");
    QCOMPARE(config.route.openai, "local");
    QCOMPARE(config.profiling.enabled, false);
    QCOMPARE(config.profiling.keep, 14);
    QCOMPARE(config.useSystemProxy, true);
}

void TestConfigSource::aliasesInTheirOrder()
{
    Sources sources = builtIns();
    sources.fileText = WholeFile;
    const Config config = loaded(sources);
    QCOMPARE(config.aliases.size(), std::size_t(2));
    QCOMPARE(config.aliases[0].match, "claude-*");
    QCOMPARE(config.aliases[0].model, "glm-4.6");
    QCOMPARE(config.aliases[0].provider, "zai");
    QCOMPARE(config.aliases[1].match, "fast");
    QCOMPARE(config.aliases[1].provider, "");
}

void TestConfigSource::holdFollowsABudget()
{
    Sources sources = builtIns();
    sources.assignments = {given("limits.memory_budget", "1000")};
    QCOMPARE(loaded(sources).limits.bodyHold, std::int64_t(1000));
}

void TestConfigSource::strongerSourcesWin()
{
    Sources sources = builtIns();
    sources.fileText = "[listen]\nport = 1001\n[pool]\nmax = 11\nmin = 4\n";
    sources.environment = {{"WEIR_PORT", "1002"}, {"POOL_MAX_CONNECTIONS", "12"}, {"PORT", "77"}};
    sources.assignments = {given("listen.port", "1003"), given("listen.port", "1004")};
    const Config config = loaded(sources);
    QCOMPARE(config.listen.port, 1004);
    QCOMPARE(config.pool.max, 12);
    QCOMPARE(config.pool.min, 4);
    QCOMPARE(config.pool.queueMax, 256);
}

void TestConfigSource::emptyVariablesAreUnset()
{
    Sources sources = builtIns();
    sources.environment = {{"WEIR_PORT", ""}, {"OPENAI_API_BASE", ""}, {"POOL_WARM", ""}};
    const Config config = loaded(sources);
    QCOMPARE(config.listen.port, 8484);
    QCOMPARE(provider(config, "openai")->openaiBase, "https://api.openai.com/v1");
}

void TestConfigSource::environmentSetsTheBuiltInBases()
{
    Sources sources = builtIns();
    sources.environment = {{"ZAI_API_BASE", "https://z.example/v4"},
                           {"ANTHROPIC_API_BASE", "https://a.example"},
                           {"OPENAI_API_BASE", "https://o.example/v1"},
                           {"POOL_MIN_CONNECTIONS", "1"},
                           {"POOL_WARM", "true"},
                           {"DEFAULT_MODEL", "m"},
                           {"PROFILING_ENABLED", "false"}};
    const Config config = loaded(sources);
    QCOMPARE(provider(config, "zai")->openaiBase, "https://z.example/v4");
    QCOMPARE(provider(config, "zai")->anthropicBase, "https://api.z.ai/anthropic");
    QCOMPARE(provider(config, "anthropic")->anthropicBase, "https://a.example");
    QCOMPARE(provider(config, "openai")->openaiBase, "https://o.example/v1");
    QCOMPARE(config.pool.min, 1);
    QCOMPARE(config.pool.warm, true);
    QCOMPARE(config.defaultModel, "m");
    QCOMPARE(config.profiling.enabled, false);
}

void TestConfigSource::providersOfAFile()
{
    Sources sources = builtIns();
    sources.fileText =
        std::string(WholeFile) + "[[provider]]\nname = \"openai\"\nanthropic_base = \"https://both\"\n";
    const Config config = loaded(sources);
    QCOMPARE(config.providers.size(), std::size_t(5));
    const Provider *local = provider(config, "local");
    QVERIFY(local && local->auth == Auth::None && local->transport == Transport::Qnam);
    QCOMPARE(local->openaiBase, "http://127.0.0.1:11434/v1");
    QCOMPARE(local->caFile, "/etc/ca.pem");
    QVERIFY(provider(config, "lan")->allowPlainHttp);
    QVERIFY(provider(config, "lan")->auth == Auth::PassThrough);
    // An entry named like a built-in one changes it and leaves the rest of it.
    QCOMPARE(provider(config, "openai")->anthropicBase, "https://both");
    QCOMPARE(provider(config, "openai")->openaiBase, "https://api.openai.com/v1");
}

void TestConfigSource::providersOfTheCommandLine()
{
    Sources sources = builtIns();
    sources.fileText = WholeFile;
    sources.assignments = {
        given("provider.local.openai_base", "https://other/v1"), given("provider.zai.transport", "qnam"),
        given("provider.new-one.anthropic_base", "http://192.168.0.1:80"),
        given("provider.new-one.allow_plain_http", "yes"), given("route.anthropic", "new-one")};
    const Config config = loaded(sources);
    QCOMPARE(config.providers.size(), std::size_t(6));
    QCOMPARE(provider(config, "local")->openaiBase, "https://other/v1");
    QVERIFY(provider(config, "local")->auth == Auth::None);
    QVERIFY(provider(config, "zai")->transport == Transport::Qnam);
    QCOMPARE(provider(config, "new-one")->anthropicBase, "http://192.168.0.1:80");
}

void TestConfigSource::minimumFollowsAMaximum()
{
    // Who asks for one lane at most has not asked for two at least.
    Sources sources = builtIns();
    sources.assignments = {given("pool.max", "1")};
    QCOMPARE(loaded(sources).pool.min, 1);
    sources.assignments.push_back(given("pool.min", "2"));
    QCOMPARE(told(load(sources).problems),
             QStringLiteral("--set pool.min: 'pool.min' must not be larger than pool.max (2 > 1)"));
}

void TestConfigSource::noPrefixYieldsHalfAConfig()
{
    const std::string whole = WholeFile;
    Sources sources = builtIns();
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        sources.fileText = whole.substr(0, length);
        const Loaded result = load(sources);
        QVERIFY2(result.config.has_value() == result.problems.empty(), qPrintable(QString::number(length)));
        for (const Problem &problem : result.problems)
            QVERIFY(!problem.where.empty() && !problem.what.empty());
    }
}

void TestConfigSource::mutationsNeverCrash()
{
    std::mt19937 random(20'260'101); // the same mutations in each run
    const std::string whole = WholeFile;
    Sources sources = builtIns();
    for (int round = 0; round < 3'000; ++round) {
        std::string text = whole;
        for (unsigned change = random() % 4; change < 4; ++change) {
            const std::size_t at = random() % text.size();
            const char byte = static_cast<char>(random() % 256);
            switch (random() % 3) {
            case 0:
                text[at] = byte;
                break;
            case 1:
                text.insert(at, 1, byte);
                break;
            default:
                text.erase(at, 1 + random() % 20);
            }
        }
        sources.fileText = text;
        const Loaded result = load(sources);
        QCOMPARE(result.config.has_value(), result.problems.empty());
    }
}

QTEST_GUILESS_MAIN(TestConfigSource)
#include "tst_config_source.moc"
