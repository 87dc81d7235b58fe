// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string_view>

namespace weir::http {

/// What a parser tells of a body, in this order: onBody*, onEnd. Must not call back into the parser.
class BodyEvents
{
public:
    /// `bytes` lies inside the data given to feed() and is borrowed until feed() returns.
    virtual void onBody(std::string_view bytes) = 0;
    virtual void onEnd() = 0;

protected:
    ~BodyEvents() = default;
};

} // namespace weir::http
