// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/provider.h"

#include <QUrl>

namespace weir::llm {

namespace {

constexpr std::string_view Version = "/v1";

} // namespace

std::string BaseUrl::origin() const
{
    const bool isIpv6 = host.find(':') != std::string::npos;
    return (tls ? "https://" : "http://") + (isIpv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

base::Result<BaseUrl> parseBaseUrl(std::string_view text)
{
    // Quoted only if nothing in it can be a secret.
    const bool mayBeSecret = text.find_first_of("@?#") != std::string_view::npos;
    const std::string quoted = mayBeSecret ? "the base URL" : "'" + std::string(text) + "'";
    const auto refused = [&quoted](const char *why) {
        return base::unexpected(base::Errc::ConfigInvalid, quoted + " " + why);
    };
    const QUrl url = QUrl::fromEncoded(QByteArray(text.data(), qsizetype(text.size())), QUrl::StrictMode);
    const bool isTls = url.scheme() == QLatin1String("https");
    if (!isTls && url.scheme() != QLatin1String("http"))
        return refused("is not an http or https URL");
    if (!url.isValid() || url.host().isEmpty())
        return refused("has no valid host");
    if (url.port() == 0)
        return refused("has port 0");
    if (!url.userInfo().isEmpty())
        return refused("holds a user name or password; Weir passes the tool's own key on");
    if (url.hasQuery() || url.hasFragment())
        return refused("has a query or fragment");

    BaseUrl base;
    base.tls = isTls;
    base.host = url.host(QUrl::FullyEncoded).toStdString();
    base.port = std::uint16_t(url.port(isTls ? 443 : 80));
    base.path = url.path(QUrl::FullyEncoded).toStdString();
    while (base.path.ends_with('/'))
        base.path.pop_back();
    return base;
}

std::string upstreamTarget(Dialect dialect, const BaseUrl &base, std::string_view rest)
{
    const bool baseHoldsVersion =
        dialect == Dialect::OpenAi ? !base.path.empty() : base.path.ends_with(Version);
    std::string target = base.path;
    target.reserve(base.path.size() + Version.size() + rest.size());
    if (!baseHoldsVersion)
        target += Version;
    target += rest;
    return target;
}

std::string targetAt(const Provider &provider, Dialect dialect, std::string_view rest)
{
    const BaseUrl &base = *provider.baseFor(dialect);
    return provider.auth == AuthMode::PassThrough ? upstreamTarget(dialect, base, rest)
                                                  : upstreamTarget(dialect, base, withoutCredentials(rest));
}

} // namespace weir::llm
