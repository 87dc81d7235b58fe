// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/decoder.h"

#include <algorithm>
#include <array>
#include <brotli/decode.h>
#include <limits>
#include <zlib.h>
#include <zstd.h>

namespace weir::llm {

namespace {

constexpr std::size_t PieceMax = 16 * 1024;

/// What one call of a library has done.
struct Progress
{
    std::size_t taken = 0;
    std::size_t made = 0;
    bool isAtEnd = false; // of a member or frame
    bool isBroken = false;
};

/// One library's decoder. None keeps what it could return, so one that left room in `out` wants more bytes.
class CodedStream
{
public:
    virtual ~CodedStream() = default;
    virtual Progress decode(std::string_view bytes, char *out, std::size_t room) = 0;
    /// After an end: whether what begins like this is another member of the same body.
    virtual bool continuesWith(char first) const = 0;
    virtual void restart() = 0;
};

class ZlibStream final : public CodedStream
{
public:
    explicit ZlibStream(bool mayBeRaw) : m_isUndecided(mayBeRaw)
    {
        m_isUsable = inflateInit2(&m_stream, AnyWrapping) == Z_OK;
    }
    ~ZlibStream() override { inflateEnd(&m_stream); } // harmless if it never began
    ZlibStream(const ZlibStream &) = delete;
    ZlibStream &operator=(const ZlibStream &) = delete;

    Progress decode(std::string_view bytes, char *out, std::size_t room) override
    {
        if (m_isUndecided && !bytes.empty()) {
            m_isUndecided = false;
            if (isRaw(std::uint8_t(bytes.front())))
                inflateReset2(&m_stream, NoWrapping);
        }
        const std::size_t offered = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
        m_stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data())); // zlib only reads it
        m_stream.avail_in = uInt(offered);
        m_stream.next_out = reinterpret_cast<Bytef *>(out);
        m_stream.avail_out = uInt(room);
        const int result = m_isUsable ? inflate(&m_stream, Z_SYNC_FLUSH) : Z_STREAM_ERROR;
        return {offered - m_stream.avail_in, room - m_stream.avail_out, result == Z_STREAM_END,
                result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR};
    }
    bool continuesWith(char first) const override { return first == GzipMagic; }
    void restart() override { inflateReset(&m_stream); }

private:
    /// The largest window, and let zlib find out whether it is wrapped as gzip or as zlib; or as neither.
    static constexpr int AnyWrapping = 15 + 32;
    static constexpr int NoWrapping = -15;
    static constexpr char GzipMagic = '\x1F';

    /// One byte tells: of zlib's wrapping the lower half is 8, which of a raw block would be a stored one
    /// with rubbish in its padding; a raw block that begins like gzip would be of the type that does not
    /// exist.
    static bool isRaw(std::uint8_t first) { return (first & 0x0F) != 8 && char(first) != GzipMagic; }

    z_stream m_stream{};
    bool m_isUndecided;
    bool m_isUsable = false;
};

class BrotliStream final : public CodedStream
{
public:
    Progress decode(std::string_view bytes, char *out, std::size_t room) override
    {
        const auto *in = reinterpret_cast<const std::uint8_t *>(bytes.data());
        auto *to = reinterpret_cast<std::uint8_t *>(out);
        std::size_t left = bytes.size();
        std::size_t roomLeft = room;
        const BrotliDecoderResult result =
            m_decoder ? BrotliDecoderDecompressStream(m_decoder.get(), &left, &in, &roomLeft, &to, nullptr)
                      : BROTLI_DECODER_RESULT_ERROR;
        return {bytes.size() - left, room - roomLeft, result == BROTLI_DECODER_RESULT_SUCCESS,
                result == BROTLI_DECODER_RESULT_ERROR};
    }
    bool continuesWith(char) const override { return false; } // the format has no members
    void restart() override {}

private:
    std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> m_decoder{
        BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance};
};

class ZstdStream final : public CodedStream
{
public:
    ZstdStream()
    {
        if (m_decoder)
            ZSTD_DCtx_setParameter(m_decoder.get(), ZSTD_d_windowLogMax, Decoder::ZstdWindowLogMax);
    }

    Progress decode(std::string_view bytes, char *out, std::size_t room) override
    {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        ZSTD_outBuffer to{out, room, 0};
        if (!m_decoder)
            return {0, 0, false, true};
        const std::size_t result = ZSTD_decompressStream(m_decoder.get(), &to, &in);
        return {in.pos, to.pos, result == 0, ZSTD_isError(result) != 0};
    }
    /// A frame, or a skippable one.
    bool continuesWith(char first) const override { return first == '\x28' || (first & 0xF0) == 0x50; }
    void restart() override { ZSTD_DCtx_reset(m_decoder.get(), ZSTD_reset_session_only); }

private:
    std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> m_decoder{ZSTD_createDCtx(), ZSTD_freeDCtx};
};

std::unique_ptr<CodedStream> streamOf(Coding coding)
{
    switch (coding) {
    case Coding::Brotli:
        return std::make_unique<BrotliStream>();
    case Coding::Zstd:
        return std::make_unique<ZstdStream>();
    case Coding::Deflate:
        return std::make_unique<ZlibStream>(true);
    case Coding::Gzip:
    case Coding::Identity:
        break;
    }
    return std::make_unique<ZlibStream>(false);
}

} // namespace

std::optional<Coding> codingNamed(std::string_view name)
{
    const auto is = [name](std::string_view other) { return http::equalsIgnoreCase(name, other); };
    switch (name.size()) { // most that are none are told by it
    case 2:
        return is("br") ? std::optional(Coding::Brotli) : std::nullopt;
    case 4:
        return is("gzip") ? std::optional(Coding::Gzip)
                          : (is("zstd") ? std::optional(Coding::Zstd) : std::nullopt);
    case 6:
        return is("x-gzip") ? std::optional(Coding::Gzip) : std::nullopt;
    case 7:
        return is("deflate") ? std::optional(Coding::Deflate) : std::nullopt;
    case 8:
        return is("identity") ? std::optional(Coding::Identity) : std::nullopt;
    default:
        return std::nullopt;
    }
}

std::optional<Coding> codingOf(const http::Headers &headers)
{
    const auto value = headers.find("content-encoding");
    if (!value || value->empty())
        return Coding::Identity;
    return headers.count("content-encoding") == 1 ? codingNamed(*value) : std::nullopt;
}

struct Decoder::State
{
    explicit State(Coding coding) : stream(streamOf(coding)) {}

    const std::unique_ptr<CodedStream> stream;
    std::array<char, PieceMax> out;
    std::size_t taken = 0;
    std::size_t made = 0;
    bool isBroken = false;
    bool isFull = false;   // there may be more than `out` could take
    bool isAtEnd = false;  // behind a member: another one may follow
    bool isPadded = false; // something else followed: the body is over, whatever comes
};

Decoder::Decoder(Coding coding) : m_state(std::make_unique<State>(coding)) {}
Decoder::~Decoder() = default;

bool Decoder::isBroken() const
{
    return m_state->isBroken;
}

bool Decoder::isAtEnd() const
{
    return m_state->isAtEnd;
}

bool Decoder::isPadded() const
{
    return m_state->isPadded;
}

std::string_view Decoder::next(std::string_view &bytes)
{
    State &state = *m_state;
    while (!state.isBroken && (state.isFull || !bytes.empty())) {
        if (state.isAtEnd && !bytes.empty()) {
            // Some servers pad the end; like the browsers, we take no offence.
            state.isPadded = state.isPadded || !state.stream->continuesWith(bytes.front());
            if (state.isPadded) {
                bytes = {};
                return {};
            }
            state.stream->restart();
            state.isAtEnd = false;
        }
        const Progress done = state.stream->decode(bytes, state.out.data(), state.out.size());
        bytes.remove_prefix(done.taken);
        state.taken += done.taken;
        state.made += done.made;
        state.isAtEnd = done.isAtEnd;
        state.isFull = done.made == state.out.size() && !done.isAtEnd;
        state.isBroken = done.isBroken || (state.made > FreeBytes && state.made / GrowthMax > state.taken);
        if (done.made > 0)
            return {state.out.data(), done.made};
        if (done.taken == 0 && !state.isAtEnd && !state.isFull)
            return {}; // it waits for more
    }
    return {};
}

} // namespace weir::llm
