// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/inflater.h"

#include <algorithm>
#include <array>
#include <limits>
#include <zlib.h>

namespace weir::llm {

namespace {

/// The largest window, and let zlib find out which of the two formats it is.
constexpr int WindowBits = 15 + 32;
constexpr char GzipMagic = '\x1F';

} // namespace

struct Inflater::State
{
    z_stream stream{};
    std::array<char, 16 * 1024> out;
    std::size_t taken = 0;
    std::size_t made = 0;
    bool isBroken = false;
    bool isAtEnd = false;  // behind a member: another one may follow
    bool isPadded = false; // something else followed: the body is over, whatever comes
};

Inflater::Inflater() : m_state(std::make_unique<State>())
{
    m_state->isBroken = inflateInit2(&m_state->stream, WindowBits) != Z_OK;
}

Inflater::~Inflater()
{
    inflateEnd(&m_state->stream); // harmless if it never began
}

bool Inflater::isBroken() const
{
    return m_state->isBroken;
}

std::string_view Inflater::next(std::string_view &bytes)
{
    State &state = *m_state;
    z_stream &stream = state.stream;
    while (!state.isBroken) {
        if (state.isAtEnd) {
            // Some servers pad the end; like the browsers, we take no offence.
            state.isPadded = state.isPadded || (!bytes.empty() && bytes.front() != GzipMagic);
            if (bytes.empty() || state.isPadded) {
                bytes = {};
                return {};
            }
            inflateReset(&stream);
            state.isAtEnd = false;
        }
        const std::size_t offered = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
        stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data())); // zlib only reads it
        stream.avail_in = uInt(offered);
        stream.next_out = reinterpret_cast<Bytef *>(state.out.data());
        stream.avail_out = uInt(state.out.size());
        const int result = inflate(&stream, Z_SYNC_FLUSH);
        const std::size_t taken = offered - stream.avail_in;
        const std::size_t made = state.out.size() - stream.avail_out;
        bytes.remove_prefix(taken);
        state.taken += taken;
        state.made += made;
        state.isAtEnd = result == Z_STREAM_END;
        state.isBroken = (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) ||
                         (state.made > FreeBytes && state.made / GrowthMax > state.taken);
        if (made > 0)
            return {state.out.data(), made};
        if (taken == 0 && !state.isAtEnd)
            return {}; // zlib waits for more
    }
    return {};
}

} // namespace weir::llm
