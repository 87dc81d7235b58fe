// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/origin.h"

#include <algorithm>
#include <array>

namespace weir::pipeline {

namespace {

constexpr std::string_view AskedMethod = "access-control-request-method";

} // namespace

bool isLocalProgram(std::string_view origin)
{
    static constexpr std::array<std::string_view, 4> Schemes{"app://", "tauri://", "vscode-file://",
                                                             "vscode-webview://"};
    return std::any_of(Schemes.begin(), Schemes.end(),
                       [origin](std::string_view scheme) { return origin.starts_with(scheme); });
}

bool isPreflight(const http::RequestHead &request)
{
    return request.method == "OPTIONS" && request.headers.contains(AskedMethod);
}

void allowOrigin(http::Headers &reply, std::string_view origin, const http::RequestHead &request)
{
    if (reply.contains("access-control-allow-origin"))
        return;
    reply.add("Access-Control-Allow-Origin", origin);
    reply.add("Access-Control-Expose-Headers", "*");
    reply.add("Vary", "Origin");
    if (!isPreflight(request))
        return;
    reply.add("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
    if (const auto fields = request.headers.find("access-control-request-headers"))
        reply.add("Access-Control-Allow-Headers", *fields);
    if (request.headers.contains("access-control-request-private-network"))
        reply.add("Access-Control-Allow-Private-Network", "true");
    reply.add("Access-Control-Max-Age", "600");
}

} // namespace weir::pipeline
