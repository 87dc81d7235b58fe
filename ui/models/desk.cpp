// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/desk.h"

#include <QJsonDocument>
#include <QMetaObject>

namespace weir::ui {

using pipeline::Question;

namespace {

Question makeQuestion(Question::Desk desk, const char *method, const QString &target, const QJsonObject &body)
{
    Question question;
    question.desk = desk;
    question.method = method;
    question.target = target.toStdString();
    if (!body.isEmpty())
        question.body = QJsonDocument(body).toJson(QJsonDocument::Compact);
    return question;
}

Reply toReply(const pipeline::Answer &answer)
{
    Reply reply;
    if (answer) {
        reply.json = QJsonDocument::fromJson(*answer).object();
    } else {
        reply.code = answer.error().code;
        reply.trouble = QString::fromStdString(base::describe(answer.error()));
    }
    return reply;
}

Reply stoppedReply()
{
    Reply reply;
    reply.code = base::Errc::StoreOff;
    reply.trouble = Desk::tr("Weir is stopped");
    return reply;
}

} // namespace

Question storeQuestion(const char *method, const QString &target, const QJsonObject &body)
{
    return makeQuestion(Question::Desk::Store, method, target, body);
}

Question vaultQuestion(const char *method, const QString &target, const QJsonObject &body)
{
    return makeQuestion(Question::Desk::Vault, method, target, body);
}

EngineDesk::EngineDesk(engine::EngineHost &host, QObject *parent) : Desk(parent), m_host(host)
{
    connect(&host, &engine::EngineHost::answered, this,
            [this](quint64 id, const pipeline::Answer &answer) { give(id, toReply(answer)); });
    connect(&host, &engine::EngineHost::stateChanged, this, [this] {
        if (m_host.state() != engine::EngineHost::State::Stopping &&
            m_host.state() != engine::EngineHost::State::Stopped)
            return;
        const QList<quint64> open = m_waiting.keys();
        for (const quint64 id : open)
            give(id, stoppedReply());
    });
}

void EngineDesk::ask(const Question &question, QObject *context, Then then)
{
    if (m_host.state() == engine::EngineHost::State::Running) {
        m_waiting.insert(m_host.ask(question), {context, std::move(then)});
        return;
    }
    QMetaObject::invokeMethod(
        context, [then = std::move(then)] { then(stoppedReply()); }, Qt::QueuedConnection);
}

void EngineDesk::give(quint64 id, const Reply &reply)
{
    const auto found = m_waiting.find(id);
    if (found == m_waiting.end())
        return; // asked by another
    const Waiting waiting = *found;
    m_waiting.erase(found); // before the answer: it may bring the next question
    if (waiting.context)
        waiting.then(reply);
}

} // namespace weir::ui
