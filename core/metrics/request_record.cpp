// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/request_record.h"

namespace weir::metrics {

std::string_view name(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Completed:
        return "completed";
    case Outcome::Answered:
        return "answered";
    case Outcome::Failed:
        return "failed";
    case Outcome::Truncated:
        return "truncated";
    case Outcome::Cancelled:
        return "cancelled";
    case Outcome::ToldError:
        return "told_error";
    }
    return "";
}

} // namespace weir::metrics
