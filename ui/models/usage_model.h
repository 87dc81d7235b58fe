// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <QAbstractTableModel>
#include <QDate>
#include <QJsonObject>
#include <QSortFilterProxyModel>
#include <vector>

namespace weir::ui {

/// Requests and tokens of one group, or of all.
struct UsageRow
{
    QString name;
    qint64 requests = 0;
    qint64 errors = 0;
    qint64 estimated = 0; ///< requests whose usage is, in part, an estimate
    qint64 input = 0;     ///< what came from the provider's cache and what was written to it included
    qint64 cachedInput = 0;
    qint64 cacheWrite = 0;
    qint64 output = 0;
    qint64 reasoning = 0;
    std::optional<qint64> costMicros; ///< absent = no price is known
    bool isCostPartial = false;       ///< of some requests no price is known: it is more than said

    qint64 tokens() const { return input + output; }
};

/// An answer to GET /stats/all.
struct UsageReport
{
    QString by;
    std::vector<UsageRow> rows;
    UsageRow total;
};
UsageReport readUsageReport(const QJsonObject &answer);

/// CSV of a report for other programs: C numbers, one line per group, the total not among them. Cells that a
/// spreadsheet would take for a formula are disarmed; what is not known is empty.
QByteArray usageCsv(const UsageReport &report);

/// A report as rows; the last is the total.
class UsageModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column
    {
        Name,
        Requests,
        Errors,
        Input,
        Cached,
        CacheWrite,
        Output,
        Reasoning,
        Cost,
        Share,
        ColumnCount
    };

    using QAbstractTableModel::QAbstractTableModel;

    void setReport(UsageReport report);
    const UsageReport &report() const { return m_report; }
    bool isTotal(int row) const { return row == int(m_report.rows.size()); }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString nameText(const UsageRow &row) const;
    QString text(const UsageRow &row, int column) const;
    QVariant sortValue(const UsageRow &row, int column) const;
    QString explain(const UsageRow &row, int column) const;

    UsageReport m_report;
};

/// Sorts the rows and leaves the total where it is, at the end.
class UsageSort : public QSortFilterProxyModel
{
    Q_OBJECT
public:
    explicit UsageSort(QObject *parent = nullptr);

protected:
    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;
};

/// Tokens of one day; days without requests have zeros.
struct UsageDay
{
    QDate day;
    qint64 freshInput = 0; ///< not from the provider's cache
    qint64 cachedInput = 0;
    qint64 output = 0;
};

/// The newest days of a report by day, at most so many: what fits a chart and a glance.
inline constexpr int UsageDaysMax = 120;
/// Every day from `from` (invalid: from the first that has any) to `today`, oldest first.
std::vector<UsageDay> usageDays(const UsageReport &byDay, QDate from, QDate today);

} // namespace weir::ui
