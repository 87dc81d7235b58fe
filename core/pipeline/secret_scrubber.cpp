// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/secret_scrubber.h"

#include <algorithm>
#include <string>
#include <utility>

namespace weir::pipeline {

namespace {

constexpr char Cover = '*';

/// Size of the longest end of `text` that `secret` begins with, less than the whole of it.
std::size_t openEnd(std::string_view text, std::string_view secret)
{
    for (std::size_t size = std::min(text.size(), secret.size() - 1); size > 0; --size) {
        if (text.ends_with(secret.substr(0, size)))
            return size;
    }
    return 0;
}

} // namespace

void SecretScrubber::scrubFields(http::Headers &headers, std::string_view secret)
{
    if (secret.size() < SecretSizeMin)
        return;
    bool isDirty = false;
    for (const auto field : headers)
        isDirty = isDirty || field.value.find(secret) != std::string_view::npos;
    if (!isDirty) // as nearly always
        return;
    http::Headers clean;
    for (const auto field : headers) {
        std::string value(field.value);
        for (auto at = value.find(secret); at != std::string::npos; at = value.find(secret, at))
            value.replace(at, secret.size(), secret.size(), Cover);
        clean.add(field.name, value);
    }
    headers = std::move(clean);
}

SecretScrubber::SecretScrubber(std::shared_ptr<const base::Secret> secret, http::ResponseHead &head)
    : m_secret(std::move(secret))
{
    if (m_secret->reveal().size() < SecretSizeMin)
        return;
    scrubFields(head.headers, m_secret->reveal());
    const std::optional<llm::Coding> coding = llm::codingOf(head.headers);
    if (coding == llm::Coding::Identity)
        return;
    if (coding) {
        m_decoder = std::make_unique<llm::Decoder>(*coding);
        head.contentLength.reset();
    } else {
        m_isUnreadable = true;
        head.contentLength = 0;
    }
    head.headers.remove("content-encoding");
}

QByteArray SecretScrubber::feed(const QByteArray &bytes)
{
    if (m_isUnreadable)
        return {};
    if (!m_decoder)
        return scrub(bytes);
    QByteArray out;
    std::string_view rest(bytes.constData(), std::size_t(bytes.size()));
    for (std::string_view text = m_decoder->next(rest); !text.empty(); text = m_decoder->next(rest))
        out += scrub(QByteArray(text.data(), qsizetype(text.size())));
    return out;
}

QByteArray SecretScrubber::scrub(QByteArray text)
{
    const std::string_view secret = m_secret->reveal();
    if (secret.size() < SecretSizeMin)
        return text;
    if (!m_held.isEmpty())
        text.prepend(std::exchange(m_held, {}));
    const QByteArrayView wanted(secret.data(), qsizetype(secret.size()));
    for (qsizetype at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.size()))
        std::fill_n(text.data() + at, wanted.size(), Cover);
    const auto open = qsizetype(openEnd({text.constData(), std::size_t(text.size())}, secret));
    if (open > 0) {
        m_held = text.right(open);
        text.chop(open);
    }
    return text;
}

QByteArray SecretScrubber::finish()
{
    return std::exchange(m_held, {});
}

} // namespace weir::pipeline
