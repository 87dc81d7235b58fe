// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QMessageBox>

namespace weir::ui {

/// Asked before requests are cut: wait for them, quit now, or, which Escape and closing mean too, keep
/// running. Deletes itself.
class QuitQuestion : public QMessageBox
{
    Q_OBJECT
public:
    explicit QuitQuestion(QWidget *parent = nullptr);

    /// How many run; may change while it is asked.
    void setActive(int requests);

Q_SIGNALS:
    void waitChosen();
    void nowChosen();

private:
    QPushButton *m_wait;
};

} // namespace weir::ui
