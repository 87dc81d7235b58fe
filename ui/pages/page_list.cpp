// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/page_list.h"

#include "ui/pages/get_started_page.h"
#include "ui/pages/overview_page.h"
#include "ui/pages/pool_page.h"
#include "ui/pages/requests_page.h"
#include <QCoreApplication>

namespace weir::ui {

std::vector<PageEntry> makePages(engine::EngineHost &host, QWidget *parent)
{
    const auto title = [](const char *text) { return QCoreApplication::translate("pages", text); };
    return {
        {QStringLiteral("overview"), title("Overview"), QStringLiteral("overview"),
         new OverviewPage(host, parent)},
        {QStringLiteral("requests"), title("Requests"), QStringLiteral("requests"),
         new RequestsPage(host, parent)},
        {QStringLiteral("pool"), title("Pool"), QStringLiteral("pool"), new PoolPage(host, parent)},
        {QStringLiteral("get-started"), title("Get started"), QStringLiteral("connect"),
         new GetStartedPage(host, parent)},
    };
}

} // namespace weir::ui
