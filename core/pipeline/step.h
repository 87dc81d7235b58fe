// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace weir::pipeline {

class Exchange;

/// What a step has decided.
enum class Verdict
{
    Continue,
    /// Not yet: what it needs has been asked for. Exchange::proceed() calls the step again, or
    /// Pipeline::answer() answers in its place. Not of onLargeBody().
    Waits,
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

    /// The head is known, no byte of the body has been looked at. A step that wants the body says so here
    /// (Exchange::wantBody()); if none does, the body streams on untouched and nothing below is called.
    virtual Verdict onHead(Exchange &) { return Verdict::Continue; }
    /// The whole body is there (Exchange::wholeBody()). Called on every step if any one wanted it.
    virtual Verdict onBody(Exchange &) { return Verdict::Continue; }
    /// The same, but the body is larger than may be held, so it will pass piece by piece: the time to set
    /// Exchange::filter, or to refuse.
    virtual Verdict onLargeBody(Exchange &) { return Verdict::Continue; }
};

} // namespace weir::pipeline
