// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/upload_clock.h"

namespace weir::server {

using base::Errc;
using base::Error;

void UploadClock::begin(base::Instant now)
{
    m_began = m_tookAt = now;
    m_pausedAt.reset();
    m_bytes = 0;
}

void UploadClock::pause(base::Instant now)
{
    if (!m_pausedAt)
        m_pausedAt = now;
}

void UploadClock::resume(base::Instant now)
{
    m_began += now - m_pausedAt.value_or(now);
    m_pausedAt.reset();
    m_tookAt = now; // the client could not send while it was paused
}

void UploadClock::took(std::int64_t bytes, base::Instant now)
{
    m_bytes += bytes;
    m_tookAt = now;
}

std::optional<Error> UploadClock::missed(const Options &options, base::Instant now) const
{
    if (m_pausedAt)
        return std::nullopt;
    if (now - m_tookAt > options.bodyIdle)
        return Error{Errc::RequestTimeout, "nothing of its body came for timeouts.body_idle_ms"};
    const base::Duration taken = now - m_began;
    const double least = std::chrono::duration<double>(taken).count() * double(options.bodyRate);
    if (taken > options.body && double(m_bytes) < least) {
        return Error{Errc::RequestTimeout, "after timeouts.body_ms its body came slower than " +
                                               std::to_string(options.bodyRate) +
                                               " bytes per second, timeouts.body_rate"};
    }
    return std::nullopt;
}

} // namespace weir::server
