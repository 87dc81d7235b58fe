// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/credential.h"
#include <QTest>

using namespace weir;
using namespace weir::llm;

namespace {

const std::string Key = "weir_" + std::string(43, 'k');

using Fields = std::initializer_list<std::pair<const char *, std::string>>;

http::Headers headersOf(Fields fields)
{
    http::Headers headers;
    for (const auto &[name, value] : fields)
        headers.add(name, value);
    return headers;
}

std::string textOf(const http::Headers &headers)
{
    std::string all;
    for (const auto field : headers)
        all += std::string(field.name) + "=" + std::string(field.value) + ";";
    return all;
}

/// "place:secret" of each.
std::string shown(const http::Headers &headers, std::string_view query = {})
{
    std::string all;
    for (const Credential &credential : findCredentials(headers, query))
        all += std::to_string(int(credential.place)) + ":" + std::string(credential.secret) + " ";
    return all;
}

} // namespace

class TestCredential : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsCredentials();
    void looksAtSoManyOnly();
    void takesABearerToken();
    void makesHeadersFitToSend();
    void letsNoAccessKeyLeave();
    void offersWhatCanBeRead_data();
    void offersWhatCanBeRead();
    void takesCredentialsOutOfAQuery_data();
    void takesCredentialsOutOfAQuery();
    void findsAccessKeysInTargets();
};

void TestCredential::findsCredentials()
{
    QCOMPARE(shown({}), std::string());
    QCOMPARE(shown(headersOf({{"Authorization", "Bearer k"}})), std::string("0:k "));
    QCOMPARE(shown(headersOf({{"authorization", "bearer\t k "}})), std::string("0:k "));
    QCOMPARE(shown(headersOf({{"Authorization", "Bearer \"k\""}})), std::string("0:k "));
    QCOMPARE(shown(headersOf({{"Authorization", "Token k"}})), std::string("0:k "));
    QCOMPARE(shown(headersOf({{"Authorization", "k"}})), std::string("0:k "));
    for (const char *empty : {"Bearer", "Bearer ", "", " ", "Bearer \"\""})
        QCOMPARE(shown(headersOf({{"Authorization", empty}, {"x-api-key", "\t"}})), std::string());
    // In the order of their places, whatever the order they came in.
    QCOMPARE(
        shown(headersOf({{"api-key", "c"}, {"X-Api-Key", "b"}, {"Authorization", "Bearer a"}}), "?x=1&key=d"),
        std::string("0:a 1:b 2:c 3:d "));
    QCOMPARE(shown({}, "API%5FKEY=e&f"), std::string("3:e "));
    QCOMPARE(shown(headersOf({{"x-goog-api-key", "g"}, {"Proxy-Authorization", "Bearer p"}})),
             std::string("2:g 2:p "));
    const std::string large(20'000, 'a');
    QCOMPARE(shown(headersOf({{"Authorization", "Bearer " + large}})), "0:" + large + " ");
}

void TestCredential::looksAtSoManyOnly()
{
    http::Headers headers;
    for (std::size_t at = 0; at < 2 * Credentials::CountMax; ++at)
        headers.add("api-key", std::to_string(at));
    const Credentials found = findCredentials(headers, {});
    QCOMPARE(std::size_t(found.end() - found.begin()), Credentials::CountMax);
}

void TestCredential::takesABearerToken()
{
    QCOMPARE(bearerToken(headersOf({{"Authorization", "Bearer t"}})), std::string_view("t"));
    QVERIFY(bearerToken(headersOf({{"Authorization", "Basic t"}})).empty());
    QVERIFY(bearerToken(headersOf({{"Authorization", "t"}})).empty());
    QVERIFY(bearerToken(headersOf({{"Authorization", "Bearer t"}, {"Authorization", "Bearer t"}})).empty());
    QVERIFY(bearerToken({}).empty());
}

void TestCredential::makesHeadersFitToSend()
{
    const http::Headers sent = headersOf({{"Host", "127.0.0.1"},
                                          {"User-Agent", "claude-cli/2"},
                                          {"anthropic-beta", "one,two"},
                                          {"Anthropic-Beta", "three"},
                                          {"x-api-key", "k"},
                                          {"Authorization", "Bearer k"},
                                          {"api-key", "k"},
                                          {"Content-Length", "5"},
                                          {"Connection", "keep-alive, x-hop"},
                                          {"X-Hop", "1"},
                                          {"Expect", "100-continue"},
                                          {"Cookie", "a=b"},
                                          {"X-Forwarded-For", "10.0.0.1"},
                                          {"Forwarded", "for=x"},
                                          {"X-Original-URL", "/v1/messages"},
                                          {"X-HTTP-Method-Override", "PUT"},
                                          {"Sec-Fetch-Mode", "cors"},
                                          {"X-Weir-Priority", "background"},
                                          {"X-Stainless-Lang", "js"}});
    http::Headers passed = sent;
    authorise(passed, AuthMode::PassThrough);
    QCOMPARE(textOf(passed),
             std::string("User-Agent=claude-cli/2;anthropic-beta=one,two;Anthropic-Beta=three;x-api-key=k;"
                         "Authorization=Bearer k;api-key=k;X-Stainless-Lang=js;Accept-Encoding=identity;"));
    for (const AuthMode mode : {AuthMode::None, AuthMode::Stored}) {
        http::Headers without = sent;
        without.add("Accept-Encoding", "gzip");
        authorise(without, mode);
        QCOMPARE(textOf(without),
                 std::string("User-Agent=claude-cli/2;anthropic-beta=one,two;Anthropic-Beta=three;"
                             "X-Stainless-Lang=js;Accept-Encoding=gzip;"));
    }
}

void TestCredential::letsNoAccessKeyLeave()
{
    for (const char *name : {"X-Anything", "api-key", "x-goog-api-key", "Referer", "User-Agent",
                             "Authorization", "x-api-key", "Proxy-Authorization", "Cookie"}) {
        for (const std::string &value :
             {Key, "Bearer " + Key, "\"" + Key + "\"", "x" + Key + "y", "a=1; b=" + Key}) {
            for (const AuthMode mode : {AuthMode::PassThrough, AuthMode::Stored, AuthMode::None}) {
                http::Headers headers = headersOf({{name, value}, {"X-Other", "weir_"}});
                authorise(headers, mode);
                QCOMPARE(textOf(headers), std::string("X-Other=weir_;Accept-Encoding=identity;"));
            }
        }
    }
}

void TestCredential::offersWhatCanBeRead_data()
{
    QTest::addColumn<QByteArray>("asked");
    QTest::addColumn<QByteArray>("offered");
    const auto row = [](const char *asked, const char *offered) {
        QTest::newRow(asked) << QByteArray(asked) << QByteArray(offered);
    };
    row("gzip", "gzip");
    row("gzip,deflate", "gzip,deflate");
    row("gzip, deflate, br, zstd", "gzip, deflate, br, zstd");
    row("gzip, br, dcb, dcz", "gzip, br");
    row("br", "br");
    row("compress", "identity");
    row("*", "identity");
    row("", "identity");
    row("br;q=1.0, GZIP;q=0.5, *;q=0", "br;q=1.0, GZIP;q=0.5");
    row("identity;q=1, gzip ;q=0", "identity;q=1, gzip ;q=0");
    row("x-gzip , compress", "x-gzip");
    row("gzip, deflate", "gzip, deflate");
}

void TestCredential::offersWhatCanBeRead()
{
    QFETCH(QByteArray, asked);
    QFETCH(QByteArray, offered);
    http::Headers headers = headersOf({{"accept-encoding", asked.toStdString()}});
    authorise(headers, AuthMode::PassThrough);
    QCOMPARE(headers.count("Accept-Encoding"), std::size_t(1));
    QCOMPARE(QByteArray::fromStdString(std::string(*headers.find("Accept-Encoding"))), offered);
    // Several fields are one list (RFC 9110 §5.3).
    http::Headers two = headersOf({{"Accept-Encoding", "compress"}, {"Accept-Encoding", "gzip"}});
    authorise(two, AuthMode::PassThrough);
    QCOMPARE(textOf(two), std::string("Accept-Encoding=gzip;"));
}

void TestCredential::takesCredentialsOutOfAQuery_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("left");
    const auto row = [](const char *target, const char *left) {
        QTest::newRow(target) << QByteArray(target) << QByteArray(left);
    };
    row("/a", "/a");
    row("/a?beta=true&x=%20;y", "/a?beta=true&x=%20;y");
    row("/a?key=k", "/a");
    row("/a?key=k&beta=true", "/a?beta=true");
    row("/a?beta=true&API_KEY=k", "/a?beta=true");
    row("/a?b=1;key=k", "/a?b=1");
    row("/a?%6bey=k&api%2Dkey=l&c", "/a?c");
    row("/a?monkey=1&keys=2", "/a?monkey=1&keys=2");
    row("/a?key", "/a");
}

void TestCredential::takesCredentialsOutOfAQuery()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, left);
    QCOMPARE(QByteArray::fromStdString(withoutCredentials(target.toStdString())), left);
}

void TestCredential::findsAccessKeysInTargets()
{
    QVERIFY(targetHoldsAccessKey("/v1/models?x=" + Key));
    QVERIFY(targetHoldsAccessKey("/v1/models/" + Key + "/y"));
    QVERIFY(targetHoldsAccessKey("/v1/models?x=weir%5F" + Key.substr(5)));
    QVERIFY(!targetHoldsAccessKey("/v1/models?x=" + Key.substr(0, 47)));
    QVERIFY(!targetHoldsAccessKey("/v1/models?x=weir_short&y=" + std::string(60, 'z')));
}

QTEST_GUILESS_MAIN(TestCredential)
#include "tst_credential.moc"
