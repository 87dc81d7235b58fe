// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "exchanges/document.h"

namespace weir::exchanges {

/// The line at the margin that a step begins with: who does what.
struct StepWords
{
    Step step; ///< who, number, act, code and last
    bool hasBlock = false;

    /// Reads `words`; returns "" or what is wrong.
    QByteArray read(const QByteArray &words, const std::vector<QByteArray> &upstreams);
};

} // namespace weir::exchanges
