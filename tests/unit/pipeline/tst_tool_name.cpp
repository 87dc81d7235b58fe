// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/tool_name.h"
#include <QTest>

class TestToolName : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void names_data();
    void names();
};

void TestToolName::names_data()
{
    QTest::addColumn<QByteArray>("userAgent");
    QTest::addColumn<QByteArray>("tool");
    const auto row = [](const char *name, const QByteArray &agent, const char *tool) {
        QTest::newRow(name) << agent << QByteArray(tool);
    };
    row("Claude Code", "claude-cli/2.1.330 (external, cli)", "Claude Code");
    row("Codex", "codex_cli_rs/0.169.0 (Debian 12; x86_64)", "Codex");
    row("OpenCode", "opencode/1.18.33 ai-sdk/anthropic", "OpenCode");
    row("OpenAI SDK", "OpenAI/JS 7.57.0", "OpenAI SDK (JS)");
    row("Anthropic SDK", "Anthropic/Python 0.70.0", "Anthropic SDK (Python)");
    row("curl", "curl/7.88.1", "curl");
    row("unknown keeps its product", "my-script/1.0 (x)", "my-script");
    row("none", "", "");
    row("long and odd", QByteArray(100, 'a') + "\x80\x01/1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    row("not printable", "\x80\x81", "");
}

void TestToolName::names()
{
    QFETCH(QByteArray, userAgent);
    QFETCH(QByteArray, tool);
    QCOMPARE(QByteArray::fromStdString(weir::pipeline::toolName(userAgent.toStdString())), tool);
}

QTEST_GUILESS_MAIN(TestToolName)
#include "tst_tool_name.moc"
