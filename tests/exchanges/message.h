// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <utility>
#include <vector>

namespace weir::exchanges {

using Fields = std::vector<std::pair<QByteArray, QByteArray>>;

/// A request or a reply as it has come so far.
struct Message
{
    QByteArray start; ///< "POST /v1/messages" or "200"; empty until the head is there
    Fields fields;    ///< in their order; over HTTP/2 the authority is the field "host"
    QByteArray body;
    Fields trailers;
    bool isWhole = false;
    bool isCut = false; ///< nothing more comes, and it is not whole

    bool hasHead() const { return !start.isEmpty(); }
    bool isOver() const { return isWhole || isCut; }
};

} // namespace weir::exchanges
