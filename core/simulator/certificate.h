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

/// A fresh P-256 key and a certificate signed by itself for localhost, 127.0.0.1 and ::1, valid for 90 days.
/// It is its own authority, so a caller that is given it as a CA trusts this server and no other.
base::Result<Certificate> makeCertificate();

} // namespace weir::simulator
