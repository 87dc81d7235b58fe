// SPDX-License-Identifier: GPL-3.0-or-later
#include "micro/cases.h"

namespace weir::micro {

Cases allCases()
{
    Cases cases;
    for (const auto add : {addHttpCases, addLlmCases, addKeysCases, addProfilingCases, addConfigCases,
                           addMetricsCases, addUpstreamCases, addPipelineCases})
        add(cases);
    return cases;
}

} // namespace weir::micro
