// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "http/message.h"
#include <QNetworkReply>

namespace weir::upstream {

/// The head of a reply as QNetworkAccessManager tells it, held to what RFC 9110, 9112 §6 and 9113 §8 ask:
/// Qt itself lets through line breaks in values, lengths that differ or are none, unknown codings and heads
/// of any size. Without fields that belong to the connection. UpstreamProtocol says what is wrong.
base::Result<http::ResponseHead> readHead(const QNetworkReply &reply);

} // namespace weir::upstream
