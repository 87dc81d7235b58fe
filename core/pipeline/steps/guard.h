// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "pipeline/options.h"
#include "pipeline/step.h"
#include <string_view>

namespace weir::pipeline {

/// Keeps web pages out. A page may send requests to loopback addresses (and, by DNS rebinding, make them look
/// like its own site), so the Host must be a loopback one, and a request that a browser marks as coming from
/// a page is refused, whatever it asks for. Local programs that are made of pages are served; a browser
/// engine lets them read the answers.
class Guard final : public Step
{
public:
    explicit Guard(GuardOptions options) : m_options(std::move(options)) {}
    Verdict onHead(Exchange &exchange) override;

private:
    bool isOurHost(std::string_view host) const;
    bool isOurOrigin(std::string_view origin) const;

    GuardOptions m_options;
};

} // namespace weir::pipeline
