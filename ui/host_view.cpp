// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/host_view.h"

#include "ui/icons.h"
#include "ui/pages/page.h"
#include <QHBoxLayout>
#include <QListWidget>
#include <QStackedWidget>

namespace weir::ui {

HostView::HostView(engine::EngineHost &shown, engine::EngineHost &own, QWidget *parent)
    : QWidget(parent), m_host(shown), m_navigation(new QListWidget(this)), m_stack(new QStackedWidget(this))
{
    m_navigation->setAccessibleName(tr("Pages"));
    m_navigation->setFrameShape(QFrame::NoFrame);
    m_navigation->setIconSize(QSize(fontMetrics().height() * 5 / 4, fontMetrics().height() * 5 / 4));
    m_navigation->setFixedWidth(fontMetrics().averageCharWidth() * 22);
    m_navigation->viewport()->setAutoFillBackground(false);
    m_navigation->setSpacing(2);
    m_pages = makePages(shown, own, m_stack);
    for (const PageEntry &entry : m_pages) {
        auto *item = new QListWidgetItem(icons::themed(entry.icon), entry.title, m_navigation);
        item->setSizeHint(QSize(0, fontMetrics().height() * 2));
        m_stack->addWidget(entry.page);
        connect(entry.page, &Page::pageWanted, this, &HostView::showPage);
        connect(entry.page, &Page::demoWanted, this, &HostView::demoWanted);
        connect(entry.page, &Page::copied, this, &HostView::copied);
    }
    // A click between two entries takes the selection away; the page stays, and so does its mark.
    connect(m_navigation, &QListWidget::itemSelectionChanged, this, [this] {
        if (m_navigation->selectedItems().isEmpty() && m_navigation->currentItem())
            m_navigation->currentItem()->setSelected(true);
    });
    connect(m_navigation, &QListWidget::currentRowChanged, this, [this](int row) {
        m_stack->setCurrentIndex(row);
        if (isVisible())
            refresh();
    });
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_navigation);
    layout->addWidget(m_stack, 1);
    showPage(QStringLiteral("overview"));
}

void HostView::showPage(const QString &id)
{
    for (std::size_t index = 0; index < m_pages.size(); ++index) {
        if (m_pages[index].id == id)
            m_navigation->setCurrentRow(int(index));
    }
}

void HostView::find()
{
    QWidget *field = m_pages[std::size_t(m_stack->currentIndex())].page->searchField();
    for (std::size_t index = 0; !field && index < m_pages.size(); ++index) {
        field = m_pages[index].page->searchField();
        if (field)
            showPage(m_pages[index].id);
    }
    if (field)
        field->setFocus(Qt::ShortcutFocusReason);
}

void HostView::refresh()
{
    m_pages[std::size_t(m_stack->currentIndex())].page->refresh();
}

} // namespace weir::ui
