// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/model_rule.h"
#include <QTest>

using namespace weir::llm;

class TestModelRule : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void matches_data();
    void matches();
    void manyStarsCostNoMore();
    void chooses_data();
    void chooses();
    void choosesForBodies_data();
    void choosesForBodies();
};

void TestModelRule::matches_data()
{
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("matches");
    const auto row = [](const QByteArray &pattern, const QByteArray &name, bool matches) {
        QTest::newRow((pattern + (matches ? " stands for " : " does not stand for ") + name).constData())
            << pattern << name << matches;
    };
    row("opus", "opus", true);
    row("opus", "opus-4", false);
    row("opus", "Opus", false);
    row("opus", "", false);
    row("", "", true);
    row("", "a", false);
    row("*", "", true);
    row("*", "anything", true);
    row("**", "a", true);
    row("claude-*", "claude-", true);
    row("claude-*", "claude-opus", true);
    row("claude-*", "claude", false);
    row("*-mini", "gpt-5-mini", true);
    row("*-mini", "gpt-5-mini-2", false);
    row("*opus*", "claude-opus-4", true);
    row("*opus*", "opus", true);
    row("*opus*", "claude-sonnet", false);
    row("a*b*c", "abc", true);
    row("a*b*c", "a1b2b3c", true);
    row("a*b*c", "acb", false);
    row("a*b*c", "ab", false);
    row("a*a", "a", false); // one byte cannot be both
    row("a*a", "aa", true);
    row("ab*bc", "abc", false);
    row("*ab*ab*", "xabx", false);
    row("*ab*ab*", "abab", true);
    row("*ab*c", "ababxc", true);
    row("a.c", "abc", false);
    row("a?", "ab", false);
    row("gr\xC3\xBC*", "gr\xC3\xBCn", true);
}

void TestModelRule::matches()
{
    QFETCH(QByteArray, pattern);
    QFETCH(QByteArray, name);
    QFETCH(bool, matches);
    QCOMPARE(matchesPattern(pattern.toStdString(), name.toStdString()), matches);
}

void TestModelRule::manyStarsCostNoMore()
{
    // What takes a matcher that goes back for each star longer than anybody waits. The test's time limit
    // tells.
    const std::string name(100'000, 'a');
    std::string pattern;
    for (int star = 0; star < 10'000; ++star)
        pattern += "*aa";
    QVERIFY(matchesPattern(pattern, name));
    QVERIFY(!matchesPattern(pattern + "*b", name));
    QVERIFY(!matchesPattern("*" + std::string(50'000, 'a') + "b*", name));
}

void TestModelRule::chooses_data()
{
    QTest::addColumn<QByteArray>("model"); // null: the body has none
    QTest::addColumn<QByteArray>("fallback");
    QTest::addColumn<QByteArray>("choice"); // "model provider"; null: left alone
    const auto row = [](const char *name, const QByteArray &model, const QByteArray &fallback,
                        const QByteArray &choice) { QTest::newRow(name) << model << fallback << choice; };
    row("the only match", "haiku", "", "glm-air zai");
    row("the first of two", "claude-opus-4", "", "glm zai");
    row("the second", "claude-sonnet", "", "other ");
    row("none", "gpt-5", "", {});
    row("a rule's model is not looked up again", "twice", "", "haiku ");
    row("a body with a model needs no default", "gpt-5", "haiku", {});
    row("an empty name is a model", "", "haiku", {});
    row("no model and no default", {}, "", {});
    row("the default", {}, "gpt-5", "gpt-5 ");
    row("the default under another name", {}, "haiku", "glm-air zai");
}

void TestModelRule::chooses()
{
    QFETCH(QByteArray, model);
    QFETCH(QByteArray, fallback);
    QFETCH(QByteArray, choice);
    const ModelRules rules{{{"haiku", "glm-air", "zai"},
                            {"*opus*", "glm", "zai"},
                            {"claude-*", "other", ""},
                            {"twice", "haiku", ""}},
                           fallback.toStdString()};
    const std::string name = model.toStdString();
    const auto chosen =
        chooseModel(rules, model.isNull() ? std::optional<std::string_view>() : std::string_view(name));
    QCOMPARE(chosen.has_value(), !choice.isNull());
    if (chosen)
        QCOMPARE(std::string(chosen->model) + " " + std::string(chosen->provider), choice.toStdString());
}

void TestModelRule::choosesForBodies_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("choice");
    QTest::newRow("a name with escapes") << QByteArray(R"({"model":"\u006dm"})") << QByteArray("alias");
    QTest::newRow("no model") << QByteArray("{}") << QByteArray("default");
    QTest::newRow("another name") << QByteArray(R"({"model":"m"})") << QByteArray();
    QTest::newRow("a number") << QByteArray(R"({"model":1})") << QByteArray();
    QTest::newRow("null") << QByteArray(R"({"model":null})") << QByteArray();
    QTest::newRow("no object") << QByteArray("[]") << QByteArray();
    QTest::newRow("no JSON") << QByteArray("{") << QByteArray();
}

void TestModelRule::choosesForBodies()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, choice);
    const ModelRules rules{{{"mm", "alias", ""}}, "default"};
    const auto chosen = chooseModel(rules, probeJson(body.toStdString()));
    QCOMPARE(chosen.has_value(), !choice.isNull());
    if (chosen)
        QCOMPARE(std::string(chosen->model), choice.toStdString());
}

QTEST_GUILESS_MAIN(TestModelRule)
#include "tst_model_rule.moc"
