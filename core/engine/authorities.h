// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "config/config.h"
#include <map>
#include <QList>
#include <QSslCertificate>
#include <string>

namespace weir::engine {

/// The certificates that each provider with a `ca_file` is trusted by, by provider name. Read in the main
/// thread, because the proxy thread reads no files.
using Authorities = std::map<std::string, QList<QSslCertificate>>;

/// Those of one provider; none, for the system's, if it names no file. FileUnreadable says why not.
base::Result<QList<QSslCertificate>> readAuthorities(const config::Provider &provider);
base::Result<Authorities> readAuthorities(const config::Config &config);

} // namespace weir::engine
