// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/tool_setup.h"

#include <QCoreApplication>

namespace weir::ui {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("ToolSetup", text);
}

QString setVariable(Shell shell, const QString &name, const QString &value)
{
    switch (shell) {
    case Shell::Posix:
        return QStringLiteral("export %1=%2").arg(name, value);
    case Shell::Fish:
        return QStringLiteral("set -x %1 %2").arg(name, value);
    case Shell::PowerShell:
        return QStringLiteral("$env:%1 = \"%2\"").arg(name, value);
    }
    return {};
}

/// Two, because of TOML: below the first [table] of a file a key belongs to that table, and Codex would
/// ignore it.
std::vector<SetupBlock> codexBlocks(const QString &address)
{
    return {{tr("First line of the file, in place of a model_provider that is there:"),
             QStringLiteral("model_provider = \"weir\"")},
            {tr("At the end of the file:"), QStringLiteral("[model_providers.weir]\n"
                                                           "name = \"Weir\"\n"
                                                           "base_url = \"%1\"\n"
                                                           "env_key = \"OPENAI_API_KEY\"\n"
                                                           "wire_api = \"responses\"")
                                                .arg(address)}};
}

} // namespace

std::vector<ToolSetup> toolSetups(const QString &address, Shell shell, AccessKeyNeed need)
{
    const QString withVersion = address + QStringLiteral("/v1");
    const QString newLine = QStringLiteral("\n");
    const QString placeholder = QLatin1String(AccessKeyPlaceholder);
    // A line for the key, where one is needed.
    const auto keyLine = [&](bool isNeeded, const char *variable) {
        return isNeeded ? newLine + setVariable(shell, QLatin1String(variable), placeholder) : QString();
    };
    const QString anthropicKey = keyLine(need.anthropic, "ANTHROPIC_AUTH_TOKEN");
    const QString openAiKey = keyLine(need.openAi, "OPENAI_API_KEY");
    const QString openCodeKey =
        need.anthropic ? QStringLiteral(", \"apiKey\": \"%1\"").arg(placeholder) : QString();
    const auto one = [](const QString &text) { return std::vector{SetupBlock{{}, text}}; };
    return {
        {QStringLiteral("Claude Code"), tr("In the terminal where you start claude. Without /v1."),
         one(setVariable(shell, QStringLiteral("ANTHROPIC_BASE_URL"), address) + anthropicKey + newLine +
             QStringLiteral("claude"))},
        {QStringLiteral("Codex"),
         need.openAi
             ? tr("In ~/.codex/config.toml; read when Codex starts. It sends what OPENAI_API_KEY holds: put "
                  "an access key there.")
             : tr("In ~/.codex/config.toml; read when Codex starts. It sends the API key in OPENAI_API_KEY; "
                  "a "
                  "login with ChatGPT does not go through Weir."),
         codexBlocks(withVersion)},
        {QStringLiteral("OpenCode"), tr("In opencode.json. With /v1."),
         one(QStringLiteral("{ \"provider\": { \"anthropic\": { \"options\": { \"baseURL\": \"%1\"%2 } } } }")
                 .arg(withVersion, openCodeKey))},
        {tr("OpenAI SDK"), tr("Python, JavaScript and whatever reads this variable. With /v1."),
         one(setVariable(shell, QStringLiteral("OPENAI_BASE_URL"), withVersion) + openAiKey)},
        {tr("Anthropic SDK"), tr("Without /v1."),
         one(setVariable(shell, QStringLiteral("ANTHROPIC_BASE_URL"), address) + anthropicKey)},
        {tr("Test it"), tr("Needs no key."), one(QStringLiteral("curl %1/health").arg(address))},
    };
}

} // namespace weir::ui
