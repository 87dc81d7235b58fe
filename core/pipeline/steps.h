// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "pipeline/step.h"
#include <memory>
#include <vector>

namespace weir::pipeline {

struct Options;

/// All steps in their order. `options` are borrowed for the steps' life.
std::vector<std::unique_ptr<Step>> makeSteps(const Options &options);

} // namespace weir::pipeline
