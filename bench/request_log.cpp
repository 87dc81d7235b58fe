// SPDX-License-Identifier: GPL-3.0-or-later
#include "request_log.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::bench {

namespace {

/// "name: value\n" lines as [[name, value], …]; bytes beyond ASCII as Latin-1, so that none is lost.
QJsonArray headersOf(const QByteArray &lines)
{
    QJsonArray headers;
    const auto all = lines.split('\n');
    for (const QByteArray &line : all) {
        const qsizetype colon = line.indexOf(": ");
        if (colon >= 0)
            headers.append(
                QJsonArray{QString::fromLatin1(line.left(colon)), QString::fromLatin1(line.mid(colon + 2))});
    }
    return headers;
}

} // namespace

bool RequestLog::open(const QString &fileName)
{
    m_file.setFileName(fileName);
    return m_file.open(QIODevice::WriteOnly | QIODevice::Append);
}

void RequestLog::write(const simulator::Arrived &served)
{
    const QByteArray hash = QCryptographicHash::hash(served.body, QCryptographicHash::Sha256);
    QJsonObject line{
        {QStringLiteral("time"), QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs)},
        {QStringLiteral("protocol"), QString::fromLatin1(served.protocol)},
        {QStringLiteral("tls"), served.tls},
        {QStringLiteral("method"), QString::fromLatin1(served.method)},
        {QStringLiteral("target"), QString::fromLatin1(served.target)},
        {QStringLiteral("headers"), headersOf(served.headers)},
        {QStringLiteral("body_sha256"), QString::fromLatin1(hash.toHex())},
        {QStringLiteral("body_size"), served.body.size()},
        {QStringLiteral("status"), served.status},
        {QStringLiteral("completed"), served.completed},
        {QStringLiteral("cancelled"), served.cancelled},
        {QStringLiteral("duration_ms"), served.durationMs},
    };
    if (m_wholeBodies)
        line.insert(QStringLiteral("body_base64"), QString::fromLatin1(served.body.toBase64()));
    m_file.write(QJsonDocument(line).toJson(QJsonDocument::Compact) + '\n');
    m_file.flush();
}

} // namespace weir::bench
