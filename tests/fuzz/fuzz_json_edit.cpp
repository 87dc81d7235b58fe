// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever body: an edit changes the model and no other byte, held or streaming, however the body is cut.
// What stands before the first line feed is the new model, the rest is the body.
#include "llm/body_bytes.h"
#include "llm/json_edit.h"
#include "llm/json_string.h"
#include "llm/model_rule.h"
#include "llm/model_stream.h"
#include "unit/llm/json_reference.h"
#include <cstdio>
#include <cstdlib>

using namespace weir::llm;

namespace {

/// Up to this size each single cut is tried, beyond it only every byte alone.
constexpr std::size_t EveryCutMax = 128;

void require(bool condition, const char *promise)
{
    if (condition)
        return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

std::string bytesOf(const QByteArray &bytes)
{
    return std::string(viewOf(bytes));
}

class Collector final : public ModelStream::Output
{
public:
    explicit Collector(const std::string &replacement) : m_replacement(replacement) {}
    void onBytes(QByteArray bytes) override
    {
        require(!bytes.isEmpty(), "no empty bytes");
        sent += viewOf(bytes);
    }
    std::optional<std::string> onModel(std::string_view model) override
    {
        require(model.size() <= ModelNameMax, "no endless name");
        return m_replacement;
    }
    std::optional<std::string> onNoModel() override { return m_replacement; }
    std::string sent;

private:
    const std::string &m_replacement;
};

struct Outcome
{
    std::string sent;
    Readability readability;
    std::size_t faultOffset;
    std::size_t models;
    bool operator==(const Outcome &) const = default;
};

Outcome stream(const std::vector<std::string_view> &pieces, const std::string &replacement)
{
    Collector collector(replacement);
    ModelStream editor(collector);
    for (const std::string_view piece : pieces)
        editor.feed(QByteArray(piece.data(), qsizetype(piece.size())));
    editor.finish();
    return {std::move(collector.sent), editor.readability(), editor.faultOffset(), editor.models()};
}

/// The body with each model that is a text replaced, or one added at the end of the object.
std::string editedByTheBook(std::string body, const reference::Parser &parser, const std::string &value)
{
    const std::vector<reference::Member> &members = parser.members();
    bool hasModel = false;
    std::string edited = body;
    for (auto member = members.rbegin(); member != members.rend(); ++member) {
        if (member->key != "model")
            continue;
        hasModel = true;
        if (member->value.starts_with('"'))
            edited.replace(member->offset, member->value.size(), value);
    }
    if (!hasModel && parser.isObject())
        edited.insert(edited.rfind('}'), (members.empty() ? "\"model\":" : ",\"model\":") + value);
    return edited;
}

void editHeld(std::string_view body, const reference::Parser &parser, const std::string &value)
{
    const JsonProbe probe = probeJson(body);
    if (probe.readability != Readability::Readable || !probe.object.isHere())
        return;
    JsonEdit edit(QByteArray(body.data(), qsizetype(body.size())));
    std::string expected(body);
    if (probe.model.isHere()) {
        const reference::Member *model = parser.last("model");
        edit.replace(probe.model, value);
        expected.replace(model->offset, model->value.size(), value);
    } else {
        edit.insertMember(probe.object, "model", value);
        expected.insert(probe.object.offset + 1,
                        "\"model\":" + value + (parser.members().empty() ? "" : ","));
    }
    const QByteArray edited = joined(edit.pieces());
    require(edited.size() == edit.size(), "the size that was told");
    require(bytesOf(edited) == expected, "the model and nothing else");
}

void editStreaming(std::string_view body, const reference::Parser &parser, const std::string &replacement)
{
    const Outcome whole = stream({body}, replacement);
    if (parser.isValid() && whole.readability == Readability::Readable)
        require(whole.sent == editedByTheBook(std::string(body), parser, jsonString(replacement)),
                "the models and nothing else");
    require(parser.isValid() || whole.readability != Readability::Readable, "what is no JSON is told");
    std::vector<std::string_view> single;
    for (std::size_t at = 0; at < body.size(); ++at)
        single.push_back(body.substr(at, 1));
    require(stream(single, replacement) == whole, "the same byte by byte");
    for (std::size_t at = 1; at < body.size() && body.size() <= EveryCutMax; ++at)
        require(stream({body.substr(0, at), body.substr(at)}, replacement) == whole, "the same however cut");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char *>(bytes), size);
    const std::size_t lineEnd = std::min(input.find('\n'), input.size());
    const std::string replacement(input.substr(0, lineEnd));
    const std::string_view body = input.substr(std::min(lineEnd + 1, input.size()));
    const reference::Parser parser(body);
    require(
        unescaped(std::string_view(jsonString(replacement)).substr(1, jsonString(replacement).size() - 2)) ==
            replacement,
        "a text comes back");
    editHeld(body, parser, jsonString(replacement));
    editStreaming(body, parser, replacement);
    matchesPattern(replacement, body);
    return 0;
}
