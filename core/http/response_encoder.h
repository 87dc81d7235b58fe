// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/message.h"
#include <QByteArray>
#include <string>

namespace weir::http {

/// How the body of a response to this client is framed.
enum class BodyFraming
{
    None,          ///< HEAD, 204, 304: no body bytes at all
    ContentLength, ///< exactly the announced number of bytes
    Chunked,
    UntilClose, ///< HTTP/1.0 clients and the like: closing is the end
};

/// Status line, fields and framing fields of a response, ready to be written.
/// Fields with an invalid name or value are left out: nothing an upstream says can start a new line here.
QByteArray encodeHead(const ResponseHead &head, BodyFraming framing, bool keepAlive);

/// "1a\r\n" + bytes + "\r\n": one chunk (RFC 9112 §7.1). `bytes` must not be empty: an empty chunk ends the
/// body.
QByteArray encodeChunk(const QByteArray &bytes);
/// "0\r\n\r\n".
QByteArray encodeLastChunk();

} // namespace weir::http
