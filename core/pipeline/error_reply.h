// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/error.h"
#include "http/message.h"
#include "llm/dialect.h"
#include <cstdint>
#include <optional>
#include <QByteArray>
#include <QString>
#include <string_view>

namespace weir::pipeline {

/// HTTP status of an error (the table is in the .cpp).
int statusFor(base::Errc code);
/// Whether the client's connection ends with this refusal: who is not meant to be here at all gets no second
/// try on it. A wrong key is no such case, because the connections of a tool that shows one carry its other
/// requests, too.
bool closesConnection(base::Errc code);

/// What the error of a limit tells besides its sentence.
struct LimitReport
{
    std::string_view limit; ///< "tokens_per_window", …: as the setting is called. Static
    bool isOfTokens = true; ///< else of requests
    std::int64_t used = 0;  ///< what is set aside for running requests included
    std::int64_t most = 0;
    std::optional<base::WallMs> endsAt; ///< when the request would have room; absent = nobody knows
    bool isForEver = false;             ///< waiting does not help
};

/// A whole reply that tells an error in the client's dialect.
struct ErrorReply
{
    http::ResponseHead head;
    QByteArray body;
};
/// `report`: of Errc::LimitReached, else null.
ErrorReply errorReply(const base::Error &error, llm::Endpoint endpoint, const LimitReport *report = nullptr);

/// A time as it stands in replies: ISO 8601, UTC.
QString isoTime(base::WallMs at);

/// The event that tells an error inside a stream whose head has passed, ended by a blank line.
QByteArray errorEvent(const base::Error &error, llm::Endpoint endpoint);

} // namespace weir::pipeline
