// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "http/message.h"
#include <string>

namespace weir::http {

/// The error of a request that breaks the rules of HTTP/1.1, in words.
base::Unexpected malformed(std::string why);

/// What RFC 9110 and 9112 ask of a head beyond its grammar: one Host, one way to tell where the body ends, a
/// target of our own. Fills in what follows from the fields: framing, expectation, whether the connection
/// stays; brings the target to origin-form.
base::Result<void> checkRequest(RequestHead &head);

} // namespace weir::http
