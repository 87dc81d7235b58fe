// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <QByteArray>

namespace weir::simulator {

struct Certificate
{
    QByteArray certificatePem;
    QByteArray keyPem;
};

enum class CertificateKind
{
    Good,
    Expired,  ///< until yesterday
    WrongHost ///< for wrong-host.invalid only
};

/// A fresh P-256 key and a certificate signed by itself for localhost, 127.0.0.1 and ::1, valid for 90 days.
/// It is its own authority, so a caller that is given it as a CA trusts this server and no other.
base::Result<Certificate> makeCertificate(CertificateKind kind = CertificateKind::Good);

} // namespace weir::simulator
