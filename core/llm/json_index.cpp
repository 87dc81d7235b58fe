// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/json_index.h"

#include <algorithm>
#include <bit>

namespace weir::llm {

namespace {

constexpr std::size_t CapacityMin = 64 * 1024;
/// The stage knows no nesting, but wants a figure.
constexpr std::size_t Depth = 1;

} // namespace

JsonIndex &JsonIndex::ofThisThread()
{
    static thread_local JsonIndex index;
    return index;
}

std::span<const std::uint32_t> JsonIndex::tokensOf(std::string_view json)
{
    if (json.empty() || json.size() > simdjson::SIMDJSON_MAXSIZE_BYTES)
        return {};
    if (capacity() < json.size()) {
        // A little more than needed where it is kept, so that it need not grow with each body.
        const std::size_t wanted =
            json.size() > KeptBytesMax ? json.size() : std::bit_ceil(std::max(json.size(), CapacityMin));
        m_stage.reset();
        if (simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, Depth, m_stage))
            return {};
    }
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(json.data());
    if (m_stage->stage1(bytes, json.size(), simdjson::stage1_mode::regular))
        return {};
    return {m_stage->structural_indexes.get(), m_stage->n_structural_indexes};
}

void JsonIndex::release()
{
    if (capacity() > KeptBytesMax)
        m_stage.reset();
}

} // namespace weir::llm
