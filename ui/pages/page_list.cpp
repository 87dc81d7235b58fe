// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/page_list.h"

#include "ui/models/desk.h"
#include "ui/pages/get_started_page.h"
#include "ui/pages/keys_page.h"
#include "ui/pages/overview_page.h"
#include "ui/pages/pool_page.h"
#include "ui/pages/requests_page.h"
#include "ui/pages/usage_page.h"
#include <QCoreApplication>

namespace weir::ui {

std::vector<PageEntry> makePages(engine::EngineHost &host, engine::EngineHost &own, QWidget *parent)
{
    const auto title = [](const char *text) { return QCoreApplication::translate("pages", text); };
    auto *desk = new EngineDesk(host, parent);
    // The digits stay what they are when pages are added: hands remember them.
    return {
        {QStringLiteral("overview"), title("Overview"), QStringLiteral("overview"), 1,
         new OverviewPage(host, parent)},
        {QStringLiteral("requests"), title("Requests"), QStringLiteral("requests"), 2,
         new RequestsPage(host, parent)},
        {QStringLiteral("pool"), title("Pool"), QStringLiteral("pool"), 4, new PoolPage(host, parent)},
        {QStringLiteral("usage"), title("Usage"), QStringLiteral("usage"), 5,
         new UsagePage(host, *desk, parent)},
        {QStringLiteral("get-started"), title("Get started"), QStringLiteral("connect"), 7,
         new GetStartedPage(own, &host != &own, parent)},
        {QStringLiteral("keys"), title("Keys"), QStringLiteral("keys"), 8, new KeysPage(host, *desk, parent)},
    };
}

} // namespace weir::ui
