// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "subjects/subject.h"
#include <chrono>
#include <string>

namespace weir::subjects {

/// What came back for one request.
struct ProbeReply
{
    int status = 0;
    std::string server; ///< the Server field; "" without one
    std::string body;   ///< its first ProbeReplyMax bytes, with the framing of its transfer coding
};

/// A longer reply is not read further: the probe wants to know whether there is one.
inline constexpr std::size_t ProbeReplyMax = 64 * 1024;

/// Sends one small chat request (POST /v1/messages, model sim-ok) on a connection of its own and waits for
/// the reply; blocks up to `deadline`. The error's detail is a sentence without the name: "the connection was
/// refused".
base::Result<ProbeReply> probe(const Subject &subject, std::chrono::milliseconds deadline);

/// Empty if the subject accepts a connection; else why not, with its name. Costs it next to nothing, so it
/// may be asked during a measurement; blocks up to `deadline`.
std::string silenceOf(const Subject &subject, std::chrono::milliseconds deadline);

/// Empty if the subject answers such a request with a status below 400; else why it is of no use, with its
/// name: "portkey (127.0.0.1:8787) answers with status 401: …".
std::string problemOf(const Subject &subject, std::chrono::milliseconds deadline);

} // namespace weir::subjects
