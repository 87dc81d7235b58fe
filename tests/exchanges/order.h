// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "exchanges/document.h"
#include <optional>

namespace weir::exchanges {

/// Whether the steps can follow each other as they do: nobody answers what has not come, goes on with what
/// has ended, or speaks after the end. Says in each which connection or request is meant where the document
/// leaves that out. `lastLine` is that of the document.
std::optional<Problem> putInOrder(Document &document, int lastLine);

/// Fills in the transports where the document does not name them (`line` 0): all that can show what it says.
/// Refuses those named that cannot.
std::optional<Problem> chooseTransports(Document &document, int line);

} // namespace weir::exchanges
