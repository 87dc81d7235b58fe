// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "pipeline/accounts.h"
#include "pipeline/step.h"

namespace weir::pipeline {

struct Options;

/// Holds requests to the limits of their access key and of all together: running ones and those of the last
/// minute when the head is there, tokens before anything is sent, by an estimate that is set aside and
/// settled with what was really used (Exchange::charged()). Asks for a body only where tokens are limited.
/// `X-Weir-Report: limits` makes the reply tell how they stand. Users read docs/keys.md.
class Limit final : public Step
{
public:
    explicit Limit(const Options &options) : m_options(options) {} ///< borrowed for the step's life
    Verdict onHead(Exchange &exchange) override;
    BodyVerdict onBody(Exchange &exchange) override;
    /// Nobody would know what the body asks for.
    BodyVerdict onLargeBody(Exchange &exchange) override;

private:
    static bool limitsTokens(Exchange &exchange);
    BodyVerdict reserve(Exchange &exchange) const;

    const Options &m_options;
};

} // namespace weir::pipeline
