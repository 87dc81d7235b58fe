// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "report/report.h"
#include <QByteArray>
#include <string>

namespace weir::report {

/// The report for a document: what was run where and when, then one table per section. Measured numbers get
/// into documentation this way alone. Section titles are headings of the third level.
std::string toMarkdown(const Report &report);

/// These lines stand around what the tool has written into a document.
inline constexpr const char *MeasuredBegin = "<!-- measured: begin (written by weir-bench, not by hand) -->";
inline constexpr const char *MeasuredEnd = "<!-- measured: end -->";

/// `document` with what stands between the two lines replaced by `markdown`. An empty document becomes the
/// lines and `markdown`. Error (FileUnreadable): one of the lines is missing, or stands there twice, or they
/// are in the wrong order.
base::Result<QByteArray> withMeasured(const QByteArray &document, const std::string &markdown);

} // namespace weir::report
