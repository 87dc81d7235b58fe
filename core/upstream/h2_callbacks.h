// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/h2_session.h"

namespace weir::upstream {

/// What nghttp2 calls, turned into calls of the session's.
struct H2Session::Callbacks
{
    /// Owned by the caller; `session` is borrowed for its life.
    static nghttp2_session *makeSession(H2Session &session);
    static ssize_t readBody(nghttp2_session *, std::int32_t id, std::uint8_t *to, std::size_t sizeMax,
                            std::uint32_t *flags, nghttp2_data_source *, void *userData);
};

} // namespace weir::upstream
