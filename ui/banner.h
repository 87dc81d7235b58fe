// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStyle>
#include <QWidget>
#include <vector>

class QHBoxLayout;
class QLabel;

namespace weir::ui {

/// A message above the pages that stays until it is resolved or dismissed. A real widget in the tab order, no
/// pop-up.
class Banner : public QWidget
{
    Q_OBJECT
public:
    explicit Banner(QStyle::StandardPixmap icon, QWidget *parent = nullptr);

    /// Shows `text` with one button per action; each emits actionChosen(id) and leaves the banner open.
    struct Action
    {
        QString id;
        QString text;
    };
    void show(const QString &text, const std::vector<Action> &actions);

Q_SIGNALS:
    void actionChosen(const QString &id);

private:
    QLabel *m_icon;
    QLabel *m_text;
    QWidget *m_buttons = nullptr;
    QHBoxLayout *m_layout;
};

} // namespace weir::ui
