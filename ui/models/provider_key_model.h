// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <QHash>
#include <QJsonObject>
#include <vector>

namespace weir::ui {

/// Whose key goes to a provider and where Weir has it, as /admin/providers tells it. Never the key itself.
struct ProviderKeyRow
{
    QString name;
    QString auth;  ///< "pass-through", "stored", "none"
    QString place; ///< "keychain", "this_run", "environment"; "" = nowhere
    QString state; ///< "ready", "opening", "missing", "unavailable", "not_needed"
    QString reason;
    QString endsWith;

    bool isStored() const { return auth == QLatin1String("stored"); }
    /// Weir keeps this key, so that it can be replaced and deleted here; one of the environment cannot.
    bool isOurs() const { return place == QLatin1String("keychain") || place == QLatin1String("this_run"); }
    bool canSet() const { return isStored() && place != QLatin1String("environment"); }
};
std::vector<ProviderKeyRow> readProviderKeys(const QJsonObject &answer);

class ProviderKeyModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column
    {
        Provider,
        Auth,
        Place,
        State,
        EndsWith,
        LastTest,
        ColumnCount
    };

    using QAbstractTableModel::QAbstractTableModel;

    void setRows(std::vector<ProviderKeyRow> rows);
    /// What the last test of this run said, in words.
    void setTest(const QString &provider, const QString &words);
    /// Null if there is no such row. Until the next setRows().
    const ProviderKeyRow *row(int row) const;
    bool anyStored() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString text(const ProviderKeyRow &row, int column) const;

    std::vector<ProviderKeyRow> m_rows;
    QHash<QString, QString> m_tests; // by provider
};

} // namespace weir::ui
