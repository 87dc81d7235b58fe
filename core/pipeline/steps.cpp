// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps.h"

#include "pipeline/options.h"
#include "pipeline/steps/auth.h"
#include "pipeline/steps/guard.h"
#include "pipeline/steps/inspect.h"
#include "pipeline/steps/limit.h"
#include "pipeline/steps/local.h"
#include "pipeline/steps/rank.h"
#include "pipeline/steps/route.h"
#include "pipeline/steps/transform.h"

namespace weir::pipeline {

std::vector<std::unique_ptr<Step>> makeSteps(const Options &options)
{
    std::vector<std::unique_ptr<Step>> steps;
    // On the head, cheapest refusal first.
    // Before everything: a web page must not even learn which paths exist.
    steps.push_back(std::make_unique<Guard>(options.guard));
    // Says what the path asks for, which decides whether a credential is needed at all.
    steps.push_back(std::make_unique<Route>(options.routes));
    // Before any work is spent on the request.
    steps.push_back(std::make_unique<Auth>(options.admin));
    // What Weir answers by itself ends here; the rest goes to an upstream.
    steps.push_back(std::make_unique<Local>(options.admin));
    // Only what goes to an upstream may have to wait for it.
    steps.push_back(std::make_unique<Rank>());

    // On the body, if one of these wants it.
    // Reads it once for those that follow.
    steps.push_back(std::make_unique<Inspect>());
    // After who looks at what the client has sent: this changes it.
    steps.push_back(std::make_unique<Transform>(options.models));
    // Last, on the head and on the body: what any other refuses has not been counted.
    steps.push_back(std::make_unique<Limit>(options));
    return steps;
}

} // namespace weir::pipeline
