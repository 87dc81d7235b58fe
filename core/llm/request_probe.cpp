// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/request_probe.h"

#include <simdjson.h>

namespace weir::llm {

namespace {

using namespace simdjson;

/// Walks the whole object, because of two equal keys the last one counts, as it does for the providers.
void readFields(ondemand::parser &parser, padded_string_view json, RequestFacts &facts)
{
    ondemand::document document;
    ondemand::object object;
    if (parser.iterate(json).get(document) || document.get_object().get(object))
        return;
    for (auto entry : object) {
        ondemand::field field;
        std::string_view key;
        if (std::move(entry).get(field) || field.unescaped_key().get(key))
            return;
        if (key == "model") {
            std::string_view model;
            if (!field.value().get_string().get(model) && model.size() <= ModelNameMax)
                facts.model = model;
        } else if (key == "stream") {
            bool stream = false;
            if (!field.value().get_bool().get(stream))
                facts.stream = stream;
        }
    }
}

} // namespace

RequestFacts probeRequest(const QByteArray &body)
{
    RequestFacts facts;
    if (body.isEmpty() || body.size() > ProbeBytesMax)
        return facts;
    ondemand::parser parser;
    const auto size = std::size_t(body.size());
    // simdjson reads a little beyond the end; a buffer that has the room is read where it is.
    if (std::size_t(body.capacity()) >= size + SIMDJSON_PADDING) {
        readFields(parser, padded_string_view(body.constData(), size, std::size_t(body.capacity())), facts);
    } else {
        const padded_string copy(body.constData(), size);
        readFields(parser, copy, facts);
    }
    return facts;
}

} // namespace weir::llm
