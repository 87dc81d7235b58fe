// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace weir::pipeline {

class Exchange;

/// What a step has decided.
enum class Verdict
{
    Continue,
    Waits,    ///< Weir answers, but not yet (Pipeline::askUsage())
    Answered, ///< the step has produced the whole reply (Exchange::refuse() or answer())
};

/// One decision about a request. One instance per pipeline, no per-request members: what a step learns goes
/// into a named field of the Exchange.
class Step
{
public:
    Step() = default;
    virtual ~Step() = default;
    Step(const Step &) = delete;
    Step &operator=(const Step &) = delete;

    /// The head is known, no byte of the body has been looked at.
    virtual Verdict onHead(Exchange &exchange) = 0;
};

} // namespace weir::pipeline
