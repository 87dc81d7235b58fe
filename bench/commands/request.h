// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "load/target.h"
#include "subjects/subject.h"
#include <string>

namespace weir::bench {

/// What is asked of the provider: the same of every subject.
struct RequestShape
{
    std::string model = "sim-ok"; ///< decides how the simulated provider answers
    std::size_t promptBytes = 2000;
    bool isStream = false;
};

/// A chat request as an SDK sends it (POST /v1/messages), addressed to `subject`.
load::Target targetFor(const subjects::Subject &subject, const RequestShape &shape);

} // namespace weir::bench
