// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/admin_door.h"

#include "pipeline/error_reply.h"
#include "server/connection.h"
#include "store/key_import.h"
#include <algorithm>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpSocket>
#include <utility>

namespace weir::engine {

using base::Errc;
using base::Error;
using pipeline::Answer;
using server::Connection;

namespace {

server::Options optionsOfDoor()
{
    server::Options options;
    options.bodyMax = store::ImportBytesMax + 1; // what is too large gets the answer of who reads it
    options.head = options.bodyIdle = options.keepalive = options.writeStall = AdminDoor::Patience;
    return options;
}

server::Handler::Refusal replyOf(const Answer &answer)
{
    server::Handler::Refusal reply;
    reply.head.headers.add("Content-Type", "application/json");
    if (answer) {
        reply.body = *answer;
    } else {
        const Error &error = answer.error();
        const std::string_view code = base::identifier(error.code);
        const QJsonObject told{
            {QStringLiteral("code"), QString::fromLatin1(code.data(), qsizetype(code.size()))},
            {QStringLiteral("message"), QString::fromStdString(base::describe(error))},
            {QStringLiteral("detail"), QString::fromStdString(error.detail)}};
        reply.head.status = pipeline::statusFor(error.code);
        reply.body =
            QJsonDocument(QJsonObject{{QStringLiteral("error"), told}}).toJson(QJsonDocument::Compact);
    }
    reply.head.contentLength = reply.body.size();
    return reply;
}

void give(server::Reply &to, const Answer &answer)
{
    server::Handler::Refusal reply = replyOf(answer);
    to.sendHead(std::move(reply.head));
    to.sendChunk(std::move(reply.body));
    to.end();
}

} // namespace

/// One request: gathers its body, asks, and goes with the answer.
class AdminDoor::Visit final : public server::Intake
{
public:
    Visit(AdminDoor &door, http::RequestHead head, server::Reply &reply)
        : m_door(door), m_head(std::move(head)), m_reply(reply)
    {
    }

    quint64 question() const { return m_question; }
    void finish(const Answer &answer)
    {
        give(m_reply, answer);
        m_door.end(this); // the last thing that is done here
    }

    void body(QByteArray bytes) override { m_body += bytes; }
    void bodyEnd() override
    {
        m_question = m_door.m_ask(pipeline::questionOf(m_head, std::exchange(m_body, {})));
    }
    void drained() override {}
    void bodyFailed(Error why) override { finish(base::Unexpected{std::move(why)}); }
    void abandon(Error) override { m_door.end(this); }

private:
    AdminDoor &m_door;
    const http::RequestHead m_head;
    server::Reply &m_reply; // borrowed until finish() or abandon()
    QByteArray m_body;
    quint64 m_question = 0; // 0 = not asked yet
};

AdminDoor::AdminDoor(Ask ask, const base::Clock &clock, QObject *parent)
    : QObject(parent), m_ask(std::move(ask)), m_options(optionsOfDoor()), m_clock(clock), m_sweep(this)
{
    m_sweep.setInterval(SweepMs);
    connect(&m_sweep, &QTimer::timeout, this, &AdminDoor::sweep);
}

AdminDoor::~AdminDoor() = default;

void AdminDoor::open(std::shared_ptr<AdminSocket> socket)
{
    close();
    m_socket = std::move(socket);
    m_notifier = std::make_unique<QSocketNotifier>(m_socket->descriptor(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &AdminDoor::letIn);
    m_sweep.start();
}

void AdminDoor::close()
{
    m_notifier.reset(); // before its descriptor
    m_socket.reset();
}

void AdminDoor::letIn()
{
    const auto visitors = [this] { return findChildren<Connection *>(Qt::FindDirectChildrenOnly).size(); };
    while (visitors() < VisitorsMax) {
        auto next = m_socket->accept();
        if (!next)
            break; // no descriptor is free
        if (!*next)
            return;
        auto *socket = new QTcpSocket; // which does for a UNIX socket, too: QLocalSocket is made of one
        socket->setSocketDescriptor((*next)->release());
        auto *connection = new Connection(socket, m_options, *this, m_clock);
        connection->setParent(this);
        connect(connection, &Connection::closed, connection, &QObject::deleteLater);
    }
    m_notifier->setEnabled(false); // who waits goes on waiting; the next sweep looks again
}

void AdminDoor::sweep()
{
    const auto connections = findChildren<Connection *>(Qt::FindDirectChildrenOnly);
    for (Connection *connection : connections)
        connection->checkDeadlines(m_clock.now());
    if (m_notifier)
        m_notifier->setEnabled(true);
    else if (connections.isEmpty())
        m_sweep.stop();
}

server::Intake *AdminDoor::begin(http::RequestHead head, const server::Arrival &, server::Reply &reply)
{
    if (!m_socket) {
        give(reply, base::unexpected(Errc::Draining));
        return nullptr;
    }
    reply.continueBody();
    m_visits.push_back(std::make_unique<Visit>(*this, std::move(head), reply));
    return m_visits.back().get();
}

server::Handler::Refusal AdminDoor::refuse(const Error &why, const http::RequestHead *)
{
    return replyOf(base::Unexpected{why});
}

void AdminDoor::answer(quint64 question, const Answer &answer)
{
    const auto asked = std::find_if(m_visits.begin(), m_visits.end(),
                                    [&](const auto &visit) { return visit->question() == question; });
    if (asked != m_visits.end()) // else it is the window's, or of a visitor who has left
        (*asked)->finish(answer);
}

void AdminDoor::dismiss()
{
    close();
    while (!m_visits.empty())
        m_visits.back()->finish(base::unexpected(Errc::Draining));
}

void AdminDoor::end(const Visit *visit)
{
    std::erase_if(m_visits, [&](const auto &each) { return each.get() == visit; });
}

} // namespace weir::engine
