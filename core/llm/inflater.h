// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <memory>
#include <string_view>

namespace weir::llm {

/// Decodes a passing body in gzip (RFC 1952, also several members) or zlib format (RFC 1950, what HTTP calls
/// "deflate"), to be looked into: what passes stays encoded. Takes as much as has come, holds back nothing.
class Inflater
{
public:
    /// Bodies that grow beyond this and by more than GrowthMax are given up: nobody's reply, but a bomb.
    static constexpr std::size_t FreeBytes = 4 * 1024 * 1024;
    static constexpr std::size_t GrowthMax = 100;

    Inflater();
    ~Inflater();
    Inflater(const Inflater &) = delete;
    Inflater &operator=(const Inflater &) = delete;

    /// Takes from the front of `bytes`, and returns what they decode to, at most 16 KiB; borrowed until the
    /// next call. To be called until it returns nothing: then all bytes were taken, or it isBroken().
    std::string_view next(std::string_view &bytes);
    /// The body cannot be decoded; for ever. What was returned so far is right.
    bool isBroken() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace weir::llm
