// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/headers.h"
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace weir::llm {

/// How a body is encoded, of what Weir can read.
enum class Coding : std::uint8_t
{
    Identity,
    Gzip,    ///< RFC 1952, also several members
    Deflate, ///< RFC 1950 as HTTP wants it, or RFC 1951 without its wrapping as some send it
    Brotli,  ///< RFC 7932
    Zstd,    ///< RFC 8878, also several frames
};

/// As Content-Encoding and Accept-Encoding call it; absent if Weir cannot read it.
std::optional<Coding> codingNamed(std::string_view name);
/// Of a body with these fields. Several codings in a row ("gzip, br", or two fields) are absent, too: nobody
/// sends them, and each more would multiply what a bomb can grow to.
std::optional<Coding> codingOf(const http::Headers &headers);

/// Decodes a body, to be looked into. Takes as much as has come, holds back nothing.
class Decoder
{
public:
    /// Bodies that grow beyond this and by more than GrowthMax are given up: nobody's body, but a bomb.
    static constexpr std::size_t FreeBytes = 4 * 1024 * 1024;
    static constexpr std::size_t GrowthMax = 100;
    /// Largest window of zstd, as a power of two: the 8 MiB that RFC 8878 (3.1.1.1.2) and RFC 9659 demand of
    /// a decoder. It is what a Decoder holds at most; of brotli that is 16 MiB, of gzip and deflate 32 KiB.
    static constexpr int ZstdWindowLogMax = 23;

    explicit Decoder(Coding coding); ///< not Identity
    ~Decoder();
    Decoder(const Decoder &) = delete;
    Decoder &operator=(const Decoder &) = delete;

    /// Takes from the front of `bytes`, and returns what they decode to, at most 16 KiB; borrowed until the
    /// next call. To be called until it returns nothing: then all bytes were taken, or it isBroken().
    std::string_view next(std::string_view &bytes);
    /// The body cannot be decoded; for ever. What was returned so far is right.
    bool isBroken() const;
    /// The body has come to its end. Something else may have followed, which was skipped: isPadded().
    bool isAtEnd() const;
    bool isPadded() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace weir::llm
