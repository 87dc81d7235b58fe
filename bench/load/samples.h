// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

namespace weir::load {

/// Latencies of one arm, kept raw: a benchmark may cost memory, and no bucket then blurs a small difference.
class Samples
{
public:
    void add(std::int64_t nanos) { m_nanos.push_back(nanos); }
    void addFailure() { ++m_failures; }

    std::size_t count() const { return m_nanos.size(); }
    std::size_t failures() const { return m_failures; }

    /// Sorts; to be called once all is added.
    void finish();
    /// The value that `share` (0–1) of all samples do not exceed (nearest rank). Absent where fewer than ten
    /// samples lie beyond it: then it would be the tale of a few outliers. The maximum (1.0) is always there
    /// if anything is.
    std::optional<std::int64_t> percentile(double share) const;
    const std::vector<std::int64_t> &sorted() const { return m_nanos; }

private:
    std::vector<std::int64_t> m_nanos;
    std::size_t m_failures = 0;
};

} // namespace weir::load
