// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/request_table_model.h"

#include "ui/format.h"
#include "ui/icons.h"
#include <algorithm>

namespace weir::ui {

namespace {

using metrics::Outcome;
using metrics::RequestRecord;

QString fromUtf8(const std::string &text)
{
    return QString::fromStdString(text);
}

/// Time between the first generated content and the end.
base::Duration generating(const RequestRecord &record)
{
    return record.firstToken ? record.total - *record.firstToken : base::Duration::zero();
}

/// What was asked for, what a rule made of it, what the provider calls it: each where it differs.
QString modelText(const RequestRecord &record)
{
    QStringList names;
    for (const std::string *name : {&record.modelRequested, &record.modelSent, &record.modelServed}) {
        if (const QString text = fromUtf8(*name);
            !text.isEmpty() && (names.isEmpty() || names.last() != text))
            names += text;
    }
    return names.join(QStringLiteral(" → "));
}

QString statusWord(int status)
{
    switch (status) {
    case 400:
        return RequestTableModel::tr("bad request");
    case 401:
        return RequestTableModel::tr("no valid key");
    case 403:
        return RequestTableModel::tr("forbidden");
    case 404:
        return RequestTableModel::tr("not found");
    case 408:
        return RequestTableModel::tr("too slow");
    case 413:
        return RequestTableModel::tr("too large");
    case 429:
        return RequestTableModel::tr("rate limited");
    case 502:
        return RequestTableModel::tr("bad gateway");
    case 503:
        return RequestTableModel::tr("unavailable");
    case 504:
        return RequestTableModel::tr("timed out");
    case 529:
        return RequestTableModel::tr("overloaded");
    default:
        return status >= 400 ? RequestTableModel::tr("error") : QString();
    }
}

} // namespace

QString statusText(const RequestRecord &record)
{
    if (record.outcome == Outcome::Cancelled)
        return RequestTableModel::tr("cancelled");
    const QString code = record.status ? QString::number(record.status) : format::unknown();
    const QString word = record.outcome == Outcome::Truncated   ? RequestTableModel::tr("cut off")
                         : record.outcome == Outcome::ToldError ? RequestTableModel::tr("with an error")
                                                                : statusWord(record.status);
    return word.isEmpty() ? code : code + QLatin1Char(' ') + word;
}

QString addedText(const RequestRecord &record)
{
    if (!record.isForwarded())
        return RequestTableModel::tr("Answered by Weir itself in %1.").arg(format::duration(record.total));
    QString text = RequestTableModel::tr("Weir added %1 of %2 (%3).")
                       .arg(format::duration(record.own), format::duration(record.total),
                            format::share(std::uint64_t(std::max<std::int64_t>(0, record.own.count())),
                                          std::uint64_t(std::max<std::int64_t>(0, record.total.count()))));
    if (record.pieceCount > 1) {
        text += RequestTableModel::tr("  Each of the reply's %1 pieces was passed on in %2 (median).")
                    .arg(format::count(record.pieceCount), format::duration(record.pieceMedian));
    }
    return text;
}

QString costText(const RequestRecord &record)
{
    if (!record.costMicros && !record.usage.known)
        return RequestTableModel::tr("What it cost is not known: the provider has not told what was used.");
    if (!record.costMicros)
        return RequestTableModel::tr(
            "What it cost is not known: there is no price of this model. Your own go into "
            "[[price]] in weir.toml.");
    if (*record.costMicros == 0)
        return RequestTableModel::tr("Nothing was charged.");
    return RequestTableModel::tr("It cost %1.").arg(format::money(record.costMicros));
}

QString chargeText(const RequestRecord &record)
{
    if (record.keyId == 0 || record.charged == 0)
        return {};
    const QString tokens = format::count(std::uint64_t(record.charged));
    return record.usage.known
               ? RequestTableModel::tr("%1 tokens counted against the limits of %2")
                     .arg(tokens, fromUtf8(record.keyLabel))
               : RequestTableModel::tr("%1 tokens, an estimate, counted against the limits of %2")
                     .arg(tokens, fromUtf8(record.keyLabel));
}

RequestTableModel::RequestTableModel(const engine::LiveFeed &feed, QObject *parent)
    : QAbstractTableModel(parent), m_feed(feed), m_rows(int(feed.records().size()))
{
    connect(&feed, &engine::LiveFeed::updated, this, &RequestTableModel::takeNew);
    connect(&feed, &engine::LiveFeed::cleared, this, &RequestTableModel::reset);
}

int RequestTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : m_rows;
}

int RequestTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

const RequestRecord *RequestTableModel::record(int row) const
{
    const std::size_t fromNewest = m_heldBack + std::size_t(row);
    const auto &records = m_feed.records();
    return fromNewest < records.size() ? &records[records.size() - 1 - fromNewest] : nullptr;
}

void RequestTableModel::takeNew(std::size_t count)
{
    m_heldBack += count;
    if (m_heldBack == 0)
        return;
    if (m_paused) {
        Q_EMIT heldBackChanged();
        return;
    }
    const int capacity = int(m_feed.records().capacity());
    const int added = int(std::min(m_heldBack, m_feed.records().size()));
    if (const int surplus = m_rows + added - capacity; surplus > 0) {
        beginRemoveRows({}, m_rows - surplus, m_rows - 1);
        m_rows -= surplus;
        endRemoveRows();
    }
    beginInsertRows({}, 0, added - 1);
    m_rows += added;
    m_heldBack = 0;
    endInsertRows();
}

void RequestTableModel::reset()
{
    beginResetModel();
    m_rows = int(m_feed.records().size());
    m_heldBack = 0;
    endResetModel();
}

void RequestTableModel::setPaused(bool paused)
{
    m_paused = paused;
    if (!paused)
        takeNew(0);
    Q_EMIT heldBackChanged();
}

QVariant RequestTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section >= FirstToken ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && section == Added)
        return tr("By how much Weir itself delayed the first token and the end");
    if (role == Qt::ToolTipRole && section == Tokens)
        return tr("Input / of it from the provider's cache / output");
    if (role == Qt::ToolTipRole && section == Key)
        return tr("The access key's label");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Time:
        return tr("Time");
    case Tool:
        return tr("Tool");
    case Key:
        return tr("Key");
    case Endpoint:
        return tr("Endpoint");
    case Model:
        return tr("Model");
    case Provider:
        return tr("Provider");
    case Status:
        return tr("Status");
    case FirstToken:
        return tr("First token");
    case Total:
        return tr("Total");
    case Added:
        return tr("Weir");
    case Tokens:
        return tr("Tokens");
    case Cost:
        return tr("Cost");
    case Speed:
        return tr("Speed");
    default:
        return {};
    }
}

QVariant RequestTableModel::data(const QModelIndex &index, int role) const
{
    const RequestRecord *record = index.isValid() ? this->record(index.row()) : nullptr;
    if (!record)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(*record, index.column());
    case Qt::AccessibleTextRole:
        return spoken(*record, index.column());
    case Qt::TextAlignmentRole:
        return int((index.column() >= FirstToken ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::DecorationRole:
        return index.column() == Status ? QVariant(icons::outcome(*record)) : QVariant();
    case Qt::ToolTipRole:
        if (index.column() == Time)
            return format::isoTime(record->startedAt);
        if (index.column() == Status && record->error != base::Errc::None)
            return QString::fromUtf8(base::sentence(record->error).data());
        if (index.column() == Added)
            return addedText(*record);
        if (index.column() == Cost)
            return costText(*record);
        return {};
    case SortRole:
        return sortValue(*record, index.column());
    case SearchRole:
        return QStringList{fromUtf8(record->tool), fromUtf8(record->keyLabel), fromUtf8(record->path),
                           modelText(*record),     fromUtf8(record->provider), statusText(*record)}
            .join(QLatin1Char(' '));
    default:
        return {};
    }
}

QString RequestTableModel::text(const RequestRecord &record, int column) const
{
    switch (column) {
    case Time:
        return format::timeOfDay(record.startedAt);
    case Tool:
        return fromUtf8(record.tool);
    case Key:
        return record.keyLabel.empty() ? format::unknown() : fromUtf8(record.keyLabel);
    case Endpoint:
        // Nearly all are POST; what is not says so.
        return record.method == "POST" ? fromUtf8(record.path)
                                       : fromUtf8(record.method) + QLatin1Char(' ') + fromUtf8(record.path);
    case Model:
        return modelText(record);
    case Provider:
        return fromUtf8(record.provider);
    case Status:
        return statusText(record);
    case FirstToken:
        return format::duration(record.firstToken);
    case Total:
        return format::duration(record.total);
    case Added:
        return record.isForwarded() ? format::duration(record.own) : format::unknown();
    case Tokens:
        return format::tokens(record.usage);
    case Cost:
        return format::money(record.costMicros);
    case Speed:
        return record.streamed ? format::tokenRate(record.usage.output, generating(record))
                               : format::unknown();
    default:
        return {};
    }
}

QVariant RequestTableModel::sortValue(const RequestRecord &record, int column) const
{
    switch (column) {
    case Time:
        return qlonglong(record.startedAt);
    case Status:
        return record.status;
    case FirstToken:
        return qlonglong(record.firstToken ? record.firstToken->count() : -1);
    case Total:
        return qlonglong(record.total.count());
    case Added:
        return qlonglong(record.own.count());
    case Tokens:
        return qlonglong(record.usage.input + record.usage.output);
    case Cost:
        return qlonglong(record.costMicros.value_or(-1));
    case Speed: {
        const double seconds = std::chrono::duration<double>(generating(record)).count();
        return record.streamed && seconds > 0 ? double(record.usage.output) / seconds : -1.0;
    }
    default:
        return text(record, column);
    }
}

QString RequestTableModel::spoken(const RequestRecord &record, int column) const
{
    switch (column) {
    case FirstToken:
        return record.firstToken ? format::spokenDuration(*record.firstToken) : tr("not known");
    case Total:
        return format::spokenDuration(record.total);
    case Added:
        return record.isForwarded() ? format::spokenDuration(record.own) : tr("not forwarded");
    case Status:
        return record.isError() ? tr("error %1").arg(statusText(record)) : statusText(record);
    default:
        return text(record, column);
    }
}

} // namespace weir::ui
