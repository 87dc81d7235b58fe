// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "pipeline/step.h"

namespace weir::pipeline {

/// Lets through who brings a credential where one is needed. In pass-through, the only mode so far, Weir does
/// not judge it: the provider does. Access keys of Weir's own will be looked up here.
class Auth final : public Step
{
public:
    Verdict onHead(Exchange &exchange) override;
};

} // namespace weir::pipeline
