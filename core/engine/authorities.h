// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "config/config.h"
#include <map>
#include <QList>
#include <QSslCertificate>
#include <string>

namespace weir::engine {

/// The certificates by which each provider is trusted that has a `ca_file`, or each if the environment names
/// further authorities (SSL_CERT_FILE, SSL_CERT_DIR); by provider name. Read in the main thread, because the
/// proxy thread reads no files.
using Authorities = std::map<std::string, QList<QSslCertificate>>;

/// Those of one provider; none, for the system's, if neither it nor the environment names any. FileUnreadable
/// says why its own file cannot be used.
base::Result<QList<QSslCertificate>> readAuthorities(const config::Provider &provider);
base::Result<Authorities> readAuthorities(const config::Config &config);

} // namespace weir::engine
