// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::subjects {

/// What the processes of a subject have used. Each absent where it cannot be known (a peer given by URL that
/// is not ours).
struct Usage
{
    std::optional<double> cpuSeconds; ///< user and system, all its processes and threads, since they began
    std::optional<std::int64_t> rssBytes;
    std::optional<std::int64_t> pssBytes;
};

/// One of the things compared: something that listens and answers like a provider.
class Subject
{
public:
    virtual ~Subject() = default;

    virtual const std::string &name() const = 0; ///< "direct", "weir", "nginx" …
    virtual const std::string &host() const = 0; ///< numeric address
    virtual std::uint16_t port() const = 0;
    /// Put before the path of each request: "" or "/base".
    virtual const std::string &basePath() const = 0;
    /// Sent with each request besides the usual ones.
    virtual const std::vector<std::pair<std::string, std::string>> &headers() const = 0;
    /// As it tells itself, "nginx/1.22.1"; "" if it does not.
    virtual const std::string &version() const = 0;

    virtual Usage usage() const = 0;
    /// Empty while it runs; else why not, in words: "nginx ended with signal 9". Looks anew at each call.
    virtual std::string troubles() = 0;
};

} // namespace weir::subjects
