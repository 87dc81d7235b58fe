// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "pipeline/options.h"
#include "pipeline/step.h"
#include <cstdint>
#include <string_view>

namespace weir::pipeline {

/// Keeps web pages out. A page may send requests to loopback addresses (and, by DNS rebinding, make them look
/// like its own site), so the Host must be one of ours, exactly, and a request that a browser marks as coming
/// from a page is refused, whatever it asks for.
class Guard final : public Step
{
public:
    explicit Guard(GuardOptions options) : m_options(std::move(options)) {}
    Verdict onHead(Exchange &exchange) override;

private:
    bool isOurHost(std::string_view host, std::uint16_t localPort) const;

    GuardOptions m_options;
};

} // namespace weir::pipeline
