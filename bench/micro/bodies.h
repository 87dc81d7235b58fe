// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/message.h"
#include <cstddef>
#include <QByteArray>
#include <string>
#include <vector>

namespace weir::micro {

inline constexpr std::size_t Kilobyte = 1024;
inline constexpr std::size_t Megabyte = 1024 * Kilobyte;

/// Where a request names its model. First is what the clients do; Last makes a reader walk over everything.
enum class ModelAt
{
    First,
    Last
};

/// The model that every body here names.
inline constexpr const char *BodyModel = "claude-sonnet-4-5-20250929";

/// A chat request as an SDK sends it: one question, no stream. Exactly `size` bytes (at least 256) of valid
/// JSON, the same at every call.
QByteArray chatRequest(std::size_t size);

/// A request in the shape in which Claude Code 2.1 sends it: system prompt, 12 tools, thinking,
/// context_management, output_config, stream; beyond that turns of tool calls and their results. Exactly
/// `size` bytes (at least 40 KB) of valid JSON, the same at every call. Each size is made once and kept.
const QByteArray &claudeCodeRequest(std::size_t size, ModelAt modelAt = ModelAt::First);

/// The request line and fields that go before it, with the empty line.
std::string claudeCodeHead(std::size_t bodySize);

/// The same, read by Weir's own parser.
http::RequestHead parsedHead(const std::string &head);

/// In pieces of at most `pieceSize` bytes, as a socket yields it.
std::vector<QByteArray> cut(const QByteArray &body, qsizetype pieceSize);

/// A provider's reply of tests/fixtures ("anthropic/messages.json"), which the program carries in itself.
QByteArray fixture(const char *name);
/// The events of such a stream, each with the empty line that ends it.
std::vector<QByteArray> fixtureEvents(const char *name);

} // namespace weir::micro
