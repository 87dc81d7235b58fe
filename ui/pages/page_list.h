// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <vector>

class QWidget;

namespace weir::engine {
class EngineHost;
}

namespace weir::ui {

class Page;

/// One entry of the navigation.
struct PageEntry
{
    QString id;    ///< stable, for --page and tests
    QString title; ///< translated
    QString icon;
    int digit;  ///< Ctrl and this digit shows it
    Page *page; ///< child of the parent given to makePages()
};

/// All pages in their order. `host` is the engine whose figures they show, `own` the one that tools are
/// pointed at; they differ in the demo. Both are borrowed for the pages' life.
std::vector<PageEntry> makePages(engine::EngineHost &host, engine::EngineHost &own, QWidget *parent);

} // namespace weir::ui
