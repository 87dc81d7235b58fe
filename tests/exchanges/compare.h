// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "exchanges/document.h"
#include "exchanges/message.h"

namespace weir::exchanges {

/// What of `message` is not as expected, as lines for a person; "" if all is. Its body counts from `from` on:
/// what is before has been got by an earlier step. Pure.
QByteArray difference(const Expectation &expected, const Message &message, qsizetype from,
                      const Names &names);

/// Whether no further byte can make `message` what is expected.
bool isHopeless(const Expectation &expected, const Message &message, qsizetype from, const Names &names);

/// The whole message as a document would write it, shortened.
QByteArray written(const Message &message);

} // namespace weir::exchanges
