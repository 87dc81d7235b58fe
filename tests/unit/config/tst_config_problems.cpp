// SPDX-License-Identifier: GPL-3.0-or-later
// What is told when something is wrong, and that nothing is applied then. See also tst_config_source.cpp.
#include "config/config_source.h"

#include "unit/config/config_fixture.h"
#include <QTest>

using namespace weir::config;
using namespace weir::test;

class TestConfigProblems : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void problems_data();
    void problems();
    void everyProblemIsReported();
    void notices_data();
    void notices();
    void unusedVariablesAreToldOf();
};

void TestConfigProblems::problems_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QByteArray>("variable"); // NAME=value
    QTest::addColumn<QByteArray>("assignment");
    QTest::addColumn<QString>("found");
    const auto row = [](const char *name, const char *file, const char *variable, const char *assignment,
                        const char *found) {
        QTest::newRow(name) << QByteArray(file) << QByteArray(variable) << QByteArray(assignment)
                            << QString::fromUtf8(found);
    };
    row("a number out of range", "[pool]\n\nmax = 900\n", "", "",
        "weir.toml:3: 'pool.max' must be between 1 and 64, not 900");
    row("a wrong type", "[listen]\nport = \"8484\"\n", "", "",
        "weir.toml:2: 'listen.port' must be a whole number, not '8484'");
    row("a table for a number", "[pool.max]\na = 1\n", "", "",
        "weir.toml:1: 'pool.max' must be a whole number, not a table");
    row("a fraction", "[timeouts]\nidle_ms = 1e3\n", "", "",
        "weir.toml:2: 'timeouts.idle_ms' must be a whole number, not a number with a fraction");
    row("a wrong type in a provider",
        "[[provider]]\nname = \"a\"\nopenai_base = 1\nanthropic_base=\"https://h\"\n", "", "",
        "weir.toml:3: 'provider.a.openai_base' must be a text, not 1");
    row("a word that is no choice", "", "", "provider.zai.auth=kept",
        "--set provider.zai.auth: 'provider.zai.auth' must be 'pass-through' or 'none' or 'stored', not "
        "'kept'");
    row("a variable", "", "WEIR_PORT=http", "",
        "environment WEIR_PORT: 'listen.port' must be a whole number, not 'http'");
    row("a flag in a variable", "", "POOL_WARM=maybe", "",
        "environment POOL_WARM: 'pool.warm' must be true or false, not 'maybe'");
    row("a base in a variable", "", "OPENAI_API_BASE=api.example", "",
        "environment OPENAI_API_BASE: 'provider.openai.openai_base' must be an http or https URL");
    row("an assignment", "", "", "listen.port=65536",
        "--set listen.port: 'listen.port' must be between 0 and 65535, not 65536");
    row("an unknown key typed by hand", "", "", "pool.mox=1",
        "--set pool.mox: there is no setting 'pool.mox' (did you mean 'pool.max'?)");
    row("an unknown key of a provider typed by hand", "", "", "provider.local.openai-base=https://h",
        "--set provider.local.openai-base: there is no setting 'provider.local.openai-base' (did you mean "
        "'provider.local.openai_base'?)");
    row("a key without a section", "", "", "port=1",
        "--set port: there is no setting 'port' (did you mean 'listen.port'?)");
    row("a provider's key without a name", "", "", "provider.openai_base=https://h",
        "--set provider.openai_base: there is no setting 'provider.openai_base'");
    row("a provider's name that is none", "", "", "provider.Local.openai_base=https://h",
        "--set provider.Local.openai_base: 'provider.Local.openai_base' does not name a provider: 1 to 32 "
        "small "
        "letters, digits, '-' and '_', beginning with a letter or digit, and not 'v1'");
    row("a provider renamed", "", "", "provider.zai.name=other",
        "--set provider.zai.name: 'provider.zai.name' cannot be changed");
    row("a control character", "", "", "listen.port=1\n2",
        "--set listen.port: 'listen.port' must be a whole number, not '1?2'");
    row("an alias without a model", "\n[[alias]]\nmatch = \"a\"\n", "", "",
        "weir.toml:2: this alias has no model");
    row("an alias without a match", "[[alias]]\nmodel = \"a\"\n", "", "",
        "weir.toml:1: this alias has no match");
    row("an alias whose model is misspelt", "[[alias]]\nmatch = \"a\"\nmodle = \"b\"\n", "", "",
        "weir.toml:1: this alias has no model (did you mean it by 'modle' in line 3?)");
    row("a price whose input is misspelt", "[[price]]\nmatch = \"a\"\noutput = 2\nInput = 3\n", "", "",
        "weir.toml:1: this price has no input (did you mean it by 'Input' in line 4?)");
    row("a provider whose name is misspelt", "[[provider]]\nnane = \"a\"\n", "", "",
        "weir.toml:1: this provider has no name (did you mean it by 'nane' in line 2?)");
    row("aliases as a table", "[alias]\nmatch = \"a\"\n", "", "",
        "weir.toml:1: aliases are written as [[alias]] entries, each with match and model");
    row("a price without an input", "[[price]]\nmatch = \"a\"\n", "", "",
        "weir.toml:1: this price has no input");
    row("a price that is a text", "[[price]]\nmatch = \"a\"\ninput = \"3\"\n", "", "",
        "weir.toml:3: 'price.1.input' must be an amount of dollars between 0 and 100000, not '3'");
    row("a price below nothing", "[[price]]\nmatch = \"a\"\ninput = -0.5\n", "", "",
        "weir.toml:3: 'price.1.input' must be an amount of dollars between 0 and 100000, not a number with a "
        "fraction");
    row("a price that is no number", "[[price]]\nmatch = \"a\"\ninput = nan\n", "", "",
        "weir.toml:3: 'price.1.input' must be an amount of dollars between 0 and 100000, not a number with a "
        "fraction");
    row("a price of nobody's", "[[price]]\nmatch = \"a\"\ninput = 1\nprovider = \"nobody\"\n", "", "",
        "weir.toml:4: 'price.1.provider' names 'nobody', but there is no such provider (known: zai, "
        "anthropic, "
        "openai)");
    row("a price on the command line", "", "", "price.1.input=1",
        "--set price.1.input: prices are set in the file only, as [[price]] entries");
    row("an empty match", "[[alias]]\nmatch = \"\"\nmodel = \"b\"\n", "", "",
        "weir.toml:2: 'alias.1.match' must not be empty");
    row("an empty model, of the second alias",
        "[[alias]]\nmatch = \"a\"\nmodel = \"b\"\n[[alias]]\nmatch = \"a\"\nmodel = \"\"\n", "", "",
        "weir.toml:6: 'alias.2.model' must not be empty");
    row("a number for a match", "[[alias]]\nmatch = 1\nmodel = \"b\"\n", "", "",
        "weir.toml:2: 'alias.1.match' must be a text, not 1");
    row("an alias for an unknown provider", "[[alias]]\nmatch = \"a\"\nmodel = \"b\"\nprovider = \"zia\"\n",
        "", "",
        "weir.toml:4: 'alias.1.provider' names 'zia', but there is no such provider (known: zai, anthropic, "
        "openai)");
    row("an alias typed by hand", "", "", "alias.1.model=a",
        "--set alias.1.model: aliases are set in the file only, as [[alias]] entries");
    row("a default model that is not UTF-8", "", "DEFAULT_MODEL=\xFF", "",
        "environment DEFAULT_MODEL: 'default_model' must be UTF-8");
    row("more held of one body than of all", "[limits]\nbody_hold = 2\nmemory_budget = 1\n", "", "",
        "weir.toml:2: 'limits.body_hold' must not be larger than limits.memory_budget (2 > 1)");
    row("a conflict blames the last place", "[route]\nopenai = \"a\"\n", "", "route.openai=b",
        "--set route.openai: 'route.openai' names 'b', but there is no such provider (known: zai, anthropic, "
        "openai)");
    row("a conflict of a default",
        "[[provider]]\nname = \"openai\"\nopenai_base = \"\"\nanthropic_base = \"https://h\"\n", "", "",
        "default: 'route.openai' names 'openai', which has no openai_base");
    row("a provider with a name only", "\n[[provider]]\nname = \"mute\"\n", "", "",
        "weir.toml:3: 'provider.mute' needs openai_base, anthropic_base or both");
    row("an open address", "", "", "listen.address=0x0",
        "--set listen.address: 'listen.address' must be 127.0.0.1 or ::1, not '0x0': listening beyond "
        "loopback needs "
        "listen.allow_remote and access keys");
    row("plain http beyond this machine", "[[provider]]\nname = \"lan\"\nopenai_base = \"http://10.0.0.2\"\n",
        "", "",
        "weir.toml:3: 'provider.lan.openai_base' would send keys unencrypted to 10.0.0.2: use https, or set "
        "allow_plain_http for this provider");
    row("a limit misspelt", "[pool]\nmax = 3\n[limits]\nmemory_budgett = 5\n", "", "",
        "weir.toml:4: there is no setting 'limits.memory_budgett' (did you mean 'limits.memory_budget'?)");
    row("a table of limits misspelt, whatever is in it", "\n[limit]\nmemory_budget = 5\nfoo = 1\n", "", "",
        "weir.toml:2: there is no table 'limit' (did you mean [limits]?)");
    row("one with nothing in it", "[limit]\n", "", "",
        "weir.toml:1: there is no table 'limit' (did you mean [limits]?)");
    row("one that is written with dots", "\nlimit.memory_budget = 5\nlimit.body_max = 6\n", "", "",
        "weir.toml:2: there is no table 'limit' (did you mean [limits]?)");
    row("providers for provider", "\n[[providers]]\nname = \"a\"\n", "", "",
        "weir.toml:2: there is no table 'providers' (did you mean [[provider]]?)");
    row("limits as a list", "\n[[limits]]\nmemory_budget = 5\n", "", "",
        "weir.toml:2: there is no setting 'limits': it is a table, written [limits]");
    row("a value in no section", "port = 1\n", "", "",
        "weir.toml:1: there is no setting 'port' (did you mean 'listen.port'?)");
    row("a limit in no table", "memory_budget = 5\n", "", "",
        "weir.toml:1: there is no setting 'memory_budget' (did you mean 'limits.memory_budget'?)");
    row("a key of an alias", "[[alias]]\nmatch = \"a\"\nmodel = \"b\"\nprovidr = \"zai\"\n", "", "",
        "weir.toml:4: there is no setting 'alias.1.providr' (did you mean 'alias.1.provider'?)");
    row("a key with a dot", "[[alias]]\nmatch = \"a\"\nmodel = \"b\"\n\"x.model\" = 1\n", "", "",
        "weir.toml:4: there is no setting 'alias.1.x.model' (did you mean 'alias.1.model'?)");
    row("a key of a provider", "[[provider]]\nname = \"a\"\nopenai_base = \"https://h\"\nca_fil = \"x\"\n",
        "", "", "weir.toml:4: there is no setting 'provider.a.ca_fil' (did you mean 'provider.a.ca_file'?)");
    row("a table below a provider",
        "[[provider]]\nname = \"a\"\nopenai_base = \"https://h\"\n[provider.headers]\nx = 1\n", "", "",
        "weir.toml:4: there is no setting 'provider.a.headers' ([[provider]] has name, openai_base, "
        "anthropic_base, auth, key_env, ca_file, transport, allow_plain_http)");
    // What the file would have defined is unknown, so nothing is said about the route.
    row("broken TOML, and nothing guessed from the rest", "[[provider]]\nname = \"a\n", "", "route.openai=a",
        "weir.toml:2: ");
}

void TestConfigProblems::problems()
{
    QFETCH(QByteArray, file);
    QFETCH(QByteArray, variable);
    QFETCH(QByteArray, assignment);
    QFETCH(QString, found);
    Sources sources = builtIns();
    if (!file.isEmpty())
        sources.fileText = file.toStdString();
    if (const qsizetype equals = variable.indexOf('='); equals > 0)
        sources.environment[variable.left(equals).toStdString()] = variable.mid(equals + 1).toStdString();
    if (const qsizetype equals = assignment.indexOf('='); equals > 0)
        sources.assignments = {
            given(assignment.left(equals).toStdString(), assignment.mid(equals + 1).toStdString())};
    const Loaded result = load(sources);
    QVERIFY(!result.config);
    QCOMPARE(result.problems.size(), std::size_t(1));
    const QString message = told(result.problems);
    if (found.endsWith(QLatin1Char(' '))) // the library's own words follow
        QVERIFY2(message.startsWith(found) && message.size() > found.size(), qPrintable(message));
    else
        QCOMPARE(message, found);
    QVERIFY(!message.contains(QLatin1Char('\n')));
}

void TestConfigProblems::everyProblemIsReported()
{
    Sources sources = builtIns();
    sources.fileText = "[pool]\nmax = 0\n[listen]\nport = true\n[[provider]]\nname = \"B\"\n";
    sources.environment = {{"WEIR_PORT", "x"}};
    sources.assignments = {given("nonsense", "1"), given("route.openai", "none")};
    const Loaded result = load(sources);
    QVERIFY(!result.config);
    QCOMPARE(result.problems.size(), std::size_t(6));
}

void TestConfigProblems::notices_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("found");
    QTest::newRow("a near key")
        << QByteArray("[pool]\nmaximum = 3\nmxa = 3\n")
        << "weir.toml:2: there is no setting 'pool.maximum' (did you mean 'pool.max'?); it is ignored\n"
           "weir.toml:3: there is no setting 'pool.mxa' (did you mean 'pool.max'?); it is "
           "ignored";
    QTest::newRow("a later version's section")
        << QByteArray("[cache]\nttl_ms = 5\n")
        << "weir.toml:2: there is no setting 'cache.ttl_ms'; it is ignored";
    QTest::newRow("a value in no section")
        << QByteArray("queue_max = 1\n")
        << "weir.toml:1: there is no setting 'queue_max' (did you mean 'pool.queue_max'?); it is ignored";
    QTest::newRow("a near table")
        << QByteArray("[pools]\nmax = 3\n")
        << "weir.toml:2: there is no setting 'pools.max' (did you mean 'pool.max'?); it is ignored";
    QTest::newRow("a key's variable that is not looked at")
        << QByteArray("[[provider]]\nname = \"zai\"\nkey_env = \"MY_KEY\"\n")
        << "weir.toml:3: 'provider.zai.key_env' has no effect, because its auth is not 'stored'";
    QTest::newRow("one that is")
        << QByteArray("[[provider]]\nname = \"zai\"\nkey_env = \"MY_KEY\"\nauth = \"stored\"\n") << "";
}

void TestConfigProblems::notices()
{
    QFETCH(QByteArray, file);
    Sources sources = builtIns();
    sources.fileText = file.toStdString();
    const Loaded result = load(sources);
    QVERIFY2(result.config, qPrintable(told(result.problems)));
    QTEST(told(result.notices), "found");
}

void TestConfigProblems::unusedVariablesAreToldOf()
{
    Sources sources = builtIns();
    sources.environment = {
        {"CACHE_ENABLED", "true"}, {"BATCHING_ENABLED", ""}, {"PORT", "80"}, {"HOME", "/"}};
    QCOMPARE(told(load(sources).notices),
             QStringLiteral("environment CACHE_ENABLED: is not used by this version"));
}

QTEST_GUILESS_MAIN(TestConfigProblems)
#include "tst_config_problems.moc"
