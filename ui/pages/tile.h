// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QLabel;

namespace weir::ui {

/// One figure: what it is, the value, and what it rests on.
class Tile : public QWidget
{
    Q_OBJECT
public:
    explicit Tile(const QString &title, QWidget *parent = nullptr);

    /// `basis` is the small line below ("n = 137"), `why` the tooltip.
    void show(const QString &value, const QString &basis, const QString &why = {});

protected:
    void changeEvent(QEvent *event) override;

private:
    void restyle();

    QLabel *m_title;
    QLabel *m_value;
    QLabel *m_basis;
};

} // namespace weir::ui
