// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/local.h"

#include "pipeline/exchange.h"
#include "pipeline/routes.h"
#include <QDateTime>

namespace weir::pipeline {

Verdict Local::onHead(Exchange &exchange)
{
    switch (exchange.page) {
    case LocalPage::None:
        return Verdict::Continue;
    case LocalPage::Hello:
        return exchange.answer("text/plain", {});
    case LocalPage::Health: {
        const QDateTime now = QDateTime::fromMSecsSinceEpoch(exchange.startedAt(), Qt::UTC);
        return exchange.answer("application/json", R"({"status":"ok","timestamp":")" +
                                                       now.toString(Qt::ISODateWithMs).toLatin1() + R"("})");
    }
    }
    return Verdict::Continue;
}

} // namespace weir::pipeline
