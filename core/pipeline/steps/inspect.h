// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "pipeline/step.h"

namespace weir::pipeline {

/// Reads a body that a later step wants, once for all of them: Exchange::probe. Asks for none by itself.
class Inspect final : public Step
{
public:
    BodyVerdict onBody(Exchange &exchange) override;
    /// Refuses one that is compressed: no filter reads it as it passes.
    BodyVerdict onLargeBody(Exchange &exchange) override;

    /// On the head, for a step that cannot do without reading the body: asks for it, or refuses one in an
    /// encoding that cannot be read.
    static Verdict wantBody(Exchange &exchange);
};

} // namespace weir::pipeline
