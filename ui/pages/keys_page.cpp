// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/keys_page.h"

#include "engine/engine_host.h"
#include "engine/live_feed.h"
#include "ui/pages/access_keys_panel.h"
#include "ui/pages/provider_keys_panel.h"
#include <QAction>
#include <QSplitter>
#include <QVBoxLayout>

namespace weir::ui {

KeysPage::KeysPage(engine::EngineHost &host, Desk &desk, QWidget *parent)
    : Page(parent)
    , m_host(host)
    , m_providers(new ProviderKeysPanel(desk, this))
    , m_keys(new AccessKeysPanel(desk, this))
{
    auto *splitter = new QSplitter(Qt::Vertical, this);
    splitter->addWidget(m_providers);
    splitter->addWidget(m_keys);
    splitter->setStretchFactor(0, 2);
    splitter->setStretchFactor(1, 5);
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(fontMetrics().height());
    auto *layout = new QVBoxLayout(this);
    const int gap = fontMetrics().height() * 2 / 3;
    layout->setContentsMargins(gap, gap, gap, gap);
    layout->addWidget(splitter);

    connect(m_providers, &ProviderKeysPanel::known, this, [this](const QStringList &names, bool anyStored) {
        m_keys->setProviders(names);
        m_keys->setNote(
            anyStored ? QString()
                      : tr("Weir passes on the keys that your tools send, so none of them needs an access "
                           "key. They are for providers with auth = \"stored\"."));
    });
    connect(&host, &engine::EngineHost::stateChanged, this, [this] {
        if (isVisible())
            reload();
    });
    m_timer.setTimerType(Qt::CoarseTimer);
    m_timer.setInterval(ReloadMs);
    // Not the providers: each look at them makes Weir ask the system's keychain for what it could not read,
    // and that may ask the user.
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (m_host.state() == engine::EngineHost::State::Running)
            m_keys->reload();
    });
    auto *again = new QAction(tr("Refresh"), this);
    again->setShortcut(QKeySequence::Refresh);
    again->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(again, &QAction::triggered, this, &KeysPage::reload);
    addAction(again);
}

void KeysPage::reload()
{
    if (m_host.state() == engine::EngineHost::State::Running) {
        m_providers->reload();
        m_keys->reload();
        return;
    }
    const QString why = tr("Weir is stopped. Keys can be seen and changed while it runs.");
    m_providers->setUnavailable(why);
    m_keys->setUnavailable(why);
}

void KeysPage::refresh()
{
    const metrics::Snapshot &snapshot = m_host.liveFeed()->snapshot();
    m_keys->setStates(snapshot.keys);
    m_providers->setLimits(snapshot.providerLimits);
}

QWidget *KeysPage::searchField()
{
    return m_keys->searchField();
}

void KeysPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    reload();
    m_timer.start();
}

void KeysPage::hideEvent(QHideEvent *event)
{
    m_timer.stop();
    Page::hideEvent(event);
}

} // namespace weir::ui
