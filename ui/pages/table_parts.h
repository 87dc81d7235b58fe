// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <initializer_list>
#include <QString>

class QAbstractItemModel;
class QAction;
class QLabel;
class QPushButton;
class QTableView;
class QWidget;

/// What pages with tables and actions on their rows have in common.
namespace weir::ui::table_parts {

/// A table of whole rows of one height, one of which is selected. `name` is for screen readers.
QTableView *makeTable(QAbstractItemModel *model, const QString &name, QWidget *parent);
/// Columns as wide as these texts, once; sizing to contents would walk all rows at each change.
void setColumnWidths(QTableView &table, std::initializer_list<const char *> typical);
/// A button that does and says what the action does and says.
QPushButton *makeButton(QAction *action, QWidget *parent);
/// The title of a part of a page.
QLabel *makeTitle(const QString &text, QWidget *parent);
/// A paragraph in the quiet colour.
QLabel *makeNote(QWidget *parent);

} // namespace weir::ui::table_parts
