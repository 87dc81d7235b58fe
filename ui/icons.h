// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "metrics/request_record.h"
#include <QIcon>
#include <QString>

/// Icons drawn in the colours of the theme, at any size and pixel ratio.
namespace weir::ui::icons {

/// An SVG of resources/icons, e.g. "overview", in the text colour of the palette.
QIcon themed(const QString &name);
/// The program's own icon, in colour.
QIcon application();

/// How a request ended: a filled circle, a hollow triangle, a square, a bar. Shape first, colour second.
QIcon outcome(const metrics::RequestRecord &record);

} // namespace weir::ui::icons
