// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/pages/page_list.h"
#include <QWidget>
#include <vector>

class QListWidget;
class QStackedWidget;

namespace weir::engine {
class EngineHost;
}

namespace weir::ui {

/// The navigation and all pages over one engine: Weir's own, or the demo's.
class HostView : public QWidget
{
    Q_OBJECT
public:
    /// `shown` is the engine that is watched, `own` the one that tools are pointed at, which differ in the
    /// demo. Both are borrowed for the view's life.
    HostView(engine::EngineHost &shown, engine::EngineHost &own, QWidget *parent = nullptr);

    engine::EngineHost &host() const { return m_host; }
    const std::vector<PageEntry> &pages() const { return m_pages; }
    void showPage(const QString &id);
    /// Puts the focus where the page in front is searched, or the first page that can be.
    void find();
    /// Draws the page in front.
    void refresh();

Q_SIGNALS:
    void demoWanted();
    void copied(const QString &what);

private:
    engine::EngineHost &m_host;
    std::vector<PageEntry> m_pages;
    QListWidget *m_navigation;
    QStackedWidget *m_stack;
};

} // namespace weir::ui
