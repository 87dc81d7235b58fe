// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/request_probe.h"

#include "llm/json_fields.h"

namespace weir::llm {

RequestFacts probeRequest(const QByteArray &body)
{
    RequestFacts facts;
    if (body.size() > ProbeBytesMax)
        return facts;
    // Copied, although some byte arrays have room behind their bytes: capacity() counts the room before them
    // as well, so it does not tell which.
    JsonText text({body.constData(), std::size_t(body.size())});
    // All of the object, because of two equal keys the last one counts, as it does for the providers.
    text.readFields([&facts](std::string_view key, simdjson::ondemand::value field) {
        if (key == "model") {
            std::string_view model;
            const bool isName = !field.get_string().get(model) && model.size() <= ModelNameMax;
            facts.model = isName ? model : std::string_view();
        } else if (key == "stream") {
            bool stream = false;
            facts.stream = !field.get_bool().get(stream) && stream;
        }
    });
    return facts;
}

} // namespace weir::llm
