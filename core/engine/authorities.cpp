// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/authorities.h"

#include <QFile>

namespace weir::engine {

using base::Result;

Result<QList<QSslCertificate>> readAuthorities(const config::Provider &provider)
{
    if (provider.caFile.empty())
        return QList<QSslCertificate>();
    const auto refused = [&](const std::string &why) {
        return base::unexpected(base::Errc::FileUnreadable, "ca_file of provider '" + provider.name + "', " +
                                                                provider.caFile + ": " + why);
    };
    QFile file(QString::fromStdString(provider.caFile));
    if (!file.open(QIODevice::ReadOnly))
        return refused(file.errorString().toStdString());
    QList<QSslCertificate> certificates = QSslCertificate::fromDevice(&file, QSsl::Pem);
    if (certificates.isEmpty())
        return refused("holds no PEM certificate");
    return certificates;
}

Result<Authorities> readAuthorities(const config::Config &config)
{
    Authorities authorities;
    for (const config::Provider &provider : config.providers) {
        auto certificates = readAuthorities(provider);
        if (!certificates)
            return base::Unexpected{certificates.error()};
        if (!certificates->isEmpty())
            authorities[provider.name] = std::move(*certificates);
    }
    return authorities;
}

} // namespace weir::engine
