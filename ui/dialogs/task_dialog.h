// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

class QDialogButtonBox;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace weir::ui {

/// A dialog whose task may fail: it asks for it, waits, and closes only when it is done; else it says why and
/// keeps what was entered. Deletes itself.
class TaskDialog : public QDialog
{
    Q_OBJECT
public:
    /// `action` is the button's text, with its mnemonic.
    TaskDialog(const QString &title, const QString &action, QWidget *parent);

    /// A sentence above what is entered.
    void setText(const QString &text);
    /// The task has failed: shows why, what was entered can be changed.
    void fail(const QString &why);

Q_SIGNALS:
    /// The button was pressed and what was entered makes sense. Answered by accept() or fail().
    void confirmed();

protected:
    QVBoxLayout *content() { return m_content; }
    void showEvent(QShowEvent *event) override;
    /// Why the task cannot be asked for as it is entered; "" = it can. The place gets the focus.
    virtual QString mistake() { return {}; }

private:
    void confirm();
    void setBusy(bool isBusy);

    QVBoxLayout *m_content;
    QLabel *m_text;
    QWidget *m_trouble;
    QLabel *m_troubleText;
    QDialogButtonBox *m_buttons;
    QPushButton *m_action;
};

} // namespace weir::ui
