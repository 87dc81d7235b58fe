// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/usage_model.h"

#include "ui/format.h"
#include "ui/models/table_role.h"
#include <algorithm>
#include <QFont>

namespace weir::ui {

void UsageModel::setReport(UsageReport report)
{
    const bool isSameSet =
        report.by == m_report.by &&
        std::equal(report.rows.begin(), report.rows.end(), m_report.rows.begin(), m_report.rows.end(),
                   [](const auto &a, const auto &b) { return a.name == b.name; });
    if (isSameSet) { // the usual case: other figures of the same groups; selection and scroll stay
        m_report = std::move(report);
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_report = std::move(report);
    endResetModel();
    Q_EMIT headerDataChanged(Qt::Horizontal, Name, Name);
}

int UsageModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_report.rows.size()) + 1;
}

int UsageModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant UsageModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const bool isSum = isTotal(index.row());
    const UsageRow &row = isSum ? m_report.total : m_report.rows[std::size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return isSum && index.column() == Name ? tr("All together") : text(row, index.column());
    case Qt::FontRole:
        if (isSum) {
            QFont bold;
            bold.setWeight(QFont::DemiBold);
            return bold;
        }
        return {};
    case Qt::TextAlignmentRole:
        return int((index.column() == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::ToolTipRole:
        return explain(row, index.column());
    case SortRole:
        return sortValue(row, index.column());
    case BarRole:
        if (index.column() == Share && !isSum && m_report.total.tokens() > 0)
            return double(row.tokens()) / double(m_report.total.tokens());
        return {};
    default:
        return {};
    }
}

QString UsageModel::nameText(const UsageRow &row) const
{
    if (!row.name.isEmpty())
        return row.name;
    if (m_report.by == QLatin1String("key"))
        return tr("without an access key");
    if (m_report.by == QLatin1String("provider"))
        return tr("answered by Weir");
    return tr("not told");
}

QString UsageModel::text(const UsageRow &row, int column) const
{
    const auto tokens = [&](qint64 number) {
        if (row.tokens() == 0) // no reply has told of any
            return format::unknown();
        const QString digits = format::count(std::uint64_t(number));
        return row.estimated > 0 ? tr("≈ %1").arg(digits) : digits;
    };
    switch (column) {
    case Name:
        return nameText(row);
    case Requests:
        return format::count(std::uint64_t(row.requests));
    case Errors:
        return format::count(std::uint64_t(row.errors));
    case Input:
        return tokens(row.input);
    case Cached:
        return tokens(row.cachedInput);
    case CacheWrite:
        return tokens(row.cacheWrite);
    case Output:
        return tokens(row.output);
    case Reasoning:
        return tokens(row.reasoning);
    case Cost:
        if (!row.isCostPartial)
            return format::money(row.costMicros);
        // Nothing, but for what is not known: that is not known.
        return row.costMicros > 0 ? tr("> %1").arg(format::money(row.costMicros)) : format::unknown();
    case Share:
        return format::share(std::uint64_t(row.tokens()), std::uint64_t(m_report.total.tokens()));
    default:
        return {};
    }
}

QVariant UsageModel::sortValue(const UsageRow &row, int column) const
{
    switch (column) {
    case Name:
        return nameText(row);
    case Requests:
        return row.requests;
    case Errors:
        return row.errors;
    case Input:
        return row.input;
    case Cached:
        return row.cachedInput;
    case CacheWrite:
        return row.cacheWrite;
    case Output:
        return row.output;
    case Reasoning:
        return row.reasoning;
    case Cost:
        return row.costMicros.value_or(-1);
    case Share:
        return row.tokens();
    default:
        return {};
    }
}

QString UsageModel::explain(const UsageRow &row, int column) const
{
    if (column == Cost && (!row.costMicros || (row.isCostPartial && row.costMicros == 0)))
        return tr("No price is known. Your own go into [[price]] in weir.toml.");
    if (column == Cost && row.isCostPartial)
        return tr("Of some of these requests no price is known. Your own go into [[price]] in weir.toml.");
    if (column == Cost && row.costMicros == 0)
        return tr("Nothing was charged.");
    if (column >= Input && column <= Reasoning && row.estimated > 0)
        return tr("Of %1 of %2 requests the provider has not (fully) told its usage; their part is an "
                  "estimate.")
            .arg(format::count(std::uint64_t(row.estimated)), format::count(std::uint64_t(row.requests)));
    return {};
}

QVariant UsageModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && section == Share)
        return tr("Share of all input and output tokens");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        if (m_report.by == QLatin1String("key"))
            return tr("Access key");
        if (m_report.by == QLatin1String("tool"))
            return tr("Tool");
        if (m_report.by == QLatin1String("provider"))
            return tr("Provider");
        if (m_report.by == QLatin1String("day"))
            return tr("Day");
        return tr("Model");
    case Requests:
        return tr("Requests");
    case Errors:
        return tr("Errors");
    case Input:
        return tr("Input");
    case Cached:
        return tr("of it cached");
    case CacheWrite:
        return tr("Cache write");
    case Output:
        return tr("Output");
    case Reasoning:
        return tr("Reasoning");
    case Cost:
        return tr("Cost");
    case Share:
        return tr("Share");
    default:
        return {};
    }
}

UsageSort::UsageSort(QObject *parent) : QSortFilterProxyModel(parent)
{
    setSortRole(SortRole);
}

bool UsageSort::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    const auto *model = static_cast<const UsageModel *>(sourceModel());
    const bool isAscending = sortOrder() == Qt::AscendingOrder;
    if (model->isTotal(left.row()))
        return !isAscending;
    if (model->isTotal(right.row()))
        return isAscending;
    return QSortFilterProxyModel::lessThan(left, right);
}

} // namespace weir::ui
