// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/message.h"
#include <QByteArray>

namespace weir::simulator {

/// A complete request, whatever protocol brought it.
struct Request
{
    http::RequestHead head;
    QByteArray body;
    bool http2 = false;
    bool tls = false;
};

} // namespace weir::simulator
