// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/dialogs/task_dialog.h"
#include "ui/models/provider_key_model.h"
#include <QJsonObject>
#include <QTimer>

class QLineEdit;
class QRadioButton;

namespace weir::ui {

/// Takes a provider's key and where it is to be kept.
class ProviderKeyDialog : public TaskDialog
{
    Q_OBJECT
public:
    /// What was typed is seen for this long.
    static constexpr int ShownForMs = 5000;

    ProviderKeyDialog(const ProviderKeyRow &provider, QWidget *parent);
    ~ProviderKeyDialog() override;

    /// As PUT /admin/providers/{name}/secret takes it.
    QJsonObject body() const;

protected:
    QString mistake() override;

private:
    QLineEdit *m_key;
    QRadioButton *m_keychain;
    QRadioButton *m_thisRun;
    QTimer m_hide;
};

} // namespace weir::ui
