// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/settings.h"

#include <QTest>
#include <set>

using namespace weir::config;

class TestSettings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyRowIsComplete();
    void everyRowHasItsOwnPlace();
    void numbersKeepToTheirBounds();
    void wrongKindsChangeNothing();
    void textsAreBounded();
    void readsTextAsTheSettingWants_data();
    void readsTextAsTheSettingWants();
    void choicesOfAProvider_data();
    void choicesOfAProvider();
};

namespace {

struct Bounds
{
    std::int64_t min;
    std::int64_t max;
    std::int64_t now;
};

/// The bounds of a numeric setting and its value in `config`.
std::optional<Bounds> boundsOf(const Setting<Config> &setting, Config &config)
{
    if (const auto *place = std::get_if<NumberPlace<Config, int>>(&setting.place))
        return Bounds{place->min, place->max, place->of(config)};
    if (const auto *place = std::get_if<NumberPlace<Config, std::int64_t>>(&setting.place))
        return Bounds{place->min, place->max, place->of(config)};
    return std::nullopt;
}

bool isSnakeCase(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    });
}

const Setting<Config> &known(std::string_view key)
{
    const Setting<Config> *setting = find(settings(), key);
    Q_ASSERT(setting);
    return *setting;
}

} // namespace

void TestSettings::everyRowIsComplete()
{
    std::set<std::string_view> keys;
    for (const Setting<Config> &setting : settings()) {
        QVERIFY2(isSnakeCase(setting.key), setting.key.data());
        // The ancestor's DEFAULT_MODEL stands before every section.
        QCOMPARE(std::count(setting.key.begin(), setting.key.end(), '.'),
                 setting.key == "default_model" ? 0 : 1);
        QVERIFY2(!setting.meaning.empty(), setting.key.data());
        QVERIFY2(keys.insert(setting.key).second, "each key once");
        QCOMPARE(find(settings(), setting.key), &setting);
        Config config;
        if (const auto bounds = boundsOf(setting, config)) {
            QVERIFY2(bounds->min < bounds->max, setting.key.data());
            QVERIFY2(bounds->now >= bounds->min && bounds->now <= bounds->max, "the default is allowed");
        }
    }
    for (const Setting<Provider> &setting : providerSettings()) {
        QVERIFY2(isSnakeCase(setting.key), setting.key.data());
        QVERIFY2(!setting.meaning.empty(), setting.key.data());
    }
    QCOMPARE(providerSettings().front().key, std::string_view("name"));
}

void TestSettings::everyRowHasItsOwnPlace()
{
    // A row copied with the wrong member would write into another setting's place.
    for (const Setting<Config> &written : settings()) {
        Config config;
        const Config defaults;
        if (const auto bounds = boundsOf(written, config)) {
            const std::int64_t other = bounds->now == bounds->max ? bounds->min : bounds->max;
            QCOMPARE(assign(config, written, Value(other)), "");
            for (const Setting<Config> &read : settings()) {
                Config untouched;
                const auto found = boundsOf(read, config);
                if (!found)
                    continue;
                QCOMPARE(found->now, read.key == written.key ? other : boundsOf(read, untouched)->now);
            }
        }
    }
}

void TestSettings::numbersKeepToTheirBounds()
{
    for (const Setting<Config> &setting : settings()) {
        Config config;
        const auto before = boundsOf(setting, config);
        if (!before)
            continue;
        QCOMPARE(assign(config, setting, Value(before->min)), "");
        QCOMPARE(boundsOf(setting, config)->now, before->min);
        QCOMPARE(assign(config, setting, Value(before->max)), "");
        QCOMPARE(boundsOf(setting, config)->now, before->max);
        for (const std::int64_t outside :
             {before->min - 1, before->max + 1, std::numeric_limits<std::int64_t>::min(),
              std::numeric_limits<std::int64_t>::max()}) {
            const std::string expected = "must be between " + std::to_string(before->min) + " and " +
                                         std::to_string(before->max) + ", not " + std::to_string(outside);
            QCOMPARE(assign(config, setting, Value(outside)), expected);
            QCOMPARE(boundsOf(setting, config)->now, before->max); // as it was
        }
    }
}

void TestSettings::wrongKindsChangeNothing()
{
    Config config;
    const Value list = std::vector<std::string>{"a"};
    QCOMPARE(assign(config, known("pool.max"), Value(std::string("3"))), "must be a whole number, not '3'");
    QCOMPARE(assign(config, known("pool.max"), Value(true)), "must be a whole number, not true");
    QCOMPARE(assign(config, known("pool.max"), Value(Unsuited{"a table"})),
             "must be a whole number, not a table");
    QCOMPARE(config.pool.max, 10);
    QCOMPARE(assign(config, known("pool.warm"), Value(std::int64_t(1))), "must be true or false, not 1");
    QCOMPARE(config.pool.warm, false);
    QCOMPARE(assign(config, known("route.openai"), list), "must be a text, not a list");
    QCOMPARE(config.route.openai, "openai");
    QCOMPARE(assign(config, known("listen.allow_hosts"), Value(std::string("a"))),
             "must be a list of texts, not 'a'");
    QVERIFY(config.listen.allowHosts.empty());
}

void TestSettings::textsAreBounded()
{
    Config config;
    QCOMPARE(assign(config, known("route.openai"), Value(std::string(TextMax, 'x'))), "");
    QCOMPARE(config.route.openai.size(), TextMax);
    QCOMPARE(assign(config, known("route.openai"), Value(std::string(TextMax + 1, 'y'))),
             "must not be longer than 2048 bytes");
    QCOMPARE(config.route.openai.front(), 'x');
}

void TestSettings::readsTextAsTheSettingWants_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("read"); // as describe() tells it
    QTest::newRow("number") << "pool.max"
                            << "12"
                            << "12";
    QTest::newRow("negative number") << "pool.max"
                                     << "-1"
                                     << "-1";
    QTest::newRow("number with a sign stays a text") << "pool.max"
                                                     << "+1"
                                                     << "'+1'";
    QTest::newRow("number with a space stays a text") << "pool.max"
                                                      << " 1"
                                                      << "' 1'";
    QTest::newRow("number with a unit stays a text") << "limits.body_max"
                                                     << "8M"
                                                     << "'8M'";
    QTest::newRow("hexadecimal stays a text") << "listen.port"
                                              << "0x50"
                                              << "'0x50'";
    QTest::newRow("number beyond 64 bits stays a text") << "limits.body_max"
                                                        << "99999999999999999999"
                                                        << "'99999999999999999999'";
    QTest::newRow("no number") << "pool.max"
                               << ""
                               << "''";
    QTest::newRow("true") << "pool.warm"
                          << "true"
                          << "true";
    QTest::newRow("1 is true") << "pool.warm"
                               << "1"
                               << "true";
    QTest::newRow("off is false") << "pool.warm"
                                  << "off"
                                  << "false";
    QTest::newRow("neither") << "pool.warm"
                             << "maybe"
                             << "'maybe'";
    QTest::newRow("a text may look like a number") << "route.openai"
                                                   << "42"
                                                   << "'42'";
    QTest::newRow("list") << "listen.allow_hosts"
                          << "a,b"
                          << "a list";
}

void TestSettings::readsTextAsTheSettingWants()
{
    QFETCH(QString, key);
    QFETCH(QString, text);
    QFETCH(QString, read);
    const Value value = valueFromText(known(key.toStdString()), text.toStdString());
    QCOMPARE(describe(value), read.toStdString());
    if (const auto *list = std::get_if<std::vector<std::string>>(&value))
        QCOMPARE(*list, (std::vector<std::string>{"a", "b"}));
}

void TestSettings::choicesOfAProvider_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("word");
    QTest::addColumn<QString>("wrong");
    QTest::newRow("pass-through") << "auth"
                                  << "pass-through"
                                  << "";
    QTest::newRow("none") << "auth"
                          << "none"
                          << "";
    QTest::newRow("stored") << "auth"
                            << "stored"
                            << "";
    QTest::newRow("another auth") << "auth"
                                  << "basic"
                                  << "must be 'pass-through' or 'none' or 'stored', not 'basic'";
    QTest::newRow("auto") << "transport"
                          << "auto"
                          << "";
    QTest::newRow("qnam") << "transport"
                          << "qnam"
                          << "";
    QTest::newRow("direct") << "transport"
                            << "direct"
                            << "";
    QTest::newRow("another transport") << "transport"
                                       << ""
                                       << "must be 'auto' or 'direct' or 'qnam', not ''";
}

void TestSettings::choicesOfAProvider()
{
    QFETCH(QString, key);
    QFETCH(QString, word);
    QFETCH(QString, wrong);
    Provider provider;
    const Setting<Provider> *setting = find(providerSettings(), key.toStdString());
    QVERIFY(setting);
    QCOMPARE(assign(provider, *setting, Value(word.toStdString())), wrong.toStdString());
    QCOMPARE(provider.auth == Auth::None, word == QLatin1String("none"));
    QCOMPARE(provider.transport == Transport::Qnam, word == QLatin1String("qnam"));
    QCOMPARE(provider.transport == Transport::Direct, word == QLatin1String("direct"));
    QVERIFY(!assign(provider, *setting, Value(true)).empty());
}

QTEST_GUILESS_MAIN(TestSettings)
#include "tst_settings.moc"
