// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/tool_setup.h"

#include <QTest>
#include <toml++/toml.h>

using namespace weir;
using namespace weir::ui;

class TestToolSetup : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void setsUpEveryTool();
    void showsWhereAnAccessKeyGoes();
    void setsUpCodexInAFileThatIsInUse_data();
    void setsUpCodexInAFileThatIsInUse();
};

namespace {

QString textOf(const ToolSetup &setup)
{
    QStringList texts;
    for (const SetupBlock &block : setup.blocks)
        texts += block.text;
    return texts.join(QLatin1Char('\n'));
}

} // namespace

void TestToolSetup::setsUpEveryTool()
{
    const QString address = QStringLiteral("http://127.0.0.1:8484");
    for (const Shell shell : {Shell::Posix, Shell::Fish, Shell::PowerShell}) {
        for (const ToolSetup &setup : toolSetups(address, shell)) {
            QVERIFY2(textOf(setup).contains(address), qPrintable(setup.tool));
            // Anthropic clients add /v1 themselves, the others want it.
            QCOMPARE(textOf(setup).contains(address + QStringLiteral("/v1")),
                     setup.tool != QStringLiteral("Claude Code") &&
                         setup.tool != QStringLiteral("Anthropic SDK") &&
                         setup.tool != QStringLiteral("Test it"));
        }
    }
}

void TestToolSetup::showsWhereAnAccessKeyGoes()
{
    const QString address = QStringLiteral("http://127.0.0.1:8484");
    const QString placeholder = QLatin1String(AccessKeyPlaceholder);
    const auto needing = [&](AccessKeyNeed need) {
        QStringList tools;
        for (const ToolSetup &setup : toolSetups(address, Shell::Fish, need)) {
            if (textOf(setup).contains(placeholder))
                tools += setup.tool;
        }
        return tools;
    };
    QCOMPARE(needing({}), QStringList());
    QCOMPARE(needing({true, false}), QStringList({QStringLiteral("Claude Code"), QStringLiteral("OpenCode"),
                                                  QStringLiteral("Anthropic SDK")}));
    QCOMPARE(needing({false, true}), QStringList({QStringLiteral("OpenAI SDK")}));
    const ToolSetup codex = toolSetups(address, Shell::Posix, {false, true})[1]; // its file holds no key
    QCOMPARE(codex.tool, QStringLiteral("Codex"));
    QVERIFY(codex.note.contains(QStringLiteral("OPENAI_API_KEY")));
    QCOMPARE(textOf(toolSetups(address, Shell::Posix, {true, true}).front()),
             QStringLiteral("export ANTHROPIC_BASE_URL=http://127.0.0.1:8484\n"
                            "export ANTHROPIC_AUTH_TOKEN=YOUR_ACCESS_KEY\nclaude"));
}

void TestToolSetup::setsUpCodexInAFileThatIsInUse_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::newRow("no file") << QByteArray();
    QTest::newRow("keys only") << QByteArray("model = \"gpt-5\"\n");
    QTest::newRow("a table last") << QByteArray(
        "model = \"gpt-5\"\n\n[mcp_servers.docs]\ncommand = \"docs\"");
    QTest::newRow("another provider") << QByteArray(
        "model_provider = \"other\"\nmodel = \"gpt-5\"\n\n[profiles.fast]\nmodel = \"gpt-5-mini\"\n\n"
        "[model_providers.other]\nname = \"Other\"\n");
}

void TestToolSetup::setsUpCodexInAFileThatIsInUse()
{
    QFETCH(QByteArray, file);
    const auto parse = [](const QByteArray &text) { // throws what fails the test
        return toml::parse(std::string_view(text.constData(), std::size_t(text.size())));
    };
    const toml::table before = parse(file);
    const ToolSetup codex = toolSetups(QStringLiteral("http://127.0.0.1:8484"), Shell::Posix)[1];
    QVERIFY(codex.note.contains(QStringLiteral("ChatGPT")));
    QCOMPARE(codex.blocks.size(), std::size_t(2));

    // What the words say, done to the file.
    QVERIFY(codex.blocks[0].place.startsWith(QStringLiteral("First line of the file, in place of")));
    if (file.startsWith("model_provider ="))
        file.remove(0, file.indexOf('\n') + 1);
    file.prepend(codex.blocks[0].text.toUtf8() + '\n');
    QVERIFY(codex.blocks[1].place.startsWith(QStringLiteral("At the end of the file")));
    file.append('\n' + codex.blocks[1].text.toUtf8());

    const toml::table after = parse(file);
    QCOMPARE(after["model_provider"].value_or(std::string()), std::string("weir"));
    const auto weir = after["model_providers"]["weir"];
    QCOMPARE(weir["base_url"].value_or(std::string()), std::string("http://127.0.0.1:8484/v1"));
    QCOMPARE(weir["wire_api"].value_or(std::string()), std::string("responses"));
    QCOMPARE(weir["env_key"].value_or(std::string()), std::string("OPENAI_API_KEY"));
    // Nothing else has moved.
    for (const char *key : {"model", "mcp_servers", "profiles"})
        QVERIFY2(before[key] == after[key], key);
}

QTEST_GUILESS_MAIN(TestToolSetup)
#include "tst_tool_setup.moc"
