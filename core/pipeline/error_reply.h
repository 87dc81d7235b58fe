// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/error.h"
#include "http/message.h"
#include "llm/provider.h"
#include <QByteArray>

namespace weir::pipeline {

/// HTTP status of an error (the table is in the .cpp).
int statusFor(base::Errc code);

/// A whole reply that tells an error in the client's dialect.
struct ErrorReply
{
    http::ResponseHead head;
    QByteArray body;
};
ErrorReply errorReply(const base::Error &error, llm::Dialect dialect);

/// The event that tells an error inside a stream whose head has passed, ended by a blank line.
QByteArray errorEvent(const base::Error &error, llm::Endpoint endpoint);

} // namespace weir::pipeline
