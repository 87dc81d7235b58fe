// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "llm/dialect.h"
#include "simulator/behaviour.h"
#include "simulator/body_reader.h"
#include "simulator/script.h"
#include <string>
#include <string_view>

namespace weir::simulator {

/// What the replies are made from. Each reply is shaped as the real API's, down to the fields that official
/// clients check.
struct ReplyContext
{
    const BodyFacts &facts;
    const Behaviour &behaviour;
    std::uint64_t serial = 0;      ///< makes ids differ
    base::WallMs now = 0;          ///< for `created` and the like
    std::int64_t inputTokens = 0;  ///< all of them
    std::int64_t cachedTokens = 0; ///< part of inputTokens
};

Script messagesReply(const ReplyContext &context);
Script countTokensReply(const ReplyContext &context);
Script chatReply(const ReplyContext &context);
Script responsesReply(const ReplyContext &context);
Script embeddingsReply(const ReplyContext &context);
Script modelListReply(llm::Dialect dialect, std::uint64_t serial);
Script modelReply(llm::Dialect dialect, std::string_view id, std::uint64_t serial);
/// Status with an error body in the dialect's shape, and the header fields that go with it.
Script errorReply(llm::Dialect dialect, int status, std::string_view message, std::uint64_t serial);

// Parts of the replies above.

/// `prefix` and 24 letters and digits that differ per serial number, as the providers' ids look.
std::string makeId(std::string_view prefix, std::uint64_t serial);
/// Head of a JSON reply with its body as the only piece.
Script jsonScript(llm::Dialect dialect, int status, QByteArray body, std::uint64_t serial);
/// Head of a stream of events, without pieces.
Script eventStreamScript(llm::Dialect dialect, std::uint64_t serial);
/// Text of content event `index`: the sentence goes round word by word, unless so many bytes are wanted. A
/// stamp stands in place of the word, or before the bytes.
std::string chunkText(const Behaviour &behaviour, int index);
/// Text of a reply in one piece: the sentence once, unless so many bytes are wanted.
std::string wholeText(const Behaviour &behaviour);
/// Tokens of wholeText(); a stream has one for each content event.
std::int64_t wholeTextTokens(const Behaviour &behaviour);
/// Content event `index` of a stream: the gap lies between two of them; the text's stamp, if there is one, is
/// going to be set.
Piece contentPiece(const Behaviour &behaviour, int index, QByteArray bytes);

} // namespace weir::simulator
