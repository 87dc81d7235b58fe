// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/request.h"

namespace weir::bench {

load::Target targetFor(const subjects::Subject &subject, const RequestShape &shape)
{
    const std::string body = R"({"model":")" + shape.model + R"(","max_tokens":64,)" +
                             (shape.isStream ? R"("stream":true,)" : "") +
                             R"("messages":[{"role":"user","content":")" +
                             std::string(shape.promptBytes, 'x') + "\"}]}";
    const bool isIpv6 = subject.host().find(':') != std::string::npos;
    const std::string host = isIpv6 ? "[" + subject.host() + "]" : subject.host();
    std::string head = "POST " + subject.basePath() + "/v1/messages HTTP/1.1\r\nHost: " + host + ":" +
                       std::to_string(subject.port()) +
                       "\r\nx-api-key: bench\r\nanthropic-version: 2023-06-01\r\n"
                       "Content-Type: application/json\r\nUser-Agent: weir-bench\r\n";
    for (const auto &[name, value] : subject.headers())
        head += name + ": " + value + "\r\n";
    head += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    return {subject.name(), subject.host(), subject.port(), head + body};
}

} // namespace weir::bench
