// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/provider_limits_text.h"

#include "ui/format.h"
#include <QCoreApplication>
#include <QStringList>

namespace weir::ui {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("ProviderLimits", text);
}

/// A share of 1 as the provider wrote it, as per cent; as it came if it is no such number.
QString shareText(const std::string &written)
{
    bool isNumber = false;
    const double share = QString::fromStdString(written).toDouble(&isNumber);
    if (!isNumber || share < 0 || share > 1000)
        return QString::fromStdString(written);
    return format::share(std::uint64_t(share * 1000 + 0.5), 1000);
}

} // namespace

QString providerLimitsText(const metrics::ProviderLimits &told)
{
    QStringList parts;
    for (const auto &limit : told.limits) {
        QStringList words{QString::fromStdString(limit.name)};
        if (!limit.remaining.empty() && !limit.limit.empty())
            words += tr("%1 of %2 left")
                         .arg(QString::fromStdString(limit.remaining), QString::fromStdString(limit.limit));
        else if (!limit.remaining.empty())
            words += tr("%1 left").arg(QString::fromStdString(limit.remaining));
        else if (!limit.limit.empty())
            words += QString::fromStdString(limit.limit);
        if (!limit.utilization.empty())
            words += tr("%1 used").arg(shareText(limit.utilization));
        if (!limit.status.empty())
            words += QString::fromStdString(limit.status);
        if (!limit.reset.empty())
            words += tr("(whole again: %1)").arg(QString::fromStdString(limit.reset));
        parts += words.join(QLatin1Char(' '));
    }
    if (parts.isEmpty())
        return {};
    return tr("It said at %1 of its own limits: %2.")
        .arg(format::timeOfDay(told.at), parts.join(QStringLiteral("; ")));
}

} // namespace weir::ui
