// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "report/report.h"
#include <optional>
#include <QByteArray>
#include <QString>

namespace weir::report {

/// The report in a file of `--json`. Errors as fromJson, and they name the file.
base::Result<Report> readReport(const QString &fileName);

/// Writes a file, whole or not at all; straight through where the name is a device or pipe. Nothing, or the
/// sentence that says why not.
[[nodiscard]] std::optional<std::string> writeFile(const QString &fileName, const QByteArray &content);

} // namespace weir::report
