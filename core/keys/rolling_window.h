// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace weir::keys {

/// Something spent, as it is stored: monotonic time does not survive a restart, wall time does.
struct Spent
{
    base::WallMs at = 0;
    std::int64_t amount = 0;

    bool operator==(const Spent &) const = default;
};

/// What one key has spent, as it is stored.
struct KeySpent
{
    std::int64_t keyId = 0; ///< 0 = all keys together, and what comes without one
    std::vector<Spent> spent;

    bool operator==(const KeySpent &) const = default;
};

/// What was spent within a window that slides with time. 60 buckets, and one that is being filled, so every
/// operation costs the same however long the history. An amount leaves after `length` at the earliest and one
/// bucket later at the latest: a limit on `used()` is never overshot within any window. Pure arithmetic, the
/// caller passes the time in; an instant before the last one counts as the last one.
class RollingWindow
{
public:
    static constexpr int BucketCount = 60;
    /// Sums stop here instead of overflowing; more than any provider bills (SAFETY: usage is clamped to
    /// 2^40).
    static constexpr std::int64_t AmountMax = std::int64_t{1} << 52;

    explicit RollingWindow(base::Duration length);

    /// Amounts below zero count as zero.
    void add(std::int64_t amount, base::Instant now);
    std::int64_t used(base::Instant now);
    /// How long until used() is `most` at most; zero if it is already. `most` below zero counts as zero.
    base::Duration timeUntilAtMost(std::int64_t most, base::Instant now);

    base::Duration length() const { return m_width * BucketCount; }

    /// For the store: what still counts, oldest first, each at the end of its bucket.
    std::vector<Spent> toRest(base::Instant now, base::WallMs wallNow);
    /// Takes up what was stored. What lies in the future (the clock was set back) counts from now on, so it
    /// locks nobody out for longer than the window.
    void restore(const std::vector<Spent> &spent, base::Instant now, base::WallMs wallNow);

private:
    static constexpr std::int64_t SlotCount = BucketCount + 1;

    void advance(base::Instant now);
    std::int64_t &slot(std::int64_t bucket) { return m_slots[std::size_t(bucket % SlotCount)]; }

    base::Duration m_width;     // of a bucket
    std::int64_t m_current = 0; // number of the bucket being filled
    bool m_started = false;
    base::Instant m_latest{};
    std::int64_t m_sum = 0;
    std::array<std::int64_t, SlotCount> m_slots{};
};

} // namespace weir::keys
