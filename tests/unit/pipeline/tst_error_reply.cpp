// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/error_reply.h"
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace weir;
using namespace weir::pipeline;
using base::Errc;
using llm::Api;
using llm::Dialect;

namespace {

QJsonObject parse(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).object();
}

} // namespace

class TestErrorReply : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hasAStatusForEach_data();
    void hasAStatusForEach();
    void speaksBothDialects();
    void saysWhenNotToRetry();
    void escapesWhatItQuotes();
    void makesEventsOfEachApi();
};

void TestErrorReply::hasAStatusForEach_data()
{
    QTest::addColumn<int>("code");
    for (int code = int(Errc::MalformedRequest); code <= int(Errc::Internal); ++code)
        QTest::newRow(std::string(base::identifier(Errc(code))).c_str()) << code;
}

void TestErrorReply::hasAStatusForEach()
{
    QFETCH(int, code);
    const int status = statusFor(Errc(code));
    QVERIFY(status >= 400 && status <= 504);
    QVERIFY(!http::reasonPhrase(status).empty());
    for (const Dialect dialect : {Dialect::Anthropic, Dialect::OpenAi}) {
        const ErrorReply reply = errorReply({Errc(code), "detail"}, dialect);
        QCOMPARE(reply.head.status, status);
        QCOMPARE(reply.head.contentLength, std::optional<std::int64_t>(reply.body.size()));
        QVERIFY(parse(reply.body)[QLatin1String("error")]
                    .toObject()[QLatin1String("message")]
                    .toString()
                    .startsWith(QLatin1String("Weir: ")));
    }
}

void TestErrorReply::speaksBothDialects()
{
    const base::Error error{Errc::NoCredential, {}};
    const QJsonObject anthropic = parse(errorReply(error, Dialect::Anthropic).body);
    QCOMPARE(anthropic[QLatin1String("type")].toString(), QStringLiteral("error"));
    QCOMPARE(anthropic[QLatin1String("error")].toObject()[QLatin1String("type")].toString(),
             QStringLiteral("authentication_error"));
    const QJsonObject openAi = parse(errorReply(error, Dialect::OpenAi).body);
    QVERIFY(!openAi.contains(QLatin1String("type")));
    QCOMPARE(openAi[QLatin1String("error")].toObject()[QLatin1String("code")].toString(),
             QStringLiteral("no_credential"));
}

void TestErrorReply::saysWhenNotToRetry()
{
    const auto header = [](Errc code, const char *name) {
        return errorReply({code, {}}, Dialect::OpenAi).head.headers.find(name).has_value();
    };
    QVERIFY(header(Errc::UpstreamClosed, "x-should-retry"));
    QVERIFY(header(Errc::FirstByteTimeout, "x-should-retry"));
    QVERIFY(!header(Errc::UpstreamRefused, "x-should-retry"));
    QVERIFY(!header(Errc::ConnectTimeout, "x-should-retry"));
    QVERIFY(header(Errc::PoolQueueFull, "Retry-After"));
    QVERIFY(header(Errc::Draining, "Retry-After"));
    QVERIFY(!header(Errc::NoCredential, "Retry-After"));
    QVERIFY(!header(Errc::UpstreamDown, "x-should-retry"));
    base::Error down{Errc::UpstreamDown, "sim"};
    QCOMPARE(errorReply(down, Dialect::OpenAi).head.headers.find("Retry-After"), std::string_view("1"));
    down.retryAfterSeconds = 3;
    QCOMPARE(errorReply(down, Dialect::OpenAi).head.headers.find("Retry-After"), std::string_view("3"));
}

void TestErrorReply::escapesWhatItQuotes()
{
    const ErrorReply reply = errorReply({Errc::UnknownProvider, "\"}\r\n\x01\xFF"}, Dialect::OpenAi);
    QVERIFY(!reply.body.contains('\n'));
    QVERIFY(!parse(reply.body).isEmpty());
}

void TestErrorReply::makesEventsOfEachApi()
{
    const base::Error error{Errc::UpstreamTruncated, "sim"};
    const auto dataOf = [](const QByteArray &event) {
        const qsizetype at = event.indexOf("data: ") + 6;
        return parse(event.mid(at, event.indexOf('\n', at) - at));
    };
    const QByteArray anthropic = errorEvent(error, {Dialect::Anthropic, Api::Messages});
    QVERIFY(anthropic.startsWith("event: error\ndata: ") && anthropic.endsWith("\n\n"));
    QCOMPARE(dataOf(anthropic)[QLatin1String("type")].toString(), QStringLiteral("error"));
    const QByteArray chat = errorEvent(error, {Dialect::OpenAi, Api::ChatCompletions});
    QVERIFY(chat.startsWith("data: ") && chat.endsWith("\n\n"));
    QVERIFY(dataOf(chat).contains(QLatin1String("error")));
    const QByteArray responses = errorEvent(error, {Dialect::OpenAi, Api::Responses});
    QVERIFY(responses.startsWith("event: error\ndata: ") && responses.endsWith("\n\n"));
    QCOMPARE(dataOf(responses)[QLatin1String("code")].toString(), QStringLiteral("upstream_truncated"));
}

QTEST_GUILESS_MAIN(TestErrorReply)
#include "tst_error_reply.moc"
