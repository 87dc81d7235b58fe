// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <cmath>
#include <map>
#include <QRegularExpression>
#include <QTcpServer>
#include <QTcpSocket>

namespace weir::test {

/// A provider over HTTP/1.1 that reads a request in the way that costs most: it decodes paths whole, folds
/// letters, drops doubled slashes and what follows a semicolon, lets fields overrule path and method, takes
/// any member that looks like a bound for the bound and the largest of several. It bills for what it then
/// does, and tells usage unless it may use an encoding that nobody else can read. Lives in the test's thread.
class LenientProvider
{
public:
    /// Tokens of a reply that nothing bounds.
    static constexpr double Unbounded = 4096;
    static constexpr double Input = 10;

    LenientProvider()
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] {
            QTcpSocket *socket = m_server.nextPendingConnection();
            QObject::connect(socket, &QTcpSocket::readyRead, socket, [this, socket] { read(*socket); });
        });
    }

    quint16 port() const { return m_server.serverPort(); }

    double billed = 0; ///< tokens
    int answered = 0;
    QByteArray received; ///< every byte that has come

private:
    void read(QTcpSocket &socket)
    {
        const QByteArray bytes = socket.readAll();
        received += bytes;
        QByteArray &pending = m_pending[&socket];
        pending += bytes;
        for (qsizetype end = pending.indexOf("\r\n\r\n"); end >= 0; end = pending.indexOf("\r\n\r\n")) {
            const QByteArray head = pending.left(end + 2);
            const qsizetype size = end + 4 + field(head, "content-length").toLongLong();
            if (pending.size() < size)
                return;
            socket.write(answer(head, pending.mid(end + 4, size - end - 4)));
            pending.remove(0, size);
        }
    }

    static QByteArray field(const QByteArray &head, const QByteArray &name)
    {
        for (const QByteArray &line : head.split('\n')) {
            if (line.toLower().startsWith(name + ":"))
                return line.mid(name.size() + 1).trimmed();
        }
        return {};
    }

    /// What follows a semicolon is left out, and with it the rest of the segment, or of the path.
    static bool isBilled(const QByteArray &head)
    {
        QByteArray path = head.split(' ')[1];
        for (const char *name : {"x-original-url", "x-rewrite-url", "x-original-uri"}) {
            if (const QByteArray other = field(head, name); !other.isEmpty())
                path = other;
        }
        path = QByteArray::fromPercentEncoding(path.split('?')[0]).toLower();
        path = path.split('?')[0].split('#')[0].replace('\\', '/');
        static const QRegularExpression billed(
            QStringLiteral("/(completions|messages|responses|complete)[/ ]*$|:generatecontent"));
        const QString text = QString::fromLatin1(path);
        static const QRegularExpression parameters(QStringLiteral(";[^/]*"));
        return billed.match(text.section(QLatin1Char(';'), 0, 0)).hasMatch() ||
               billed.match(QString(text).remove(parameters)).hasMatch();
    }

    /// Of a body whose values have no commas in them.
    static double outputOf(const QByteArray &body)
    {
        double most = 0;
        double answers = 1;
        bool isBounded = false;
        bool isOpen = false;
        for (const QByteArray &member : body.mid(1, body.size() - 2).split(',')) {
            const QByteArray name =
                member.left(member.indexOf(':')).toLower().replace("_", "").replace("\"", "");
            const double value = member.mid(member.indexOf(':') + 1).replace("\"", "").toDouble();
            if (name == "n")
                answers = std::max(answers, value);
            if (name != "npredict" && !name.startsWith("max"))
                continue;
            isBounded = true;
            isOpen = isOpen || value <= 0;
            most = std::max(most, std::floor(value));
        }
        return answers * (isBounded && !isOpen ? most : std::max(most, Unbounded));
    }

    QByteArray answer(const QByteArray &head, const QByteArray &body)
    {
        ++answered;
        const QByteArray method = field(head, "x-http-method-override").isEmpty()
                                      ? head.split(' ')[0]
                                      : field(head, "x-http-method-override");
        if (body.isEmpty() || method == "GET" || !isBilled(head))
            return reply("200 OK", "{}");
        const double output = outputOf(body);
        billed += Input + output;
        const QByteArray offered = field(head, "accept-encoding").toLower();
        if (offered.contains("compress") || offered.contains('*'))
            return reply("200 OK", "\x0b\x02\x80 few", "Content-Encoding: compress\r\n");
        const QByteArray in = QByteArray::number(Input, 'f', 0);
        const QByteArray out = QByteArray::number(output, 'f', 0);
        return reply("200 OK", R"({"model":"m","stop_reason":"end_turn","usage":{"input_tokens":)" + in +
                                   R"(,"output_tokens":)" + out + R"(,"prompt_tokens":)" + in +
                                   R"(,"completion_tokens":)" + out + "}}");
    }

    static QByteArray reply(const QByteArray &status, const QByteArray &body, const QByteArray &more = {})
    {
        return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\n" + more +
               "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
    }

    QTcpServer m_server;
    std::map<QTcpSocket *, QByteArray> m_pending;
};

} // namespace weir::test
