// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

namespace weir::ui {

/// A page of the main window. Shows what the feed holds and emits intents; computes no number.
class Page : public QWidget
{
    Q_OBJECT
public:
    using QWidget::QWidget;

    /// After each tick of the engine, and once when the page comes to the front; only while it is in front of
    /// a visible window. What is not seen is not drawn.
    virtual void refresh() = 0;
    /// Ctrl+F: where the focus goes to search this page; nullptr if there is nothing to search.
    virtual QWidget *searchField() { return nullptr; }

Q_SIGNALS:
    /// The page named `id` should come to the front.
    void pageWanted(const QString &id);
    void demoWanted();
    void copied(const QString &what);
};

} // namespace weir::ui
