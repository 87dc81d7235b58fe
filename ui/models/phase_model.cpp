// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/phase_model.h"

#include "ui/format.h"

namespace weir::ui {

using profiling::Stage;
using profiling::Work;

void PhaseModel::setRecord(const metrics::RequestRecord *record)
{
    beginResetModel();
    m_rows.clear();
    if (record) {
        const profiling::Timeline &timeline = record->timeline;
        const auto origin = timeline.at(Stage::HeadBegan);
        const auto add = [&](const QString &name, std::optional<base::Instant> from,
                             std::optional<base::Instant> to) {
            if (origin && from && to && *to >= *from)
                m_rows.push_back({name, *from - *origin, *to - *origin, false});
        };
        // What Weir did is as long as it was counted, so that these rows add up to what is told of the whole.
        const auto addOwn = [&](const QString &name, Work work, std::optional<base::Instant> from) {
            if (const base::Duration spent = timeline.own(work); origin && from && spent > spent.zero())
                m_rows.push_back({name, *from - *origin, *from - *origin + spent, true});
        };
        const auto at = [&](Stage stage) { return timeline.at(stage); };
        const auto before = [&](Stage stage, Work work) {
            const auto end = at(stage);
            return end ? std::optional(*end - timeline.own(work)) : end;
        };
        const auto after = [&](std::optional<base::Instant> begin, Work work) {
            return begin ? std::optional(*begin + timeline.own(work)) : begin;
        };
        const auto lane = at(Stage::LaneAcquired);
        const auto connecting = at(Stage::ConnectBegan);
        const auto tcp = at(Stage::TcpConnected);
        // A lane that connects before it takes calls is waited for while it does.
        const auto waited = connecting && lane && *connecting < *lane ? connecting : lane;
        const auto answered = at(Stage::FirstToken) ? at(Stage::FirstToken) : at(Stage::FirstChunk);
        add(tr("Client sends head"), at(Stage::HeadBegan), at(Stage::HeadDone));
        addOwn(tr("Weir decides"), Work::Deciding, at(Stage::HeadDone));
        add(tr("Client sends body"), at(Stage::Authorised), at(Stage::BodyDone));
        addOwn(at(Stage::BodyDecided) ? tr("Weir reads body") : tr("Weir makes the call"), Work::Preparing,
               before(Stage::Queued, Work::Preparing));
        add(tr("Waiting for a connection"), at(Stage::Queued), waited);
        add(tcp ? tr("Connecting") : tr("Connecting, TLS"), connecting, tcp ? tcp : at(Stage::Connected));
        if (tcp && tcp != at(Stage::Connected))
            add(tr("TLS handshake"), tcp, at(Stage::Connected));
        addOwn(tr("Weir sends"), Work::Sending, before(Stage::RequestSent, Work::Sending));
        add(tr("Upstream works"), at(Stage::RequestSent), at(Stage::ReplyBegan));
        addOwn(tr("Weir passes on the head"), Work::Head, at(Stage::ReplyBegan));
        add(tr("Until first token"), after(at(Stage::ReplyBegan), Work::Head), answered);
        addOwn(tr("Weir passes on the first token"), Work::Answer, answered);
        add(tr("Streaming"), after(answered, Work::Answer), at(Stage::ReplyEnded));
        addOwn(tr("Weir finishes"), Work::Ending, at(Stage::ReplyEnded));
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
