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
    void closesOnWhoIsNotMeantToBeHere();
    void tellsOfALimit();
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
        const ErrorReply reply = errorReply({Errc(code), "detail"}, {dialect, Api::Other});
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
    const QJsonObject anthropic = parse(errorReply(error, {Dialect::Anthropic, Api::Messages}).body);
    QCOMPARE(anthropic[QLatin1String("type")].toString(), QStringLiteral("error"));
    QCOMPARE(anthropic[QLatin1String("error")].toObject()[QLatin1String("type")].toString(),
             QStringLiteral("authentication_error"));
    const QJsonObject openAi = parse(errorReply(error, {Dialect::OpenAi, Api::Other}).body);
    QVERIFY(!openAi.contains(QLatin1String("type")));
    QCOMPARE(openAi[QLatin1String("error")].toObject()[QLatin1String("code")].toString(),
             QStringLiteral("no_credential"));
}

void TestErrorReply::saysWhenNotToRetry()
{
    const auto header = [](Errc code, const char *name) {
        return errorReply({code, {}}, {Dialect::OpenAi, Api::Other}).head.headers.find(name).has_value();
    };
    QVERIFY(header(Errc::UpstreamClosed, "x-should-retry"));
    QVERIFY(header(Errc::FirstByteTimeout, "x-should-retry"));
    QVERIFY(!header(Errc::UpstreamRefused, "x-should-retry"));
    QVERIFY(!header(Errc::ConnectTimeout, "x-should-retry"));
    QVERIFY(header(Errc::PoolQueueFull, "Retry-After"));
    QVERIFY(header(Errc::Draining, "Retry-After"));
    QVERIFY(!header(Errc::NoCredential, "Retry-After"));
    QVERIFY(!header(Errc::UpstreamDown, "x-should-retry"));
    QVERIFY(!header(Errc::UpstreamCalm, "x-should-retry")); // it has not taken the request
    QVERIFY(header(Errc::UpstreamCalm, "Retry-After"));
    // Until somebody changes something.
    for (const Errc code : {Errc::UnknownKey, Errc::NoAccessKey, Errc::NoProviderSecret, Errc::StoreOff})
        QVERIFY2(header(code, "x-should-retry"), std::string(base::identifier(code)).c_str());
    QVERIFY(header(Errc::NoProviderSecret, "Retry-After"));
    const auto anthropicTypeOf = [](Errc code) {
        return parse(errorReply({code, {}}, {Dialect::Anthropic, Api::Messages}).body)[QLatin1String("error")]
            .toObject()[QLatin1String("type")]
            .toString();
    };
    QCOMPARE(anthropicTypeOf(Errc::NoProviderSecret), QStringLiteral("api_error"));
    QCOMPARE(anthropicTypeOf(Errc::TooManyExchanges), QStringLiteral("overloaded_error"));
    base::Error down{Errc::UpstreamDown, "sim"};
    QCOMPARE(errorReply(down, {Dialect::OpenAi, Api::Other}).head.headers.find("Retry-After"),
             std::string_view("1"));
    down.retryAfterSeconds = 3;
    QCOMPARE(errorReply(down, {Dialect::OpenAi, Api::Other}).head.headers.find("Retry-After"),
             std::string_view("3"));
}

void TestErrorReply::closesOnWhoIsNotMeantToBeHere()
{
    const auto closes = [](Errc code) {
        return errorReply({code, {}}, {Dialect::OpenAi, Api::Other}).head.closesConnection;
    };
    for (const Errc code : {Errc::HostNotAllowed, Errc::OriginNotAllowed, Errc::NoCredential,
                            Errc::NoAccessKey, Errc::NotAdmin})
        QVERIFY2(closes(code), std::string(base::identifier(code)).c_str());
    for (const Errc code :
         {Errc::UnknownKey, Errc::TooManyGuesses, Errc::KeyPaused, Errc::KeyExpired, Errc::LimitReached,
          Errc::ModelNotAllowed, Errc::UnknownPath, Errc::UpstreamRefused})
        QVERIFY2(!closes(code), std::string(base::identifier(code)).c_str());
}

void TestErrorReply::tellsOfALimit()
{
    LimitReport report{"tokens_per_day", true, 900, 1000, 1'700'000'000'000, false};
    base::Error error{Errc::LimitReached, "tokens_per_day", 60};
    const auto member = [](const ErrorReply &reply, const char *name) -> QJsonValue {
        return parse(reply.body)[QLatin1String("error")].toObject().value(QLatin1String(name));
    };
    for (const Dialect dialect : {Dialect::Anthropic, Dialect::OpenAi}) {
        const llm::Endpoint endpoint{dialect, Api::ChatCompletions};
        ErrorReply reply = errorReply(error, endpoint, &report);
        QCOMPARE(reply.head.status, 429);
        QCOMPARE(reply.head.contentLength, std::optional<std::int64_t>(reply.body.size()));
        QCOMPARE(*reply.head.headers.find("retry-after"), std::string_view("60"));
        QVERIFY(!reply.head.headers.contains("x-should-retry")); // a minute is worth waiting for
        QCOMPARE(member(reply, "limit").toString(), QStringLiteral("tokens_per_day"));
        QCOMPARE(member(reply, "tokens_used").toInteger(), 900);
        QCOMPARE(member(reply, "tokens_limit").toInteger(), 1000);
        QCOMPARE(member(reply, "window_ends_at").toString(), QStringLiteral("2023-11-14T22:13:20.000Z"));
        error.retryAfterSeconds = 62;
        QCOMPARE(*errorReply(error, endpoint, &report).head.headers.find("x-should-retry"),
                 std::string_view("false"));
        error.retryAfterSeconds = 60;
    }
    // Codex would wait.
    error.retryAfterSeconds = 62;
    const ErrorReply codexs = errorReply(error, {Dialect::OpenAi, Api::Responses}, &report);
    QVERIFY(!codexs.head.headers.contains("retry-after"));
    QCOMPARE(member(codexs, "type").toString(), QStringLiteral("usage_limit_reached"));
    QCOMPARE(member(codexs, "resets_at").toInteger(), 1'700'000'000);
    error.detail = "of 'Gr\xc3\xbc\xc3\x9f\ne'";
    const ErrorReply told = errorReply(error, {Dialect::OpenAi, Api::Responses}, &report);
    QCOMPARE(*told.head.headers.find("x-codex-promo-message"),
             std::string_view("Weir: a limit is reached: of 'Gr???e'"));
    report = {"concurrent", false, 3, 3, std::nullopt, false};
    error.retryAfterSeconds = 0;
    const ErrorReply busy = errorReply(error, {Dialect::OpenAi, Api::ChatCompletions}, &report);
    QCOMPARE(*busy.head.headers.find("retry-after"), std::string_view("1"));
    QCOMPARE(member(busy, "requests_used").toInteger(), 3);
    QVERIFY(member(busy, "tokens_used").isUndefined());
    QVERIFY(member(busy, "window_ends_at").isNull());
    report.isForEver = true;
    const ErrorReply never = errorReply(error, {Dialect::OpenAi, Api::ChatCompletions}, &report);
    QVERIFY(!never.head.headers.contains("retry-after")); // it would be a lie
    QCOMPARE(*never.head.headers.find("x-should-retry"), std::string_view("false"));
    QVERIFY(!never.head.headers.contains("x-codex-promo-message"));
    const ErrorReply neverCodexs = errorReply(error, {Dialect::OpenAi, Api::Responses}, &report);
    QVERIFY(neverCodexs.head.headers.contains("x-codex-promo-message"));
    QVERIFY(member(neverCodexs, "resets_at").isUndefined());
}

void TestErrorReply::escapesWhatItQuotes()
{
    const ErrorReply reply =
        errorReply({Errc::UnknownProvider, "\"}\r\n\x01\xFF"}, {Dialect::OpenAi, Api::Other});
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
