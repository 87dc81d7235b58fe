// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/json_probe.h"

#include "llm/json_index.h"
#include "llm/json_nesting.h"
#include "llm/json_scanner.h"
#include "llm/json_string.h"

namespace weir::llm {

namespace {

constexpr std::string_view ByteOrderMark = "\xEF\xBB\xBF";
/// No key that is looked for has more bytes, all of them written as \u00XX.
constexpr std::size_t KeyTextMax = 6 * std::string_view("max_completion_tokens").size();

bool isBlank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/// The digits at `at`, at least one; false if there is none.
bool skipDigits(std::string_view text, std::size_t &at)
{
    const std::size_t first = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9')
        ++at;
    return at > first;
}

/// RFC 8259 §6.
bool isNumber(std::string_view text)
{
    std::size_t at = text.starts_with('-') ? 1 : 0;
    const std::size_t first = at;
    if (!skipDigits(text, at) || (text[first] == '0' && at > first + 1))
        return false;
    if (at < text.size() && text[at] == '.' && !skipDigits(text, ++at))
        return false;
    if (at < text.size() && (text[at] | 0x20) == 'e') {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-'))
            ++at;
        if (!skipDigits(text, at))
            return false;
    }
    return at == text.size();
}

/// Walks over the tokens of a text, checks that they stand where they may, and tells where values lie. A
/// function that returns false has met a fault (or too deep a nesting); nothing may be read behind it.
class Walk
{
public:
    Walk(std::string_view text, std::span<const std::uint32_t> tokens)
        : m_text(text), m_at(tokens.data()), m_end(tokens.data() + tokens.size())
    {
    }

    bool isAtEnd() const { return m_at == m_end; }
    /// The first character of the next token; NUL, which begins none, at the end.
    char peek() const { return isAtEnd() ? '\0' : m_text[*m_at]; }

    bool skipValue(JsonSpan &span)
    {
        const std::size_t first = position();
        if (!skipValue())
            return false;
        span = spanFrom(first);
        return true;
    }

    /// Walks over an object. `take(key)` gets each key, without escapes, and walks over its value.
    template<typename Take>
    bool members(JsonSpan &span, Take &&take)
    {
        const std::size_t first = position();
        if (!open(true))
            return false;
        if (peek() == '}')
            return close(first, span);
        while (true) {
            std::string decoded;
            std::string_view key;
            if (!skipKey(key))
                return false;
            if (key.find('\\') != std::string_view::npos) {
                decoded = key.size() <= KeyTextMax ? unescaped(key) : std::string();
                key = decoded;
            }
            if (!take(key))
                return false;
            if (peek() == '}')
                return close(first, span);
            if (peek() != ',')
                return false;
            ++m_at;
        }
    }

    /// Walks over any value. `count`: the elements of an array, one for a string, else none. `isCounted` is
    /// asked for each element by its first character.
    template<typename IsCounted>
    bool countElements(std::size_t &count, IsCounted &&isCounted)
    {
        count = peek() == '"' ? 1 : 0;
        if (peek() != '[')
            return skipValue();
        JsonSpan ignored;
        if (!open(false))
            return false;
        if (peek() == ']')
            return close(0, ignored);
        while (true) {
            count += isCounted(peek()) ? 1 : 0;
            if (!skipValue())
                return false;
            if (peek() == ']')
                return close(0, ignored);
            if (peek() != ',')
                return false;
            ++m_at;
        }
    }

    bool skipValue()
    {
        const std::size_t outside = m_nesting.depth();
        while (true) {
            if (peek() == '{' || peek() == '[') {
                const bool isObject = peek() == '{';
                if (!open(isObject))
                    return false;
                if (peek() != (isObject ? '}' : ']')) {
                    std::string_view key;
                    if (isObject && !skipKey(key))
                        return false;
                    continue;
                }
            } else if (!skipScalar()) {
                return false;
            }
            if (!closeOpened(outside))
                return false;
            if (m_nesting.depth() == outside)
                return true;
        }
    }

private:
    /// Behind a value: closes what ends here, down to the depth `outside`. If something deeper stays open,
    /// goes to the next value in it.
    bool closeOpened(std::size_t outside)
    {
        // An empty bracket has just been opened, and is closed like any other.
        while (m_nesting.depth() > outside) {
            const char token = peek();
            const bool isObject = m_nesting.isInObject();
            if (token == ',') {
                ++m_at;
                std::string_view key;
                return !isObject || skipKey(key);
            }
            if (token != (isObject ? '}' : ']'))
                return false;
            ++m_at;
            m_nesting.close();
        }
        return true;
    }

    std::size_t position() const { return isAtEnd() ? m_text.size() : *m_at; }

    /// From `first` to the end of the token before the next one: only blanks are between tokens.
    JsonSpan spanFrom(std::size_t first) const
    {
        std::size_t end = position();
        while (isBlank(m_text[end - 1]))
            --end;
        return {first, end - first};
    }

    bool open(bool isObject)
    {
        if (peek() != (isObject ? '{' : '[') || !m_nesting.open(isObject))
            return false;
        ++m_at;
        return true;
    }

    bool close(std::size_t first, JsonSpan &span)
    {
        ++m_at;
        m_nesting.close();
        span = spanFrom(first);
        return true;
    }

    bool skipKey(std::string_view &inside)
    {
        if (peek() != '"')
            return false;
        const std::size_t first = *m_at++;
        const JsonSpan span = spanFrom(first);
        inside = m_text.substr(span.offset + 1, span.size - 2);
        if (peek() != ':')
            return false;
        ++m_at;
        return true;
    }

    bool skipScalar()
    {
        if (isAtEnd())
            return false;
        const std::size_t first = *m_at++;
        switch (m_text[first]) {
        case '"':
            return true; // the index saw its end, hasOnlyKnownEscapes() sees what is inside
        case 't':
            return spanFrom(first).in(m_text) == "true";
        case 'f':
            return spanFrom(first).in(m_text) == "false";
        case 'n':
            return spanFrom(first).in(m_text) == "null";
        default:
            return isNumber(spanFrom(first).in(m_text));
        }
    }

    std::string_view m_text;
    const std::uint32_t *m_at;
    const std::uint32_t *m_end;
    JsonNesting m_nesting;
};

bool readMetadata(Walk &walk, JsonProbe &found)
{
    found.userId = {};
    if (walk.peek() != '{')
        return walk.skipValue(found.metadata);
    return walk.members(found.metadata, [&](std::string_view key) {
        return key == "user_id" ? walk.skipValue(found.userId) : walk.skipValue();
    });
}

bool readStreamOptions(Walk &walk, JsonProbe &found)
{
    found.includeUsage = {};
    if (walk.peek() != '{')
        return walk.skipValue(found.streamOptions);
    return walk.members(found.streamOptions, [&](std::string_view key) {
        return key == "include_usage" ? walk.skipValue(found.includeUsage) : walk.skipValue();
    });
}

/// A provider may take another model than the last member "model" says.
void noteModelDoubt(std::string_view key, JsonProbe &found)
{
    const char first = key.empty() ? '\0' : key.front();
    if (first != 'm' && first != 'M' && first != '_' && first != '-')
        return; // as most: neither of the two
    if (mayBeNamed(key, "model")) {
        found.modelDoubt = "the body has a member that some providers read as 'model'";
    } else if (mayBeNamed(key, "models")) {
        found.modelDoubt = "the body has a member 'models'";
    }
}

bool isAny(char /*first*/)
{
    return true;
}

bool readPrompts(Walk &walk, JsonProbe &found)
{
    // A list of numbers is one text, in tokens.
    const auto isPrompt = [](char first) { return first == '"' || first == '['; };
    std::size_t prompts = 0;
    const bool isWalked = walk.countElements(prompts, isPrompt);
    found.output.notePrompts(std::int64_t(prompts));
    return isWalked;
}

bool readMember(Walk &walk, std::string_view text, std::string_view key, JsonProbe &found)
{
    if (key == "model") {
        if (found.model.isHere())
            found.modelDoubt = "the body has two members 'model'";
        return walk.skipValue(found.model);
    }
    if (key == "stream")
        return walk.skipValue(found.stream);
    if (key == "user")
        return walk.skipValue(found.user);
    if (key == "metadata")
        return readMetadata(walk, found);
    if (key == "stream_options")
        return readStreamOptions(walk, found);
    if (key == "messages")
        return walk.countElements(found.messages, isAny);
    if (key == "input")
        return walk.countElements(found.inputs, isAny);
    if (mayBeNamed(key, "prompt") || mayBeNamed(key, "promptembeds"))
        return readPrompts(walk, found);
    noteModelDoubt(key, found);
    JsonSpan value;
    if (!walk.skipValue(value))
        return false;
    found.output.note(key, value.in(text));
    return true;
}

bool readBody(std::string_view body, std::span<const std::uint32_t> tokens, JsonProbe &found)
{
    if (tokens.empty() || !hasOnlyKnownEscapes(body))
        return false;
    Walk walk(body, tokens);
    if (walk.peek() != '{')
        return walk.skipValue() && walk.isAtEnd();
    const auto read = [&](std::string_view key) { return readMember(walk, body, key, found); };
    return walk.members(found.object, read) && walk.isAtEnd();
}

/// Slow, and only for what cannot be read: says why, and at which byte.
JsonProbe whyUnreadable(std::string_view body)
{
    JsonScanner scanner;
    JsonScanner::Stop stop{};
    do
        body.remove_prefix(scanner.scan(body, stop));
    while (stop != JsonScanner::Stop::OutOfBytes && stop != JsonScanner::Stop::Fault &&
           stop != JsonScanner::Stop::TooDeep);
    JsonProbe found;
    // Whole, and yet there was no index: too large for it.
    const bool isBeyondBounds = stop == JsonScanner::Stop::TooDeep || scanner.isWhole();
    found.readability = isBeyondBounds ? Readability::NotInspected : Readability::Invalid;
    found.faultOffset = scanner.offset();
    return found;
}

JsonProbe notInspected()
{
    JsonProbe found;
    found.readability = Readability::NotInspected;
    return found;
}

void moveBy(std::size_t offset, JsonProbe &found)
{
    for (JsonSpan *span : {&found.object, &found.model, &found.stream, &found.user, &found.metadata,
                           &found.userId, &found.streamOptions, &found.includeUsage}) {
        if (span->isHere())
            span->offset += offset;
    }
}

} // namespace

JsonProbe probeJson(std::string_view body)
{
    const std::size_t mark = body.starts_with(ByteOrderMark) ? ByteOrderMark.size() : 0;
    const std::string_view text = body.substr(mark);
    JsonIndex &index = JsonIndex::ofThisThread();
    JsonProbe found;
    const bool isReadable = readBody(text, index.tokensOf(text), found);
    index.release();
    if (!isReadable)
        return whyUnreadable(body);
    if (mark > 0)
        moveBy(mark, found);
    found.readability = Readability::Readable;
    if (found.model.size > ModelTextMax)
        return notInspected();
    found.modelName = textAt(body, found.model);
    if (found.modelName && found.modelName->size() > ModelNameMax)
        return notInspected();
    return found;
}

std::optional<std::string> textAt(std::string_view body, JsonSpan span)
{
    const std::string_view value = span.in(body);
    if (!value.starts_with('"'))
        return std::nullopt;
    return unescaped(value.substr(1, value.size() - 2));
}

std::optional<bool> boolAt(std::string_view body, JsonSpan span)
{
    const std::string_view value = span.in(body);
    if (value != "true" && value != "false")
        return std::nullopt;
    return value == "true";
}

} // namespace weir::llm
