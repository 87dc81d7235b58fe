// SPDX-License-Identifier: GPL-3.0-or-later
#include "micro/bodies.h"

#include "http/limits.h"
#include "http/request_parser.h"
#include <algorithm>
#include <array>
#include <map>
#include <QFile>
#include <QtGlobal>
#include <random>
#include <string_view>

namespace weir::micro {

namespace {

/// Writes JSON from a fixed seed: the generator's numbers are the same with every standard library.
class BodyWriter
{
public:
    void raw(std::string_view json) { m_out += json; }
    std::size_t size() const { return m_out.size(); }

    /// About `size` bytes of prose and code as they stand inside a JSON string: line ends, quotes, tabs and
    /// backslashes escaped, now and then a character of two to four bytes.
    void text(std::size_t size)
    {
        static constexpr std::array<std::string_view, 24> Words{
            "the ",          "file ",    "returns ", "when ",       "const ",     "a tool ",
            "\\n",           "must ",    "\\\"",     "request ",    "std::",      "if (value) {\\n",
            "\\t",           "größer ",  "–",        "😀 ",          "path/to/",   "test ",
            "\\n    return", "output; ", "\\\\d+ ",  "IMPORTANT: ", "line 42\\n", "never "};
        const std::size_t until = m_out.size() + size;
        while (m_out.size() < until)
            m_out += Words[m_random() % Words.size()];
    }

    void tool(std::size_t number)
    {
        static constexpr std::array<std::string_view, 12> Names{
            "Task",  "Bash",         "Glob",     "Grep",      "Read",      "Edit",
            "Write", "NotebookEdit", "WebFetch", "TodoWrite", "WebSearch", "BashOutput"};
        constexpr std::size_t DescriptionSize = 1300;
        raw(R"({"name":")");
        raw(Names[number % Names.size()]);
        raw(R"(","description":")");
        text(DescriptionSize);
        raw(R"(","input_schema":{"$schema":"http://json-schema.org/draft-07/schema#","type":"object",)"
            R"("properties":{"file_path":{"type":"string","description":")");
        text(80);
        raw(R"("},"offset":{"type":"number","description":"The line to start at"},"limit":{"type":"number",)"
            R"("minimum":0,"maximum":2000.5},"edits":{"type":"array","items":{"type":"object","properties":)"
            R"({"old_string":{"type":"string"},"new_string":{"type":"string"},"replace_all":{"type":)"
            R"("boolean","default":false}},"required":["old_string","new_string"]}}},"required":)"
            R"(["file_path"],"additionalProperties":false}})");
    }

    /// An assistant's tool call and what the tool said: how a conversation grows.
    void turn(std::size_t number, std::size_t resultSize)
    {
        const std::string id = "toolu_01" + std::to_string(100'000'000 + number);
        raw(R"(,{"role":"assistant","content":[{"type":"text","text":")");
        text(120);
        raw(R"("},{"type":"tool_use","id":")" + id + R"(","name":"Read","input":{"file_path":"/src/)");
        raw(std::to_string(number) + R"(.cpp","offset":)" + std::to_string(number * 7) + "}}]}");
        raw(R"(,{"role":"user","content":[{"tool_use_id":")" + id + R"(","type":"tool_result","content":")");
        text(resultSize);
        raw(R"("}]})");
    }

    /// Ends the text at exactly `size` bytes: what is missing is filled in where `mark` stands.
    QByteArray fill(std::size_t size, std::size_t mark)
    {
        Q_ASSERT(m_out.size() <= size);
        m_out.insert(mark, size - m_out.size(), '.');
        return QByteArray(m_out.data(), qsizetype(m_out.size()));
    }

private:
    std::string m_out;
    std::mt19937 m_random{20261124};
};

std::string modelField()
{
    return std::string(R"("model":")") + BodyModel + '"';
}

QByteArray writeClaudeCodeRequest(std::size_t size, ModelAt modelAt)
{
    constexpr std::size_t SystemSize = 12 * Kilobyte;
    constexpr std::size_t ToolCount = 12;
    constexpr std::size_t TailSize = 1 * Kilobyte; // what follows the messages, generously
    BodyWriter tools;
    tools.raw(R"("tools":[)");
    for (std::size_t number = 0; number < ToolCount; ++number) {
        tools.raw(number ? "," : "");
        tools.tool(number);
    }
    tools.raw("]");
    BodyWriter writer;
    writer.raw("{");
    if (modelAt == ModelAt::First)
        writer.raw(modelField() + ',');
    writer.raw(R"("messages":[{"role":"user","content":[{"type":"text","text":"<system-reminder>)");
    writer.text(600);
    const std::size_t mark = writer.size();
    writer.raw(R"(</system-reminder>","cache_control":{"type":"ephemeral"}}]})");
    const std::size_t fixedSize = SystemSize + tools.size() + TailSize;
    constexpr std::size_t ResultMin = 2 * Kilobyte;
    constexpr std::size_t ResultMax = 24 * Kilobyte;
    // Turns of growing size, as long as one more surely fits.
    for (std::size_t number = 0;; ++number) {
        const std::size_t result = std::min(ResultMin + number * Kilobyte, ResultMax);
        if (writer.size() + fixedSize + result + Kilobyte > size)
            break;
        writer.turn(number, result);
    }
    writer.raw(R"(],"system":[{"type":"text","text":"You are Claude Code.","cache_control":)"
               R"({"type":"ephemeral"}},{"type":"text","text":")");
    writer.text(SystemSize);
    writer.raw(R"("}],)");
    writer.raw(tools.fill(tools.size(), 0).toStdString());
    writer.raw(R"(,"metadata":{"user_id":"user_0000_account__session_0000"},"max_tokens":32000,)"
               R"("thinking":{"budget_tokens":31999,"type":"enabled"},"context_management":{"edits":)"
               R"([{"type":"clear_thinking_20251015","keep":"all"}]},"output_config":{"effort":"medium"},)"
               R"("stream":true)");
    if (modelAt == ModelAt::Last)
        writer.raw(',' + modelField());
    writer.raw("}");
    return writer.fill(size, mark);
}

} // namespace

QByteArray chatRequest(std::size_t size)
{
    BodyWriter writer;
    writer.raw("{" + modelField() + R"(,"max_tokens":1024,"messages":[{"role":"user","content":")");
    constexpr std::size_t AroundSize = 160;
    writer.text(size - std::min(size, writer.size() + AroundSize));
    const std::size_t mark = writer.size();
    writer.raw(R"("}],"temperature":0.7,"stream":false})");
    return writer.fill(size, mark);
}

const QByteArray &claudeCodeRequest(std::size_t size, ModelAt modelAt)
{
    static std::map<std::pair<std::size_t, ModelAt>, QByteArray> made;
    QByteArray &body = made[{size, modelAt}];
    if (body.isEmpty())
        body = writeClaudeCodeRequest(size, modelAt);
    return body;
}

std::string claudeCodeHead(std::size_t bodySize)
{
    return "POST /v1/messages?beta=true HTTP/1.1\r\n"
           "Accept: application/json\r\n"
           "Authorization: Bearer sk-ant-oat01-0000000000000000000000000000000000000000000000000000\r\n"
           "Content-Type: application/json\r\n"
           "User-Agent: claude-cli/2.1.330 (external, cli)\r\n"
           "X-Claude-Code-Session-Id: 3f1b0a52-9c3e-4d55-8a43-0f6f2f9f6a10\r\n"
           "X-Stainless-Arch: x64\r\n"
           "X-Stainless-Lang: js\r\n"
           "X-Stainless-OS: Linux\r\n"
           "X-Stainless-Package-Version: 0.70.0\r\n"
           "X-Stainless-Retry-Count: 0\r\n"
           "X-Stainless-Runtime: node\r\n"
           "X-Stainless-Runtime-Version: v24.3.0\r\n"
           "X-Stainless-Timeout: 600\r\n"
           "anthropic-beta: claude-code-20250219,oauth-2025-04-20,interleaved-thinking-2025-05-14,"
           "context-management-2025-06-27,prompt-caching-scope-2026-01-05,effort-2025-11-24\r\n"
           "anthropic-dangerous-direct-browser-access: true\r\n"
           "anthropic-version: 2023-06-01\r\n"
           "x-app: cli\r\n"
           "Connection: keep-alive\r\n"
           "Host: 127.0.0.1:8484\r\n"
           "Accept-Encoding: gzip, deflate, br, zstd\r\n"
           "Content-Length: " +
           std::to_string(bodySize) + "\r\n\r\n";
}

http::RequestHead parsedHead(const std::string &head)
{
    class Keeper final : public http::RequestParser::Events
    {
    public:
        void onHead(http::RequestHead head) override { kept = std::move(head); }
        void onBody(std::string_view) override {}
        void onEnd() override {}
        http::RequestHead kept;
    } keeper;
    http::RequestParser parser(keeper, http::BodyMaxDefault);
    [[maybe_unused]] const auto fed = parser.feed(head);
    Q_ASSERT(fed && parser.isInBody() != parser.isComplete());
    return keeper.kept;
}

std::vector<QByteArray> cut(const QByteArray &body, qsizetype pieceSize)
{
    std::vector<QByteArray> pieces;
    for (qsizetype at = 0; at < body.size(); at += pieceSize)
        pieces.push_back(body.mid(at, pieceSize));
    return pieces;
}

QByteArray fixture(const char *name)
{
    QFile file(QStringLiteral(":/weir-bench/") + QString::fromLatin1(name));
    const bool opened = file.open(QIODevice::ReadOnly);
    Q_ASSERT(opened);
    return opened ? file.readAll() : QByteArray();
}

std::vector<QByteArray> fixtureEvents(const char *name)
{
    const QByteArray stream = fixture(name);
    std::vector<QByteArray> events;
    for (qsizetype at = 0; at < stream.size();) {
        const qsizetype end = stream.indexOf("\n\n", at);
        const qsizetype next = end < 0 ? stream.size() : end + 2;
        events.push_back(stream.mid(at, next - at));
        at = next;
    }
    return events;
}

} // namespace weir::micro
