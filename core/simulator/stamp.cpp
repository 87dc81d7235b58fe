// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/stamp.h"

namespace weir::simulator {

std::ptrdiff_t findBlankStamp(std::string_view text)
{
    const std::size_t at = text.rfind(BlankStamp);
    return at == std::string_view::npos ? -1 : std::ptrdiff_t(at + 1);
}

void setStamp(char *digits, base::Instant now)
{
    constexpr int Base = 10;
    auto nanos = now.time_since_epoch().count();
    for (std::size_t at = StampDigits; at > 0; nanos /= Base)
        digits[--at] = char('0' + nanos % Base);
}

} // namespace weir::simulator
