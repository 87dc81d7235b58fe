// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/request.h"
#include "fake_subject.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace weir;
using namespace weir::bench;

class TestRequest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isWholeAndAddressed();
    void holdsAPromptOfTheSizeAskedFor();
};

void TestRequest::isWholeAndAddressed()
{
    FakeSubject subject;
    subject.m_name = "gateway";
    subject.m_host = "::1";
    subject.m_basePath = "/base";
    subject.m_headers = {{"x-portkey-provider", "anthropic"}};
    const load::Target target = targetFor(subject, {});
    QCOMPARE(target.name, std::string("gateway"));
    QCOMPARE(target.host, std::string("::1"));
    QCOMPARE(target.port, std::uint16_t(8080));
    QVERIFY(target.request.starts_with("POST /base/v1/messages HTTP/1.1\r\nHost: [::1]:8080\r\n"));
    QVERIFY(target.request.find("\r\nx-portkey-provider: anthropic\r\n") != std::string::npos);
}

void TestRequest::holdsAPromptOfTheSizeAskedFor()
{
    const FakeSubject subject;
    RequestShape shape;
    shape.model = "sim-stamp+chunks-7";
    shape.promptBytes = 123;
    for (const bool isStream : {false, true}) {
        shape.isStream = isStream;
        const std::string request = targetFor(subject, shape).request;
        const std::size_t end = request.find("\r\n\r\n");
        const std::string body = request.substr(end + 4);
        QVERIFY(request.substr(0, end + 2)
                    .ends_with("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"));
        const QJsonObject json = QJsonDocument::fromJson(QByteArray::fromStdString(body)).object();
        QCOMPARE(json[QStringLiteral("model")].toString(), QStringLiteral("sim-stamp+chunks-7"));
        QCOMPARE(json[QStringLiteral("stream")].toBool(), isStream);
        const QJsonObject message = json[QStringLiteral("messages")].toArray().first().toObject();
        QCOMPARE(message[QStringLiteral("content")].toString().size(), 123);
    }
}

QTEST_APPLESS_MAIN(TestRequest)
#include "tst_request.moc"
