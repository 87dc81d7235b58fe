// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "pipeline/step.h"

namespace weir::pipeline {

/// Reads a body that a later step wants, once for all of them: Exchange::probe. Asks for no body itself.
class Inspect final : public Step
{
public:
    Verdict onBody(Exchange &exchange) override;
};

} // namespace weir::pipeline
