// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <vector>

namespace weir::load {

/// One bucket of a distribution.
struct Bucket
{
    std::int64_t upTo = 0; ///< its greatest value, in ns
    std::uint64_t count = 0;
};

/// Counts of values in buckets that are no wider than 1/128 of the values they hold (below 256 ns they are
/// exact): 58 KB for all of 64 bits, however many values there are.
class Histogram
{
public:
    Histogram();

    /// Below 0 counts as 0.
    void add(std::int64_t nanos);
    void add(const Histogram &other);
    void clear();

    std::uint64_t count() const { return m_count; }
    /// The greatest value of the bucket that holds the one of this rank (1 … count()). Only when not empty.
    std::int64_t atRank(std::uint64_t rank) const;
    /// Ascending, only those that hold something.
    std::vector<Bucket> buckets() const;

private:
    std::vector<std::uint64_t> m_counts;
    std::uint64_t m_count = 0;
};

} // namespace weir::load
