// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QSortFilterProxyModel>
#include <QStringList>

namespace weir::ui {

/// Shows the requests that contain every word of the filter, whatever the case.
class RequestFilter : public QSortFilterProxyModel
{
    Q_OBJECT
public:
    explicit RequestFilter(QObject *parent = nullptr);

    void setText(const QString &text);
    bool isActive() const { return !m_words.isEmpty(); }

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    QStringList m_words;
};

} // namespace weir::ui
