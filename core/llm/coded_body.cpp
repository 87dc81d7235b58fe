// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/coded_body.h"

#include "llm/body_bytes.h"
#include <string>

namespace weir::llm {

namespace {

std::string_view nameOf(Coding coding)
{
    switch (coding) {
    case Coding::Gzip:
        return "gzip";
    case Coding::Deflate:
        return "deflate";
    case Coding::Brotli:
        return "br";
    case Coding::Zstd:
        return "zstd";
    case Coding::Identity:
        break;
    }
    return "identity";
}

/// "" if nothing is wrong with a body that was decoded to its last byte.
std::string_view faultOf(const Decoder &decoder)
{
    if (decoder.isBroken())
        return ", and it is damaged, is none, or grows too much, at byte ";
    if (!decoder.isAtEnd())
        return ", and it is cut off at byte ";
    return decoder.isPadded() ? ", and something else follows its end, before byte " : std::string_view();
}

} // namespace

base::Result<QByteArray> decodedBody(const QByteArray &body, Coding coding, std::int64_t sizeMax)
{
    using base::Errc;
    if (coding == Coding::Identity)
        return body;
    Decoder decoder(coding);
    QByteArray plain;
    std::string_view rest = viewOf(body);
    for (std::string_view text = decoder.next(rest); !text.empty(); text = decoder.next(rest)) {
        plain.append(text.data(), qsizetype(text.size()));
        if (plain.size() > sizeMax)
            return base::unexpected(Errc::BodyTooLargeToHold, std::to_string(sizeMax) + " bytes");
    }
    const std::string_view fault = faultOf(decoder);
    if (fault.empty())
        return plain;
    return base::unexpected(Errc::BodyNotInspected,
                            "its Content-Encoding is " + std::string(nameOf(coding)) + std::string(fault) +
                                std::to_string(std::size_t(body.size()) - rest.size()));
}

} // namespace weir::llm
