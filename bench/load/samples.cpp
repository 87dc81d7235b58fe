// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/samples.h"
#include <algorithm>
#include <cmath>

namespace weir::load {

std::optional<std::uint64_t> rankOf(double share, std::uint64_t count)
{
    if (count == 0)
        return std::nullopt;
    if (share >= 1)
        return count;
    // A little slack, because 1 - 0.99 is not quite 0.01.
    if (double(count) * (1 - share) < BeyondMin - 1e-6)
        return std::nullopt;
    const auto rank = std::uint64_t(std::ceil(share * double(count) - 1e-9));
    return std::clamp<std::uint64_t>(rank, 1, count);
}

void Samples::add(std::int64_t nanos)
{
    m_max = count() == 0 ? nanos : std::max(m_max, nanos);
    m_sum += double(nanos);
    if (m_histogram) {
        m_histogram->add(nanos);
        return;
    }
    if (m_raw.size() < m_rawMax) {
        // Address space only: growing by copying would stall the generator for milliseconds.
        if (m_raw.capacity() == 0)
            m_raw.reserve(m_rawMax);
        m_raw.push_back(nanos);
        return;
    }
    moveToHistogram();
    m_histogram->add(nanos);
}

void Samples::add(const Samples &other)
{
    if (other.count() == 0)
        return;
    m_max = count() == 0 ? other.m_max : std::max(m_max, other.m_max);
    m_sum += other.m_sum;
    if (!m_histogram && (other.m_histogram || m_raw.size() + other.m_raw.size() > m_rawMax))
        moveToHistogram();
    if (!m_histogram) {
        m_raw.insert(m_raw.end(), other.m_raw.begin(), other.m_raw.end());
        return;
    }
    for (const std::int64_t each : other.m_raw)
        m_histogram->add(each);
    if (other.m_histogram)
        m_histogram->add(*other.m_histogram);
}

void Samples::moveToHistogram()
{
    m_histogram.emplace();
    for (const std::int64_t each : m_raw)
        m_histogram->add(each);
    m_raw = {};
}

void Samples::finish()
{
    std::sort(m_raw.begin(), m_raw.end());
}

std::optional<std::int64_t> Samples::percentile(double share) const
{
    const auto rank = rankOf(share, count());
    if (!rank)
        return std::nullopt;
    if (*rank == count())
        return m_max;
    return m_histogram ? std::min(m_histogram->atRank(*rank), m_max) : m_raw[*rank - 1];
}

std::optional<double> Samples::mean() const
{
    return count() == 0 ? std::nullopt : std::optional(m_sum / double(count()));
}

std::vector<Bucket> Samples::distribution() const
{
    if (m_histogram)
        return m_histogram->buckets();
    Histogram histogram;
    for (const std::int64_t each : m_raw)
        histogram.add(each);
    return histogram.buckets();
}

} // namespace weir::load
