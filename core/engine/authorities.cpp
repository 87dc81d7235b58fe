// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/authorities.h"

#include <QDir>
#include <QFile>
#include <QSslConfiguration>

namespace weir::engine {

using base::Result;

namespace {

constexpr int FolderFilesMax = 1000; ///< of SSL_CERT_DIR

/// The certificates of a PEM file; none if it cannot be read, which is told.
QList<QSslCertificate> readNamedByEnvironment(const char *variable, const QString &path)
{
    QFile file(path);
    QList<QSslCertificate> certificates;
    if (file.open(QIODevice::ReadOnly))
        certificates = QSslCertificate::fromDevice(&file, QSsl::Pem);
    if (certificates.isEmpty())
        qWarning("%s: %s holds no PEM certificate that can be read", variable, qUtf8Printable(path));
    return certificates;
}

/// What the environment adds to the system's authorities, as for OpenSSL, curl and the SDKs: where a company
/// inspects TLS, its own authority stands there. None if it names nothing.
QList<QSslCertificate> environmentAuthorities()
{
    QList<QSslCertificate> added;
    if (const QString file = qEnvironmentVariable("SSL_CERT_FILE"); !file.isEmpty())
        added += readNamedByEnvironment("SSL_CERT_FILE", file);
    const QStringList folders = qEnvironmentVariable("SSL_CERT_DIR").split(u':', Qt::SkipEmptyParts);
    for (const QString &folder : folders) {
        const QStringList names = QDir(folder).entryList({QStringLiteral("*.pem"), QStringLiteral("*.crt")},
                                                         QDir::Files, QDir::Name);
        for (const QString &name : names.mid(0, FolderFilesMax))
            added += readNamedByEnvironment("SSL_CERT_DIR", folder + u'/' + name);
    }
    return added.isEmpty() ? added : QSslConfiguration::systemCaCertificates() + added;
}

} // namespace

Result<QList<QSslCertificate>> readAuthorities(const config::Provider &provider)
{
    if (provider.caFile.empty())
        return environmentAuthorities();
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
