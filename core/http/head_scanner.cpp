// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/head_scanner.h"

#include "http/limits.h"
#include <algorithm>

namespace weir::http {

using base::Errc;
using base::unexpected;

namespace {

/// The first byte of a TLS handshake, by which somebody who took https:// for http:// can be told so.
constexpr unsigned char TlsHandshake = 0x16;

constexpr bool isPlain(unsigned char byte)
{
    return (byte >= 0x20 || byte == '\t') && byte != 0x7F;
}

/// How many plain bytes `bytes` begins with.
std::size_t plainRun(std::string_view bytes)
{
    const auto end = std::find_if_not(bytes.begin(), bytes.end(),
                                      [](char byte) { return isPlain(static_cast<unsigned char>(byte)); });
    return std::size_t(end - bytes.begin());
}

} // namespace

base::Result<std::size_t> HeadScanner::scan(std::string_view bytes)
{
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        // Most bytes lie inside header lines, where nothing but the end and control bytes matters.
        if (m_lines > 0 && m_lineSize > 0 && !m_afterCr) {
            const std::size_t run = plainRun(bytes.substr(at, HeadMax - m_size));
            m_size += run;
            at += run;
            if (at == bytes.size())
                break;
        }
        const auto byte = static_cast<unsigned char>(bytes[at]);
        if (++m_size > HeadMax)
            return unexpected(Errc::HeadTooLarge, "more than " + std::to_string(HeadMax) + " bytes");
        if (m_afterCr) {
            if (byte != '\n')
                return unexpected(Errc::MalformedRequest, "CR without LF");
            m_afterCr = false;
            if (m_lineSize == 0 && m_lines > 0) {
                m_complete = true;
                return at + 1;
            }
            if (m_lineSize > 0 && ++m_lines > FieldCountMax + 1 + m_statusLines)
                return unexpected(Errc::HeadTooLarge,
                                  "more than " + std::to_string(FieldCountMax) + " fields");
            m_lineSize = 0;
            continue;
        }
        if (byte == '\r') {
            m_afterCr = true;
            continue;
        }
        if (byte == '\n')
            return unexpected(Errc::MalformedRequest, "LF without CR");
        if (byte == TlsHandshake && isUntouched())
            return unexpected(Errc::MalformedRequest, "TLS on the HTTP port");
        if (!isPlain(byte))
            return unexpected(Errc::MalformedRequest, "control byte in the head");
        const bool isRequestLine = m_lines == 0;
        if (isRequestLine && (byte == '\t' || byte >= 0x80))
            return unexpected(Errc::MalformedRequest, "invalid byte in the request line");
        // RFC 9112 §3: single blanks. More of them are read differently by different programs.
        const bool isBlank = byte == ' ';
        if (isRequestLine && isBlank && m_afterBlank)
            return unexpected(Errc::MalformedRequest, "more than one blank in the request line");
        m_afterBlank = isBlank;
        m_seenBlank = m_seenBlank || isBlank;
        if (isRequestLine && !m_seenBlank && m_lineSize >= MethodMax)
            return unexpected(Errc::MalformedRequest, "no method is this long");
        if (!isRequestLine && m_lineSize == 0 && (isBlank || byte == '\t'))
            return unexpected(Errc::MalformedRequest, "folded header line");
        if (!isRequestLine && m_lineSize == 0 && byte == ':')
            return unexpected(Errc::MalformedRequest, "header field without a name");
        ++m_lineSize;
        if (isRequestLine && m_lineSize > RequestLineMax)
            return unexpected(Errc::TargetTooLong, "more than " + std::to_string(RequestLineMax) + " bytes");
    }
    return bytes.size();
}

} // namespace weir::http
