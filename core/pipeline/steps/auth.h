// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/credential.h"
#include "pipeline/step.h"
#include <vector>

namespace weir::pipeline {

struct AdminOptions;

/// Lets in who shows what the provider asks for: the provider's own key, which is passed on and not looked
/// at, or an access key of Weir, which has to be known, in use and not expired. An access key also says who
/// is asked, where its owner has set that. Then: JSON where JSON is due.
class Auth final : public Step
{
public:
    explicit Auth(const AdminOptions &options) : m_options(options) {} ///< borrowed for the step's life
    Verdict onHead(Exchange &exchange) override;

private:
    Verdict identify(Exchange &exchange) const;
    Verdict admit(Exchange &exchange, const std::vector<llm::Credential> &candidates) const;
    Verdict letIn(Exchange &exchange) const;

    const AdminOptions &m_options;
};

} // namespace weir::pipeline
