// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/herd.h"

#include "support/raw_client.h"
#include <algorithm>
#include <QHostAddress>
#include <QTest>

namespace weir::test {

bool Herd::run(quint16 port, int count, int atOnce, std::function<QByteArray(int)> modelOf, int timeoutMs)
{
    m_port = port;
    m_modelOf = std::move(modelOf);
    m_answers.assign(std::size_t(count), {});
    for (int number = 0; number < atOnce; ++number) {
        m_clients.push_back(std::make_unique<Client>());
        Client &client = *m_clients.back();
        QTcpSocket &socket = client.socket;
        QObject::connect(&socket, &QTcpSocket::connected, &socket, [this, &client] { send(client); });
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [this, &client] { read(client); });
        // Queued: it is connected again from there.
        QObject::connect(
            &socket, &QTcpSocket::disconnected, &socket, [this, &client] { lost(client); },
            Qt::QueuedConnection);
        next(client);
    }
    const bool areOver = QTest::qWaitFor([&] { return m_over == count; }, timeoutMs);
    for (const auto &client : m_clients)
        client->socket.disconnect();
    return areOver;
}

int Herd::count(const std::function<bool(const Answer &)> &is) const
{
    return int(std::count_if(m_answers.begin(), m_answers.end(),
                             [&](const auto &answers) { return answers.size() == 1 && is(answers[0]); }));
}

void Herd::next(Client &client)
{
    if (m_next == int(m_answers.size()))
        return;
    client.asks = client.lastAsked = m_next++;
    if (client.socket.state() == QAbstractSocket::ConnectedState)
        send(client);
    else if (client.socket.state() == QAbstractSocket::UnconnectedState)
        client.socket.connectToHost(QHostAddress::LocalHost, m_port);
    // else lost() connects
}

void Herd::send(Client &client)
{
    client.received.clear();
    client.socket.write(postRequest(
        "/v1/messages", R"({"model":")" + m_modelOf(client.asks) + R"(","stream":true,"messages":[]})",
        "X-Test-Id: " + QByteArray::number(client.asks) + "\r\n"));
}

void Herd::read(Client &client)
{
    client.received += client.socket.readAll();
    const qsizetype size = responseSize(client.received);
    if (size < 0)
        return;
    const int status = client.received.mid(9, 3).toInt();
    m_answers[std::size_t(client.lastAsked)].push_back({status, true});
    client.received.remove(0, size);
    if (client.asks < 0)
        return; // an answer too many
    client.asks = -1;
    ++m_over;
    next(client);
}

void Herd::lost(Client &client)
{
    if (client.socket.state() != QAbstractSocket::UnconnectedState)
        return;
    if (client.asks >= 0 && !client.received.isEmpty()) {
        m_answers[std::size_t(client.asks)].push_back({client.received.mid(9, 3).toInt(), false});
        client.asks = -1;
        ++m_over;
        next(client);
    } else if (client.asks >= 0) {
        client.socket.connectToHost(QHostAddress::LocalHost, m_port); // closed before it was asked
    }
}

} // namespace weir::test
