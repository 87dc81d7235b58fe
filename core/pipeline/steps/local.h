// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "pipeline/options.h"
#include "pipeline/step.h"

namespace weir::pipeline {

/// Answers what Weir serves by itself, or asks those who know (Question).
class Local final : public Step
{
public:
    explicit Local(AdminOptions options) : m_options(std::move(options)) {}
    Verdict onHead(Exchange &exchange) override;
    BodyVerdict onBody(Exchange &exchange) override;

private:
    Verdict health(Exchange &exchange) const;
    static void ask(Exchange &exchange);
    bool isAdmin(const Exchange &exchange) const;

    const AdminOptions m_options;
};

} // namespace weir::pipeline
