// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/lane.h"
#include <optional>
#include <QSignalSpy>

namespace weir::test {

inline upstream::CallRequest get()
{
    return {"GET", "/v1/models", {}, false, {}, {}};
}

inline upstream::CallRequest post(std::optional<std::int64_t> size = {})
{
    return {"POST", "/v1/messages", {}, true, size, {}};
}

inline base::Error errorOf(const QSignalSpy &died)
{
    return died.isEmpty() ? base::Error{} : died.first().first().value<base::Error>();
}

} // namespace weir::test
