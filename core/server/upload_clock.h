// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/error.h"
#include "server/options.h"
#include <cstdint>
#include <optional>

namespace weir::server {

/// Times the body of one request, to tell a client that is too slow from an upload that is only large. Stands
/// still while Weir itself does not read. Owned by the Connection.
class UploadClock
{
public:
    void begin(base::Instant now);
    /// Weir does not read until resume().
    void pause(base::Instant now);
    void resume(base::Instant now);
    bool isPaused() const { return m_pausedAt.has_value(); }
    void took(std::int64_t bytes, base::Instant now);
    /// The deadline that has passed, as the client is told of it; absent = none.
    std::optional<base::Error> missed(const Options &options, base::Instant now) const;

private:
    base::Instant m_began; // put off by each pause
    base::Instant m_tookAt;
    std::optional<base::Instant> m_pausedAt;
    std::int64_t m_bytes = 0;
};

} // namespace weir::server
