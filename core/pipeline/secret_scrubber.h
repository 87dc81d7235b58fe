// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/secret.h"
#include "http/message.h"
#include "llm/decoder.h"
#include <memory>
#include <optional>
#include <QByteArray>

namespace weir::pipeline {

/// Takes a provider's key, which the client must not learn, out of a reply that passes: some providers quote
/// in an error what they were sent. Each occurrence is replaced by as many asterisks, so a length that was
/// announced still holds. A compressed body is decoded for it; one in an encoding that cannot be is left out.
class SecretScrubber
{
public:
    /// Shorter keys are left alone: what local servers are given ("none", "x") is no secret, and the words of
    /// an error would go with it.
    static constexpr std::size_t SecretSizeMin = 8;

    /// Changes the head: its fields, and its framing where the body will be another one.
    SecretScrubber(std::shared_ptr<const base::Secret> secret, http::ResponseHead &head);

    /// Of a reply whose body passes untouched: its fields alone.
    static void scrubFields(http::Headers &headers, std::string_view secret);

    /// What may be passed on of the body so far; may be empty. Holds back less than the secret's size.
    QByteArray feed(const QByteArray &bytes);
    /// The rest, after the last byte.
    QByteArray finish();
    /// A compressed body is damaged, or a bomb: there is no more.
    bool isBroken() const { return m_decoder && m_decoder->isBroken(); }

private:
    QByteArray scrub(QByteArray text);

    const std::shared_ptr<const base::Secret> m_secret;
    std::unique_ptr<llm::Decoder> m_decoder; // null: not compressed
    bool m_isUnreadable = false;
    QByteArray m_held; // the end of what came, if the secret may begin there
};

} // namespace weir::pipeline
