// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "report/report.h"
#include <QByteArray>
#include <string>

namespace weir::report {

/// The report as one page that needs nothing else: no script, no font, no file. Ratios first, then charts,
/// then every table, then machine, command and method. Well-formed XML as well as HTML; everything that comes
/// from the report is escaped.
QByteArray toHtml(const Report &report);

/// A page in the same look around `content`, which is markup already.
QByteArray htmlPage(const std::string &title, const std::string &content);

} // namespace weir::report
