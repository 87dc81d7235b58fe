// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/desk.h"
#include "ui/pages/page.h"
#include <QTimer>

namespace weir::ui {

class AccessKeysPanel;
class ProviderKeysPanel;

/// The providers' keys that Weir sends, and the access keys that tools send to Weir.
class KeysPage : public Page
{
    Q_OBJECT
public:
    /// Asks for the access keys again this often while it is seen.
    static constexpr int ReloadMs = 2000;

    /// `host` and `desk` are borrowed for the page's life.
    KeysPage(engine::EngineHost &host, Desk &desk, QWidget *parent = nullptr);

    void refresh() override;
    QWidget *searchField() override;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void reload();

    engine::EngineHost &m_host;
    ProviderKeysPanel *m_providers;
    AccessKeysPanel *m_keys;
    QTimer m_timer;
};

} // namespace weir::ui
