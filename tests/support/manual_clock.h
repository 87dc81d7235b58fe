// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"

namespace weir::test {

/// A clock that stands still until a test moves it.
class ManualClock final : public base::Clock
{
public:
    base::Instant now() const override { return m_now; }
    base::WallMs wallNow() const override { return m_wall; }

    void advance(base::Duration by)
    {
        m_now += by;
        m_wall += std::chrono::duration_cast<std::chrono::milliseconds>(by).count();
    }
    /// Moves the wall clock only, as a user or NTP does.
    void setWall(base::WallMs wall) { m_wall = wall; }

private:
    base::Instant m_now{std::chrono::seconds(1000)};
    base::WallMs m_wall = 1'700'000'000'000;
};

} // namespace weir::test
