// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/error.h"
#include "llm/provider.h"
#include "pipeline/step.h"

namespace weir::pipeline {

/// Lets through who brings a credential where one is needed. In pass-through, the only mode so far, Weir does
/// not judge it: the provider does. Access keys of Weir's own will be looked up here.
class Auth final : public Step
{
public:
    Verdict onHead(Exchange &exchange) override;
    /// What is wrong with a request's credential for a provider that is called so, or Errc::None.
    static base::Errc wrongCredential(const http::Headers &headers, llm::AuthMode mode);
};

} // namespace weir::pipeline
