// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/request_filter.h"

#include "ui/models/request_table_model.h"
#include <algorithm>

namespace weir::ui {

RequestFilter::RequestFilter(QObject *parent) : QSortFilterProxyModel(parent)
{
    setSortRole(RequestTableModel::SortRole);
}

void RequestFilter::setText(const QString &text)
{
    m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

bool RequestFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    if (m_words.isEmpty())
        return true;
    const QString searched =
        sourceModel()->data(sourceModel()->index(row, 0, parent), RequestTableModel::SearchRole).toString();
    return std::all_of(m_words.begin(), m_words.end(),
                       [&](const QString &word) { return searched.contains(word, Qt::CaseInsensitive); });
}

} // namespace weir::ui
