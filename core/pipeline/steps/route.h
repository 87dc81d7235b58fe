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
    /// `options` are borrowed for the step's life.
    explicit Route(const RouteOptions &options) : m_options(options) {}
    Verdict onHead(Exchange &exchange) override;

private:
    const RouteOptions &m_options;
};

} // namespace weir::pipeline
