// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "report/report.h"
#include <QByteArray>

namespace weir::report {

/// Largest file that is read: far above an hour's series and every raw distribution.
inline constexpr qint64 JsonBytesMax = 64 * 1024 * 1024;

/// The report as JSON, schema 2; bench/README.md says what each field means. A number that is not finite is
/// written as absent: JSON has no word for it.
QByteArray toJson(const Report &report);

/// What toJson wrote. Errors (FileUnreadable) say what is wrong and where: no JSON, another schema, a field
/// that is missing or of another type, more than JsonBytesMax. Fields it does not know are passed over.
base::Result<Report> fromJson(const QByteArray &json);

} // namespace weir::report
