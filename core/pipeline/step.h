// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace weir::pipeline {

class Exchange;

/// What a step has decided on the head.
enum class Verdict
{
    Continue,
    /// Not yet: what it needs has been asked for. Exchange::proceed() calls the step again, or
    /// Pipeline::answer() answers in its place.
    Waits,
    Answered, ///< the step has produced the whole reply (Exchange::refuse() or answer())
};

/// What a step has decided on the body. It cannot wait there, because nothing would call it again: what a
/// step has to ask for, it asks for on the head.
enum class BodyVerdict
{
    Continue,
    Answered, ///< as of the head; or the reply was asked for (Pipeline::ask()), and comes in the step's place
};

/// The whole reply has been produced: a verdict wherever one is due.
struct Answered
{
    constexpr operator Verdict() const { return Verdict::Answered; }
    constexpr operator BodyVerdict() const { return BodyVerdict::Answered; }
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
    virtual BodyVerdict onBody(Exchange &) { return BodyVerdict::Continue; }
    /// The same, but the body is larger than may be held, so it will pass piece by piece: the time to set
    /// Exchange::filter, or to refuse.
    virtual BodyVerdict onLargeBody(Exchange &) { return BodyVerdict::Continue; }
};

} // namespace weir::pipeline
