// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/request_probe.h"

#include "llm/body_bytes.h"
#include "llm/coded_body.h"

namespace weir::llm {

RequestFacts probeRequest(const QByteArray &body, Coding coding)
{
    const auto plain = decodedBody(body, coding, ProbeBytesMax);
    if (!plain || plain->size() > ProbeBytesMax)
        return {};
    const std::string_view json = viewOf(*plain);
    JsonProbe probe = probeJson(json);
    return {std::move(probe.modelName).value_or(std::string()), boolAt(json, probe.stream).value_or(false)};
}

} // namespace weir::llm
