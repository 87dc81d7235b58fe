// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "pipeline/options.h"
#include "pipeline/step.h"

namespace weir::pipeline {

/// Finds out what a request asks for: a page of Weir's own, or an endpoint of a provider. The destination
/// comes from the configuration and the path alone; nothing else in a request can steer it.
class Route final : public Step
{
public:
    explicit Route(RouteOptions options) : m_options(std::move(options)) {}
    Verdict onHead(Exchange &exchange) override;

private:
    RouteOptions m_options;
};

} // namespace weir::pipeline
