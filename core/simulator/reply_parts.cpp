// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/json_text.h"
#include "simulator/replies.h"
#include "simulator/stamp.h"
#include <array>

namespace weir::simulator {

namespace {

constexpr std::array<std::string_view, 5> Words{"Hello", " from", " the", " simulated", " provider."};

/// `size` letters, with a space now and then.
std::string filler(std::int64_t size)
{
    constexpr std::string_view Pattern = "simulated text ";
    std::string out;
    out.reserve(std::size_t(size));
    while (out.size() + Pattern.size() <= std::size_t(size))
        out.append(Pattern);
    out.append(Pattern.substr(0, std::size_t(size) - out.size()));
    return out;
}

void addIdField(Script &script, llm::Dialect dialect, std::uint64_t serial)
{
    const bool isAnthropic = dialect == llm::Dialect::Anthropic;
    script.head.headers.add(isAnthropic ? "request-id" : "x-request-id", makeId("req_", serial));
}

} // namespace

std::string makeId(std::string_view prefix, std::uint64_t serial)
{
    constexpr std::string_view Digits = "0123456789abcdefghijkmnpqrstuvwxyz";
    constexpr std::string_view Mark = "01sim";
    constexpr std::size_t Size = 24;
    std::string id(prefix);
    id.append(Mark).append(Size - Mark.size(), '0');
    for (std::size_t at = id.size(); serial > 0; serial /= Digits.size())
        id[--at] = Digits[serial % Digits.size()];
    return id;
}

Script jsonScript(llm::Dialect dialect, int status, QByteArray body, std::uint64_t serial)
{
    Script script;
    script.head.status = status;
    script.head.headers.add("content-type", "application/json");
    addIdField(script, dialect, serial);
    script.head.contentLength = body.size();
    script.pieces.push_back({std::move(body)});
    return script;
}

Script eventStreamScript(llm::Dialect dialect, std::uint64_t serial)
{
    Script script;
    script.head.headers.add("content-type", "text/event-stream; charset=utf-8");
    script.head.headers.add("cache-control", "no-cache");
    addIdField(script, dialect, serial);
    script.isEventStream = true;
    return script;
}

std::string chunkText(const Behaviour &behaviour, int index)
{
    std::string text(behaviour.isStamped ? BlankStamp : std::string_view());
    if (behaviour.textBytes) {
        // The last one takes what the division leaves over.
        const std::int64_t share = *behaviour.textBytes / behaviour.chunkCount;
        const bool isLast = index == behaviour.chunkCount - 1;
        return text.append(filler(isLast ? *behaviour.textBytes - share * index : share));
    }
    if (behaviour.isStamped)
        return text;
    const std::size_t word = std::size_t(index) % Words.size();
    text = Words[word];
    if (word == 0 && index > 0)
        text.insert(text.begin(), ' ');
    return text;
}

Piece contentPiece(const Behaviour &behaviour, int index, QByteArray bytes)
{
    Piece piece;
    if (behaviour.isStamped)
        piece.stampAt = findBlankStamp({bytes.constData(), std::size_t(bytes.size())});
    piece.bytes = std::move(bytes);
    piece.pauseMs = index == 0 ? 0 : behaviour.gapMs;
    return piece;
}

std::string wholeText(const Behaviour &behaviour)
{
    if (behaviour.textBytes)
        return filler(*behaviour.textBytes);
    std::string text;
    for (const std::string_view word : Words)
        text.append(word);
    return text;
}

std::int64_t wholeTextTokens(const Behaviour &behaviour)
{
    constexpr std::int64_t BytesPerToken = 4;
    return behaviour.textBytes ? *behaviour.textBytes / BytesPerToken : std::int64_t(Words.size());
}

} // namespace weir::simulator
