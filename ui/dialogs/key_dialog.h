// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/dialogs/task_dialog.h"
#include "ui/models/access_key_row.h"
#include <QJsonObject>
#include <vector>

class QCheckBox;
class QComboBox;
class QDateTimeEdit;
class QFormLayout;
class QLineEdit;
class QSpinBox;

namespace weir::ui {

/// What an access key is called, may and must not: all of a new one, or a part of one that is there.
class KeyDialog : public TaskDialog
{
    Q_OBJECT
public:
    enum class Part
    {
        Everything, ///< a new key
        Label,
        Rules, ///< all but the label
    };

    /// `key` is what is shown at first. `providers` can be chosen from.
    KeyDialog(Part part, const AccessKeyRow &key, const QStringList &providers, QWidget *parent);

    /// What differs from the key that was shown, as /admin/keys takes it; null takes a limit away. Of a new
    /// key: what was entered.
    QJsonObject changes() const;

protected:
    QString mistake() override;

private:
    struct LimitField
    {
        const char *key;
        QString name;
        QLineEdit *field;
    };

    void addRules(QFormLayout &form, const AccessKeyRow &key, const QStringList &providers);
    void addLimits(const AccessKeyRow &key);
    QLineEdit *addLimit(QFormLayout &form, const char *key, const QString &name,
                        const std::optional<qint64> &value);
    QJsonObject entered() const;

    const Part m_part;
    QJsonObject m_shown; ///< entered() as it was at first
    QLineEdit *m_label = nullptr;
    QComboBox *m_provider = nullptr;
    QLineEdit *m_model = nullptr;
    QLineEdit *m_allowedModels = nullptr;
    QComboBox *m_priority = nullptr;
    QCheckBox *m_expires = nullptr;
    QDateTimeEdit *m_expiresAt = nullptr;
    QSpinBox *m_windowHours = nullptr;
    std::vector<LimitField> m_limits;
};

} // namespace weir::ui
