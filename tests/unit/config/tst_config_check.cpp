// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/config_check.h"

#include <QTest>

using namespace weir::config;

class TestConfigCheck : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theDefaultsAreFine();
    void listensOnLoopbackOnly_data();
    void listensOnLoopbackOnly();
    void originsAreWhole();
    void namesTheBaseOfAnEndpoint();
    void otherHostNamesNeedKeys();
    void storedKeysNeedTheStore();
    void keyEnvNamesAVariable_data();
    void keyEnvNamesAVariable();
    void poolMinIsBelowMax();
    void bases_data();
    void bases();
    void messagesNeverShowTheUrl();
    void plainHttpCanBeAllowed();
    void aProviderSpeaksSomething();
    void routesNameAProviderThatSpeaksTheDialect();
    void providersAreBounded();
    void aliasesAreBounded();
    void providerNames_data();
    void providerNames();
};

namespace {

Provider speaking(const std::string &name, const std::string &openaiBase, const std::string &anthropicBase)
{
    Provider provider;
    provider.name = name;
    provider.openaiBase = openaiBase;
    provider.anthropicBase = anthropicBase;
    return provider;
}

Config valid()
{
    Config config;
    config.providers = {speaking("anthropic", "", "https://api.anthropic.com"),
                        speaking("openai", "https://api.openai.com/v1", "")};
    return config;
}

/// "key what" lines, for comparing.
QString told(const Config &config)
{
    QStringList lines;
    for (const Conflict &conflict : findConflicts(config))
        lines += QString::fromStdString(conflict.key + " " + conflict.what);
    return lines.join(QLatin1Char('\n'));
}

} // namespace

void TestConfigCheck::theDefaultsAreFine()
{
    QCOMPARE(told(valid()), QString());
}

void TestConfigCheck::listensOnLoopbackOnly_data()
{
    QTest::addColumn<QString>("address");
    QTest::addColumn<bool>("isFine");
    QTest::newRow("IPv4 loopback") << "127.0.0.1" << true;
    QTest::newRow("IPv6 loopback") << "::1" << true;
    for (const char *open : {"0.0.0.0", "0", "0x0", "00", "::", "::0", "::ffff:0.0.0.0", "[::]",
                             "192.168.1.10", "127.0.0.1 ", "localhost", "*", ""})
        QTest::newRow(qPrintable(QStringLiteral("'%1'").arg(QLatin1String(open)))) << open << false;
}

void TestConfigCheck::listensOnLoopbackOnly()
{
    QFETCH(QString, address);
    QFETCH(bool, isFine);
    Config config = valid();
    config.listen.address = address.toStdString();
    for (const bool allowRemote : {false, true}) {
        config.listen.allowRemote = allowRemote;
        const QString found = told(config);
        QCOMPARE(found.isEmpty(), isFine);
        if (isFine)
            continue;
        QVERIFY(found.startsWith(QStringLiteral("listen.address must be 127.0.0.1 or ::1, not '")));
        QVERIFY(found.contains(QStringLiteral("listening beyond loopback")));
        QCOMPARE(found.contains(QStringLiteral("listen.allow_remote")), !allowRemote);
        QVERIFY(!found.contains(QLatin1Char('\n')));
    }
}

void TestConfigCheck::originsAreWhole()
{
    Config config = valid();
    config.listen.allowOrigins = {"http://tauri.localhost", "http://localhost:1420", "capacitor://localhost"};
    QCOMPARE(told(config), QString());
    for (const char *wrong :
         {"", "*", "null", "localhost:1420", "http://", "://a", "http://a/", "http://*.a", "http://a b"}) {
        config.listen.allowOrigins = {wrong};
        QVERIFY2(told(config).contains(QLatin1String("is not an Origin")), wrong);
    }
}

void TestConfigCheck::namesTheBaseOfAnEndpoint()
{
    Config config = valid();
    Provider &provider = config.providers.front();
    for (const auto &[given, meant] : std::vector<std::pair<const char *, const char *>>{
             {"https://a/v1/chat/completions", "https://a/v1"},
             {"https://a/api/v4/responses/", "https://a/api/v4"},
             {"https://a/v1/embeddings", "https://a/v1"},
             {"https://a/messages", "https://a"}}) {
        provider.openaiBase = given;
        QVERIFY2(told(config).contains(QStringLiteral("write '%1'").arg(QLatin1String(meant))),
                 qPrintable(told(config)));
    }
    provider.openaiBase = "https://a/v1/my-messages";
    QCOMPARE(told(config), QString());
}

void TestConfigCheck::otherHostNamesNeedKeys()
{
    Config config = valid();
    config.listen.allowHosts = {"weir.example"};
    for (Provider &provider : config.providers) {
        QCOMPARE(told(config),
                 QStringLiteral("listen.allow_hosts must be empty while a provider can be called without an "
                                "access key: the auth of '%1' is not 'stored'")
                     .arg(QString::fromStdString(provider.name)));
        provider.auth = Auth::Stored;
    }
    QCOMPARE(told(config), QString());
}

void TestConfigCheck::storedKeysNeedTheStore()
{
    Config config = valid();
    config.providers.front().auth = Auth::Stored;
    QCOMPARE(told(config), QString());
    config.store.enabled = false;
    QVERIFY(told(config).startsWith(QStringLiteral("provider.anthropic.auth must not be 'stored' while "
                                                   "store.enabled is false")));
}

void TestConfigCheck::keyEnvNamesAVariable_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("isFine");
    QTest::newRow("none") << "" << true;
    QTest::newRow("a name") << "My_KEY_2" << true;
    QTest::newRow("a key") << "sk-ant-api03-abcdefgh" << false;
    QTest::newRow("digits first") << "2KEY" << false;
    QTest::newRow("a dollar sign") << "$KEY" << false;
    QTest::newRow("not ASCII") << "SCHLÜSSEL" << false;
}

void TestConfigCheck::keyEnvNamesAVariable()
{
    QFETCH(QString, text);
    QFETCH(bool, isFine);
    Config config = valid();
    config.providers.front().keyEnv = text.toStdString();
    const QString found = told(config);
    QCOMPARE(found.isEmpty(), isFine);
    QVERIFY(isFine || !found.contains(text)); // it may be a key
}

void TestConfigCheck::poolMinIsBelowMax()
{
    Config config = valid();
    config.pool.min = config.pool.max = 7;
    QCOMPARE(told(config), QString());
    config.pool.min = 8;
    QCOMPARE(told(config), QStringLiteral("pool.min must not be larger than pool.max (8 > 7)"));
}

void TestConfigCheck::bases_data()
{
    QTest::addColumn<QString>("base");
    QTest::addColumn<QString>("wrong"); // "" = fine
    const QString notHttp = QStringLiteral("must be an http or https URL");
    const QString noHost = QStringLiteral("has no host");
    const QString invalid = QStringLiteral("is not a valid URL");
    const QString unencrypted = QStringLiteral("would send keys unencrypted");
    QTest::newRow("https") << "https://api.example.com"
                           << "";
    QTest::newRow("with port and path") << "https://api.example.com:8443/api/coding/paas/v4/"
                                        << "";
    QTest::newRow("capital scheme and host") << "HTTPS://API.EXAMPLE.COM"
                                             << "";
    QTest::newRow("IPv6") << "https://[2001:db8::1]:8443/v1"
                          << "";
    QTest::newRow("plain http to 127.0.0.1") << "http://127.0.0.1:11434/v1"
                                             << "";
    QTest::newRow("plain http to ::1") << "http://[::1]:8000"
                                       << "";
    QTest::newRow("plain http to localhost") << "http://LOCALHOST:8000"
                                             << "";
    QTest::newRow("plain http elsewhere") << "http://api.example.com" << unencrypted;
    QTest::newRow("plain http to 0.0.0.0") << "http://0.0.0.0:8000" << unencrypted;
    QTest::newRow("loopback as a prefix only") << "http://127.0.0.1.example.com" << unencrypted;
    QTest::newRow("localhost as a suffix only") << "http://evil.localhost.example" << unencrypted;
    QTest::newRow("no scheme") << "api.example.com/v1" << notHttp;
    QTest::newRow("host and port") << "localhost:8000" << notHttp;
    QTest::newRow("another scheme") << "ftp://api.example.com" << notHttp;
    QTest::newRow("a file") << "file:///etc/passwd" << notHttp;
    QTest::newRow("a word") << "anthropic" << notHttp;
    QTest::newRow("scheme alone") << "https://" << noHost;
    QTest::newRow("no host") << "https:///v1" << noHost;
    QTest::newRow("port out of range") << "https://api.example.com:70000" << invalid;
    QTest::newRow("port 0") << "https://api.example.com:0"
                            << "must not have port 0";
    QTest::newRow("line end in the path") << "https://api.example.com/v1\r\nX-Injected: 1" << invalid;
    QTest::newRow("space in the host") << "https://api example.com" << invalid;
    QTest::newRow("user and password") << "https://me:secret@api.example.com"
                                       << "must not hold a user name or password";
    QTest::newRow("query") << "https://api.example.com/v1?key=1"
                           << "must not have a query or fragment";
    QTest::newRow("fragment") << "https://api.example.com/v1#a"
                              << "must not have a query or fragment";
}

void TestConfigCheck::bases()
{
    QFETCH(QString, base);
    QFETCH(QString, wrong);
    Config config = valid();
    config.providers.push_back(speaking("local", base.toStdString(), ""));
    const QString asOpenAi = told(config);
    config.providers.back() = speaking("local", "", base.toStdString());
    const QString asAnthropic = told(config);
    if (wrong.isEmpty()) {
        QCOMPARE(asOpenAi, QString());
        QCOMPARE(asAnthropic, QString());
        return;
    }
    QVERIFY2(asOpenAi.startsWith(QStringLiteral("provider.local.openai_base ") + wrong),
             qPrintable(asOpenAi));
    QVERIFY2(asAnthropic.startsWith(QStringLiteral("provider.local.anthropic_base ") + wrong),
             qPrintable(asAnthropic));
}

void TestConfigCheck::messagesNeverShowTheUrl()
{
    // Keys get pasted into the wrong place, and messages end up in bug reports.
    for (const char *base : {"sk-CANARY", "https://u:CANARY@h", "https://h/v1?key=CANARY", "http://h/CANARY",
                             "ftp://h/CANARY", "https:///CANARY"}) {
        Config config = valid();
        config.providers.push_back(speaking("local", base, ""));
        const QString found = told(config);
        QVERIFY(!found.isEmpty());
        QVERIFY2(!found.contains(QStringLiteral("CANARY")), qPrintable(found));
    }
}

void TestConfigCheck::plainHttpCanBeAllowed()
{
    Config config = valid();
    config.providers.push_back(speaking("lan", "http://192.168.1.20:8000/v1", ""));
    QVERIFY(told(config).contains(QStringLiteral("to 192.168.1.20: use https")));
    config.providers.back().allowPlainHttp = true;
    QCOMPARE(told(config), QString());
}

void TestConfigCheck::aProviderSpeaksSomething()
{
    Config config = valid();
    config.providers.push_back(speaking("mute", "", ""));
    QCOMPARE(told(config), QStringLiteral("provider.mute needs openai_base, anthropic_base or both"));
}

void TestConfigCheck::routesNameAProviderThatSpeaksTheDialect()
{
    Config config = valid();
    config.route.anthropic = "openai";
    config.route.openai = "nobody";
    QCOMPARE(told(config),
             QStringLiteral(
                 "route.anthropic names 'openai', which has no anthropic_base\n"
                 "route.openai names 'nobody', but there is no such provider (known: anthropic, openai)"));
    config.route.openai = "";
    QVERIFY(told(config).contains(QStringLiteral("route.openai names ''")));
}

void TestConfigCheck::providersAreBounded()
{
    Config config = valid();
    while (config.providers.size() < ProvidersMax)
        config.providers.push_back(speaking("p" + std::to_string(config.providers.size()), "https://h", ""));
    QCOMPARE(told(config), QString());
    config.providers.push_back(speaking("onemore", "https://h", ""));
    QVERIFY(told(config).startsWith(QStringLiteral("provider entries are 65")));
}

void TestConfigCheck::aliasesAreBounded()
{
    Config config = valid();
    config.aliases.resize(AliasesMax, {"a", "b", ""});
    config.aliases.front().match = config.aliases.front().model = std::string(ModelNameMax, 'm');
    config.defaultModel = std::string(ModelNameMax, 'm');
    QCOMPARE(told(config), QString());
    config.aliases.push_back({std::string(ModelNameMax + 1, 'm'), "\xC3", ""});
    config.defaultModel += 'm';
    QCOMPARE(told(config), QStringLiteral("default_model must not be longer than 1024 bytes\n"
                                          "alias entries are 257; 256 is the most\n"
                                          "alias.257.match must not be longer than 1024 bytes\n"
                                          "alias.257.model must be UTF-8"));
}

void TestConfigCheck::providerNames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isName");
    for (const char *name : {"a", "0", "local", "my-box_2", "abcdefghijklmnopqrstuvwxyz012345"})
        QTest::newRow(name) << name << true;
    for (const char *name :
         {"", "v1", "-a", "_a", "A", "a.b", "a/b", "a b", "ä", "a%2f", "abcdefghijklmnopqrstuvwxyz0123456"})
        QTest::newRow(qPrintable(QStringLiteral("not '%1'").arg(QString::fromUtf8(name))))
            << QString::fromUtf8(name) << false;
}

void TestConfigCheck::providerNames()
{
    QFETCH(QString, name);
    QTEST(isProviderName(name.toStdString()), "isName");
}

QTEST_GUILESS_MAIN(TestConfigCheck)
#include "tst_config_check.moc"
