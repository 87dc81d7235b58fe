// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "engine/admin_socket.h"
#include "pipeline/question.h"
#include "server/handler.h"
#include "server/options.h"
#include <functional>
#include <memory>
#include <QObject>
#include <QSocketNotifier>
#include <QTimer>
#include <vector>

namespace weir::engine {

/// Main thread. Lets the commands of other processes in by an AdminSocket and answers them what the window is
/// answered: the pages of the admin, over HTTP, one question for each connection. Who has come in by this
/// door is the admin, without a token. An error tells "code", "message" and "detail", which is what `code`
/// alone does not say.
class AdminDoor final : public QObject, private server::Handler
{
    Q_OBJECT
public:
    /// Connections at a time; further ones wait in the kernel (AdminSocket::Backlog).
    static constexpr int VisitorsMax = 16;
    /// How often deadlines are looked at, and the door tried again that was shut because of too many visitors
    /// or no free descriptor.
    static constexpr int SweepMs = 250;

    /// Who comes in has its question ready, and reads the answer: how long each may take.
    static constexpr base::Duration Patience = std::chrono::seconds(5);

    /// Asks, and returns the number under which answer() comes, which must not be before it has returned.
    using Ask = std::function<quint64(const pipeline::Question &)>;

    /// `clock` is borrowed for the door's life.
    AdminDoor(Ask ask, const base::Clock &clock, QObject *parent = nullptr);
    ~AdminDoor() override;

    /// From now on by this one, which listens, until close().
    void open(std::shared_ptr<AdminSocket> socket);
    void answer(quint64 question, const weir::pipeline::Answer &answer);
    /// Lets nobody in any more; who has asked still gets the answer.
    void close();
    /// Closes, and tells who waits for an answer that there will be none.
    void dismiss();

private:
    class Visit;

    // server::Handler
    server::Intake *begin(http::RequestHead head, const server::Arrival &arrival,
                          server::Reply &reply) override;
    Refusal refuse(const base::Error &why, const http::RequestHead *head) override;

    void letIn();
    void sweep();
    void end(const Visit *visit);

    const Ask m_ask;
    const server::Options m_options;
    const base::Clock &m_clock;
    std::shared_ptr<AdminSocket> m_socket;       // null: closed
    std::unique_ptr<QSocketNotifier> m_notifier; // of m_socket
    QTimer m_sweep;
    std::vector<std::unique_ptr<Visit>> m_visits; // questions that are coming in or wait for an answer
};

} // namespace weir::engine
