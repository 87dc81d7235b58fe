// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/names.h"

#include "config/config_source.h"
#include "config/settings.h"
#include "unit/config/config_fixture.h"
#include <QTest>
#include <set>

using namespace weir::config;
using namespace weir::test;

class TestNames : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void suggestsTheNearest_data();
    void suggestsTheNearest();
    void tellsOfASetting_data();
    void tellsOfASetting();
    void tellsOfATable_data();
    void tellsOfATable();
    void findsEverySettingMistyped();
    void refusesEveryMemberMistyped_data();
    void refusesEveryMemberMistyped();
};

void TestNames::suggestsTheNearest_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("nearest");
    const auto row = [](const char *name, const QByteArray &key, const char *nearest) {
        QTest::newRow(name) << key << QByteArray(nearest);
    };
    row("one letter wrong", "pool.mex", "pool.max");
    row("one letter more", "limits.memory_budgett", "limits.memory_budget");
    row("two letters swapped", "limits.memroy_budget", "limits.memory_budget");
    row("section misspelt", "timeout.idle_ms", "timeouts.idle_ms");
    row("section forgotten", "first_byte_ms", "timeouts.first_byte_ms");
    row("section forgotten and a letter wrong", "memory_budgett", "limits.memory_budget");
    row("dash for underscore", "limits.body-max", "limits.body_max");
    row("capitals", "LIMITS.BODY_MAX", "limits.body_max");
    row("nothing like it", "cache.max_entries", "");
    row("empty", "", "");
    row("far too long", QByteArray(100'000, 'p'), "");
}

void TestNames::suggestsTheNearest()
{
    QFETCH(QByteArray, key);
    const std::string_view nearest = nearestName(keysOf(settings()), key.toStdString());
    QTEST(QByteArray(nearest.data(), qsizetype(nearest.size())), "nearest");
}

void TestNames::tellsOfASetting_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<bool>("isGuard");
    QTest::addColumn<QByteArray>("what");
    const auto row = [](const char *name, const char *key, bool isGuard, const char *what) {
        QTest::newRow(name) << QByteArray(key) << isGuard << QByteArray(what);
    };
    row("near a limit", "limits.memory_budgett", true,
        "there is no setting 'limits.memory_budgett' (did you mean 'limits.memory_budget'?)");
    row("near none, so all are told", "keys.zzzzzzzzz", true,
        "there is no setting 'keys.zzzzzzzzz' ([keys] has cache_size, cache_ttl_ms, output_estimate, "
        "weight_cached, weight_cache_write)");
    row("near none, where it does no harm", "profiling.zzzzzzzzz", false,
        "there is no setting 'profiling.zzzzzzzzz' ([profiling] has enabled, keep)");
    row("who is let in", "listen.allow_origin", true,
        "there is no setting 'listen.allow_origin' (did you mean 'listen.allow_origins'?)");
    row("who is asked", "route.antropic", true,
        "there is no setting 'route.antropic' (did you mean 'route.anthropic'?)");
    row("a limit in another table", "pool.requests_per_minute", true,
        "there is no setting 'pool.requests_per_minute' (did you mean 'limits.requests_per_minute'?)");
    row("a limit in no table", "memory_budget", true,
        "there is no setting 'memory_budget' (did you mean 'limits.memory_budget'?)");
    row("a table below one", "limits.memory", true,
        "there is no setting 'limits.memory' ([limits] has exchanges_max, body_max, body_hold, "
        "memory_budget, tokens_per_window, window_ms, tokens_per_day, tokens_per_minute, "
        "requests_per_minute, concurrent)");
    row("of a provider", "provider.local.allow_plain_htp", true,
        "there is no setting 'provider.local.allow_plain_htp' (did you mean "
        "'provider.local.allow_plain_http'?)");
    row("of a provider, near none", "provider.local.headers", true,
        "there is no setting 'provider.local.headers' ([[provider]] has name, openai_base, anthropic_base, "
        "auth, key_env, ca_file, transport, allow_plain_http)");
    row("of an alias, near none", "alias.12.zzzzz", true,
        "there is no setting 'alias.12.zzzzz' ([[alias]] has match, model, provider)");
    row("of a price", "price.1.outptu", true,
        "there is no setting 'price.1.outptu' (did you mean 'price.1.output'?)");
    row("a table as a value", "limits", true,
        "there is no setting 'limits': it is a table, written [limits]");
    row("the same where it does no harm", "pool", false,
        "there is no setting 'pool': it is a table, written [pool]");
    row("a list nearly called like one", "providers", true,
        "there is no table 'providers' (did you mean [[provider]]?)");
    row("of a later version's table", "cache.ttl_ms", false, "there is no setting 'cache.ttl_ms'");
    row("of one that has a limit of its own", "cache.concurrent", false,
        "there is no setting 'cache.concurrent'");
    row("a later version's value", "theme", false, "there is no setting 'theme'");
    row("a control byte", "limits.body_max\n", true,
        "there is no setting 'limits.body_max?' (did you mean 'limits.body_max'?)");
}

void TestNames::tellsOfASetting()
{
    QFETCH(QByteArray, key);
    const UnknownSetting unknown = unknownSetting(key.toStdString());
    QTEST(QByteArray::fromStdString(unknown.what), "what");
    QTEST(unknown.isGuard, "isGuard");
}

void TestNames::tellsOfATable_data()
{
    QTest::addColumn<QByteArray>("wrong");
    const auto row = [](const char *name, const char *meant) {
        QTest::newRow(name) << QByteArray("there is no table '") + name + "' (did you mean " + meant + "?)";
    };
    row("limit", "[limits]");
    row("Limits", "[limits]");
    row("LIMITS", "[limits]");
    row("lmits", "[limits]");
    row("listener", "[listen]");
    row("key", "[keys]");
    row("routes", "[route]");
    row("providers", "[[provider]]");
    row("aliases", "[[alias]]");
    row("prices", "[[price]]");
    // They are there; or are near what guards nothing; or come with a later version.
    for (const char *fine : {"limits", "pool", "listen", "provider", "alias", "price", "store", "pools",
                             "timeout", "cache", "window", "log", "models", "ui"})
        QTest::newRow(fine) << QByteArray();
}

void TestNames::tellsOfATable()
{
    const auto wrong = wrongWithTable(QTest::currentDataTag());
    QTEST(QByteArray::fromStdString(wrong.value_or("")), "wrong");
}

/// Each setting with one letter more, in a file: told as an error or as a notice, with what was meant.
void TestNames::findsEverySettingMistyped()
{
    const std::set<std::string> harmless{"timeouts", "pool",     "profiling",
                                         "store",    "upstream", "default_model"};
    int errors = 0;
    int notices = 0;
    for (const Setting<Config> &setting : settings()) {
        const std::string key(setting.key);
        Sources sources = builtIns();
        sources.fileText = key + "x = 1\n"; // dotted, as TOML has it
        const Loaded loaded = load(sources);
        const bool isHarmless = harmless.contains(key.substr(0, key.find('.')));
        QCOMPARE(loaded.config.has_value(), isHarmless);
        const QString message = told(isHarmless ? loaded.notices : loaded.problems);
        QCOMPARE(message,
                 QString::fromStdString("weir.toml:1: there is no setting '" + key + "x' (did you mean '" +
                                        key + "'?)" + (isHarmless ? "; it is ignored" : "")));
        (isHarmless ? notices : errors) += 1;
    }
    QVERIFY(errors > 20 && notices > 20);
}

void TestNames::refusesEveryMemberMistyped_data()
{
    QTest::addColumn<QByteArray>("entry");
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("name");
    const auto rows = [](const char *table, const char *entry, const char *key, const auto &members) {
        for (const auto &member : members) {
            const QByteArray name = QByteArray::fromStdString(std::string(member.key));
            QTest::newRow((table + QByteArray(" ") + name).constData())
                << "[[" + QByteArray(table) + "]]\n" + entry << QByteArray(key) << name;
        }
    };
    rows("provider", "name=\"a\"\nopenai_base=\"https://h\"\n", "provider.a.", providerSettings());
    rows("alias", "match=\"a\"\nmodel=\"b\"\n", "alias.1.", aliasSettings());
    rows("price", "match=\"a\"\ninput=1\n", "price.1.", priceSettings());
}

void TestNames::refusesEveryMemberMistyped()
{
    QFETCH(QByteArray, entry);
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, name);
    Sources sources = builtIns();
    sources.fileText = (entry + name + "x = 1\n").toStdString();
    const Loaded loaded = load(sources);
    QVERIFY(!loaded.config);
    QCOMPARE(told(loaded.problems), QString::fromUtf8("weir.toml:4: there is no setting '" + key + name +
                                                      "x' (did you mean '" + key + name + "'?)"));
}

QTEST_GUILESS_MAIN(TestNames)
#include "tst_names.moc"
