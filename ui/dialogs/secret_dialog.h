// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace weir::ui {

/// Shows a new access key, the only time it is seen, with lines ready for tools. Closing forgets it; closing
/// before it was copied asks once. Deletes itself.
class SecretDialog : public QDialog
{
    Q_OBJECT
public:
    SecretDialog(const QString &label, QString secret, QWidget *parent);
    ~SecretDialog() override;

    void reject() override;

private:
    void addLine(QVBoxLayout &layout, const QString &name, const QString &buttonText, const QString &before);

    QString m_secret;
    bool m_isCopied = false;
    QLabel *m_note;
    QPushButton *m_close;
};

} // namespace weir::ui
