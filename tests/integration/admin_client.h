// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "integration/kept_usage.h"
#include "integration/proxy_fixture.h"
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::test {

/// Asks a running engine's pages as its admin does.
class AdminClient
{
public:
    AdminClient(const KeptUsage &kept, const ProxyFixture &proxy) : m_port(proxy.port())
    {
        // Written when the engine listens, by another thread.
        if (QTest::qWaitFor([&] { return kept.admin().has_value(); }, 10'000))
            token = kept.admin()->token;
    }

    QByteArray ask(const QByteArray &method, const QByteArray &target, const QByteArray &body = {}) const
    {
        RawClient client(m_port);
        QByteArray head =
            method + ' ' + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token + "\r\n";
        if (method != "GET")
            head += "Content-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) +
                    "\r\n";
        client.send(head + "\r\n" + body);
        return client.takeResponse();
    }
    /// The answer's body; empty if its status is not 200.
    QJsonObject object(const QByteArray &method, const QByteArray &target, const QByteArray &body = {}) const
    {
        const QByteArray answer = ask(method, target, body);
        if (statusOf(answer) != 200)
            qWarning("%s", answer.constData());
        return statusOf(answer) == 200 ? QJsonDocument::fromJson(bodyOf(answer)).object() : QJsonObject();
    }
    /// A new key's text.
    QByteArray create(const QByteArray &body) const
    {
        return object("POST", "/admin/keys", body)[QLatin1String("secret")].toString().toLatin1();
    }

    QByteArray token;

private:
    const quint16 m_port;
};

/// Makes a request as a tool with this key does; its status.
inline int useKey(quint16 port, const QByteArray &key, const QByteArray &path = "/v1/messages")
{
    RawClient client(port);
    const QByteArray body = R"({"model":"sim-ok","max_tokens":5,"messages":[]})";
    client.send("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: " + key +
                "\r\nContent-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) +
                "\r\n\r\n" + body);
    return statusOf(client.takeResponse());
}

} // namespace weir::test
