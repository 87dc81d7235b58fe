// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/request_probe.h"

namespace weir::llm {

RequestFacts probeRequest(const QByteArray &body)
{
    if (body.size() > ProbeBytesMax)
        return {};
    const std::string_view json(body.constData(), std::size_t(body.size()));
    JsonProbe probe = probeJson(json);
    return {std::move(probe.modelName).value_or(std::string()), boolAt(json, probe.stream).value_or(false)};
}

} // namespace weir::llm
