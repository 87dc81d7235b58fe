// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/engine_host.h"
#include "exchanges/document.h"
#include "integration/kept_usage.h"
#include <memory>
#include <QTemporaryFile>

namespace weir::exchanges {

/// The key of every provider whose auth is stored.
inline constexpr const char *ProviderKey = "sk-provider-0123456789abcdef";

/// The real engine on a free port, in front of a document's upstreams, with a data folder of its own.
class Proxy
{
public:
    /// Starts it with the document's settings, which may use `names`; each upstream is found by its own.
    /// `certificate` (PEM) is trusted, `path` is for messages. On failure says why in `problem`.
    Proxy(const Document &document, const QByteArray &path, Transport transport, const Names &names,
          const QByteArray &certificate, QByteArray &problem);

    quint16 port() const { return m_host.port(); }
    /// Makes an access key; the text that a tool shows.
    QByteArray makeKey(const Key &key, std::size_t number, QByteArray &problem);

private:
    std::shared_ptr<const config::Config> configure(const Document &document, const QByteArray &path,
                                                    Transport transport, const Names &names,
                                                    QByteArray &problem);

    test::KeptUsage m_kept;
    QTemporaryFile m_certificate;
    engine::EngineHost m_host;
};

} // namespace weir::exchanges
