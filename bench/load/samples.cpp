// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/samples.h"
#include <algorithm>
#include <cmath>

namespace weir::load {

namespace {

constexpr double BeyondMin = 10;

} // namespace

void Samples::finish()
{
    std::sort(m_nanos.begin(), m_nanos.end());
}

std::optional<std::int64_t> Samples::percentile(double share) const
{
    if (m_nanos.empty())
        return std::nullopt;
    const double count = double(m_nanos.size());
    if (share >= 1)
        return m_nanos.back();
    // A little slack, because 1 - 0.99 is not quite 0.01.
    if (count * (1 - share) < BeyondMin - 1e-6)
        return std::nullopt;
    const auto rank = std::size_t(std::ceil(share * count - 1e-9));
    return m_nanos[std::clamp<std::size_t>(rank, 1, m_nanos.size()) - 1];
}

} // namespace weir::load
