// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/fault.h"

#include <charconv>

namespace weir::simulator {

std::optional<std::int64_t> readNumber(std::string_view text, std::int64_t least, std::int64_t most)
{
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || value < least || value > most)
        return std::nullopt;
    return value;
}

FoundFault findFault(std::string_view name)
{
    for (const auto faults : {exchangeFaults(), wireFaults(), floodFaults()}) {
        for (const Fault &row : faults) {
            if (row.most < 0 && row.name == name)
                return {&row, 0};
            if (row.most < 0 || !name.starts_with(row.name))
                continue;
            if (const auto number = readNumber(name.substr(row.name.size()), 0, row.most))
                return {&row, *number};
        }
    }
    return {};
}

void keepFirstHalf(Script &script)
{
    if (script.pieces.size() == 1) {
        QByteArray &only = script.pieces.front().bytes;
        only.truncate((only.size() + 1) / 2);
    } else {
        script.pieces.resize((script.pieces.size() + 1) / 2);
    }
}

std::int64_t bodySize(const Script &script)
{
    std::int64_t size = 0;
    for (const Piece &piece : script.pieces)
        size += piece.bytes.size() * piece.times;
    return size;
}

} // namespace weir::simulator
