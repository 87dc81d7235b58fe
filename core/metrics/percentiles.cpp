// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/percentiles.h"

#include "metrics/histogram.h"

namespace weir::metrics {

Percentiles percentilesOf(const Histogram &histogram)
{
    Percentiles result;
    result.samples = histogram.count();
    if (result.samples >= SamplesForP50)
        result.p50Us = histogram.percentile(0.50);
    if (result.samples >= SamplesForP95)
        result.p95Us = histogram.percentile(0.95);
    if (result.samples >= SamplesForP99)
        result.p99Us = histogram.percentile(0.99);
    result.maxUs = histogram.max();
    return result;
}

} // namespace weir::metrics
