// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "pipeline/step.h"

namespace weir::pipeline {

/// Answers what Weir serves by itself.
class Local final : public Step
{
public:
    Verdict onHead(Exchange &exchange) override;
};

} // namespace weir::pipeline
