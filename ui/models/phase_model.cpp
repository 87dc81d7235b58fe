// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/phase_model.h"

#include "ui/format.h"

namespace weir::ui {

using profiling::Stage;

void PhaseModel::setRecord(const metrics::RequestRecord *record)
{
    beginResetModel();
    m_rows.clear();
    if (record) {
        const profiling::Timeline &timeline = record->timeline;
        const auto origin = timeline.at(Stage::HeadBegan);
        const auto add = [&](const QString &name, std::optional<base::Instant> from,
                             std::optional<base::Instant> to, bool isOwn = false) {
            if (origin && from && to && *to >= *from)
                m_rows.push_back({name, *from - *origin, *to - *origin, isOwn});
        };
        const auto at = [&](Stage stage) { return timeline.at(stage); };
        const auto lane = at(Stage::LaneAcquired);
        const auto connecting = at(Stage::ConnectBegan);
        const auto tcp = at(Stage::TcpConnected);
        const auto ready = std::max(at(Stage::Connected), lane); // absent is less
        // A lane that connects before it takes calls is waited for while it does.
        const auto waited = connecting && lane && *connecting < *lane ? connecting : lane;
        const auto answered = at(Stage::FirstToken) ? at(Stage::FirstToken) : at(Stage::FirstChunk);
        add(tr("Client sends head"), at(Stage::HeadBegan), at(Stage::HeadDone));
        add(tr("Weir decides"), at(Stage::HeadDone), at(Stage::Authorised), true);
        add(tr("Client sends body"), at(Stage::Authorised), at(Stage::BodyDone));
        add(tr("Weir reads body"), at(Stage::BodyDone), at(Stage::BodyDecided), true);
        add(tr("Waiting for a connection"), at(Stage::Queued), waited);
        add(tcp ? tr("Connecting") : tr("Connecting, TLS"), connecting, tcp ? tcp : at(Stage::Connected));
        if (tcp && tcp != at(Stage::Connected))
            add(tr("TLS handshake"), tcp, at(Stage::Connected));
        add(tr("Weir sends"), ready, at(Stage::RequestSent), true);
        add(tr("Upstream works"), at(Stage::RequestSent), at(Stage::ReplyBegan));
        add(tr("Until first token"), at(Stage::ReplyBegan), answered);
        add(tr("Streaming"), answered, at(Stage::ReplyEnded));
        add(tr("Weir finishes"), at(Stage::ReplyEnded), at(Stage::Finished), true);
        m_whole = std::max(base::Duration(1),
                           timeline.between(Stage::HeadBegan, Stage::Finished).value_or(base::Duration(1)));
    }
    endResetModel();
}

int PhaseModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int PhaseModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant PhaseModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Row &row = m_rows[std::size_t(index.row())];
    const base::Duration length = row.end - row.begin;
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case Phase:
            return row.name;
        case Start:
            return format::duration(row.begin);
        case Duration:
            return format::duration(length);
        case Share:
            return format::share(std::uint64_t(length.count()), std::uint64_t(m_whole.count()));
        default:
            return {};
        }
    case Qt::TextAlignmentRole:
        return int((index.column() == Phase ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::AccessibleTextRole:
        return index.column() == Duration ? format::spokenDuration(length) : data(index, Qt::DisplayRole);
    case BarBeginRole:
        return double(row.begin.count()) / double(m_whole.count());
    case BarEndRole:
        return double(row.end.count()) / double(m_whole.count());
    case OwnRole:
        return row.isOwn;
    default:
        return {};
    }
}

QVariant PhaseModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section == Phase ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Phase:
        return tr("Phase");
    case Start:
        return tr("Start");
    case Duration:
        return tr("Duration");
    case Share:
        return tr("Share");
    default:
        return QString();
    }
}

} // namespace weir::ui
