// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include <QJsonObject>
#include <QString>

class QCommandLineParser;

namespace weir::app {

/// What can be set of an access key by options (--label, --tokens-per-day, …), as the engine's pages want it.
/// Values are only read here, the engine says whether they will do.
void addKeyOptions(QCommandLineParser &parser);

/// The fields that `parser` was given. FieldInvalid names the option that is not a number, time or duration.
base::Result<QJsonObject> readKeyOptions(const QCommandLineParser &parser, base::WallMs now);

} // namespace weir::app
