// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "pipeline/step.h"

namespace weir::pipeline {

/// Says who goes first where requests wait for an upstream: `X-Weir-Priority: interactive` or `background` if
/// the client sends it (it is never passed on), else its access key where that is one for the background,
/// else the kind of request: nobody watches a token count or an embedding come.
class Rank final : public Step
{
public:
    Verdict onHead(Exchange &exchange) override;
};

} // namespace weir::pipeline
