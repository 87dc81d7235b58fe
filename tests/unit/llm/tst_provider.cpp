// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/provider.h"
#include "llm/providers.h"
#include <QTest>

using namespace weir;
using namespace weir::llm;

namespace {

http::Headers headersOf(std::initializer_list<std::pair<const char *, const char *>> fields)
{
    http::Headers headers;
    for (const auto &[name, value] : fields)
        headers.add(name, value);
    return headers;
}

} // namespace

class TestProvider : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void recognisesEndpoints_data();
    void recognisesEndpoints();
    void readsBaseUrls();
    void refusesBaseUrls_data();
    void refusesBaseUrls();
    void quotesNoSecretOfABaseUrl();
    void joinsBaseAndTarget_data();
    void joinsBaseAndTarget();
    void findsTheCredential();
    void makesHeadersFitToSend();
    void knowsItsProviders();
};

void TestProvider::recognisesEndpoints_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<bool>("version"); // anthropic-version is sent
    QTest::addColumn<QByteArray>("dialect");
    QTest::addColumn<QByteArray>("api");
    const auto row = [](const char *path, bool version, const char *dialect, const char *api) {
        QTest::addRow("%s%s", path, version ? " with anthropic-version" : "")
            << QByteArray(path) << version << QByteArray(dialect) << QByteArray(api);
    };
    row("/v1/messages", false, "anthropic", "messages");
    row("/v1/messages/count_tokens", false, "anthropic", "count_tokens");
    row("/v1/messages/batches/b1/results", false, "anthropic", "other");
    row("/v1/messagesx", false, "openai", "other");
    row("/v1/chat/completions", true, "openai", "chat_completions");
    row("/v1/responses", false, "openai", "responses");
    row("/v1/responses/r1", false, "openai", "other");
    row("/v1/embeddings", false, "openai", "embeddings");
    row("/v1/models", false, "openai", "models");
    row("/v1/models", true, "anthropic", "models");
    row("/v1/models/m", true, "anthropic", "models");
    row("/v1/files", false, "openai", "other");
    row("/v1/files", true, "anthropic", "other");
    row("/v1/files/file_1/content", true, "anthropic", "other");
    row("/v1/not-yet-known", true, "anthropic", "other");
    row("/v1/modelsx", false, "openai", "other");
    row("/v1/complete", false, "anthropic", "other");
    row("/v1/completions", false, "openai", "other");
    row("/v1/messages/", false, "anthropic", "other");
    row("/v1/messages/count_tokens/", false, "anthropic", "other");
    row("/v1/chat/completions/c1", true, "openai", "other");
    row("/v1/responses/r1", true, "openai", "other");
    row("/v1/embeddings", true, "openai", "embeddings");
    row("/v1/v1/messages", false, "openai", "other");
    row("/v1/v1/messages", true, "anthropic", "other");
    row("/V1/messages", false, "", "");
    row("", false, "", "");
    row("/v1/", false, "openai", "other");
    row("/v1", false, "", "");
    row("/v2/messages", false, "", "");
    row("/", false, "", "");
}

void TestProvider::recognisesEndpoints()
{
    QFETCH(QByteArray, path);
    QFETCH(bool, version);
    QFETCH(QByteArray, dialect);
    QFETCH(QByteArray, api);
    http::Headers headers;
    if (version)
        headers.add("Anthropic-Version", "2023-06-01");
    const auto endpoint = recognise(path.toStdString(), headers);
    QCOMPARE(endpoint.has_value(), !dialect.isEmpty());
    if (endpoint) {
        QCOMPARE(name(endpoint->dialect), std::string_view(dialect.toStdString()));
        QCOMPARE(name(endpoint->api), std::string_view(api.toStdString()));
    }
}

void TestProvider::readsBaseUrls()
{
    const auto zai = parseBaseUrl("https://API.z.ai/api/anthropic/");
    QVERIFY(zai);
    QCOMPARE(*zai, (BaseUrl{true, "api.z.ai", 443, "/api/anthropic"}));
    QCOMPARE(zai->origin(), std::string("https://api.z.ai:443"));
    QCOMPARE(*parseBaseUrl("http://127.0.0.1:8000"), (BaseUrl{false, "127.0.0.1", 8000, ""}));
    const auto ipv6 = parseBaseUrl("http://[::1]:8000/v1");
    QCOMPARE(ipv6->host, std::string("::1"));
    QCOMPARE(ipv6->origin(), std::string("http://[::1]:8000"));
}

void TestProvider::refusesBaseUrls_data()
{
    QTest::addColumn<QByteArray>("url");
    for (const char *url : {"", "api.z.ai", "ftp://x/", "file:///etc/passwd", "https://", "https:///path",
                            "https://u:p@x/", "https://x/?a=1", "https://x/#f", "https://x:99999/",
                            "https://x:0/", "https://x:-1/", " https://x/", "https://x/%zz", "https://x\\y/",
                            "https://x\n/", "https://x y/", "javascript:alert(1)"})
        QTest::newRow(url) << QByteArray(url);
}

void TestProvider::refusesBaseUrls()
{
    QFETCH(QByteArray, url);
    const auto parsed = parseBaseUrl(url.toStdString());
    QVERIFY(!parsed);
    QCOMPARE(parsed.error().code, base::Errc::ConfigInvalid);
    QVERIFY(!parsed.error().detail.empty());
}

void TestProvider::quotesNoSecretOfABaseUrl()
{
    for (const char *url : {"https://user:hunter2@x/", "https://x/?key=hunter2", "https://x/#hunter2"}) {
        const auto parsed = parseBaseUrl(url);
        QVERIFY(!parsed);
        QVERIFY(parsed.error().detail.find("hunter2") == std::string::npos);
    }
    QVERIFY(parseBaseUrl("ftp://x/").error().detail.find("'ftp://x/'") == 0);
}

void TestProvider::joinsBaseAndTarget_data()
{
    QTest::addColumn<bool>("anthropic");
    QTest::addColumn<QByteArray>("base");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("joined");
    const auto row = [](const char *name, bool anthropic, const char *base, const char *target,
                        const char *joined) {
        QTest::newRow(name) << anthropic << QByteArray(base) << QByteArray(target) << QByteArray(joined);
    };
    row("anthropic", true, "https://api.anthropic.com", "/v1/messages?beta=true", "/v1/messages?beta=true");
    row("anthropic under a path", true, "https://api.z.ai/api/anthropic", "/v1/messages",
        "/api/anthropic/v1/messages");
    row("anthropic with the version in the base", true, "https://x/v1", "/v1/messages", "/v1/messages");
    row("anthropic with path and version in the base", true, "https://x/proxy/v1/", "/v1/messages?a=/v1/",
        "/proxy/v1/messages?a=/v1/");
    row("openai", false, "https://api.openai.com/v1", "/v1/chat/completions", "/v1/chat/completions");
    row("openai under another version", false, "https://api.z.ai/api/coding/paas/v4",
        "/v1/chat/completions?a=%20", "/api/coding/paas/v4/chat/completions?a=%20");
    row("openai without a path", false, "http://127.0.0.1:8000", "/v1/models", "/v1/models");
    row("openai with a slash at the end", false, "http://127.0.0.1:8000/", "/v1/models", "/v1/models");
}

void TestProvider::joinsBaseAndTarget()
{
    QFETCH(bool, anthropic);
    QFETCH(QByteArray, base);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, joined);
    const auto url = parseBaseUrl(base.toStdString());
    QVERIFY(url);
    QCOMPARE(QByteArray::fromStdString(upstreamTarget(anthropic ? Dialect::Anthropic : Dialect::OpenAi, *url,
                                                      target.toStdString())),
             joined);
}

void TestProvider::findsTheCredential()
{
    using Kind = Credential::Kind;
    const auto kind = [](std::initializer_list<std::pair<const char *, const char *>> fields) {
        return findCredential(headersOf(fields)).kind;
    };
    QCOMPARE(kind({}), Kind::Missing);
    QCOMPARE(kind({{"x-api-key", "k"}}), Kind::ApiKey);
    QCOMPARE(kind({{"X-Api-Key", " \t"}}), Kind::Missing);
    QCOMPARE(kind({{"Authorization", "Bearer k"}}), Kind::Bearer);
    QCOMPARE(kind({{"authorization", "bearer  k "}}), Kind::Bearer);
    QCOMPARE(kind({{"Authorization", "Bearer"}}), Kind::Missing);
    QCOMPARE(kind({{"Authorization", "Bearer "}}), Kind::Missing);
    QCOMPARE(kind({{"Authorization", "Basic a"}}), Kind::Missing);
    QCOMPARE(kind({{"Authorization", "Bearer k"}, {"x-api-key", "k"}}), Kind::Bearer);
    QCOMPARE(kind({{"Authorization", "Bearer k"}, {"x-api-key", "other"}}), Kind::Conflicting);
    QCOMPARE(kind({{"x-api-key", "k"}, {"x-api-key", "k"}}), Kind::Conflicting);
    const std::string huge = "Bearer " + std::string(64 * 1024, 'a');
    QCOMPARE(kind({{"Authorization", huge.c_str()}}), Kind::Missing);
    const std::string largest(8 * 1024, 'a');
    QCOMPARE(kind({{"Authorization", ("Bearer " + largest).c_str()}}), Kind::Bearer);
    QCOMPARE(kind({{"x-api-key", largest.c_str()}}), Kind::ApiKey);
    QCOMPARE(kind({{"x-api-key", (largest + "a").c_str()}}), Kind::Missing);
    QCOMPARE(kind({{"Authorization", "Basic a"}, {"x-api-key", "k"}}), Kind::ApiKey);
    const http::Headers headers = headersOf({{"Authorization", "Bearer sk-1"}});
    QCOMPARE(findCredential(headers).secret, std::string_view("sk-1"));
}

void TestProvider::makesHeadersFitToSend()
{
    const http::Headers sent = headersOf({{"Host", "127.0.0.1"},
                                          {"User-Agent", "claude-cli/2"},
                                          {"anthropic-beta", "one,two"},
                                          {"Anthropic-Beta", "three"},
                                          {"x-api-key", "k"},
                                          {"Authorization", "Bearer k"},
                                          {"Content-Length", "5"},
                                          {"Connection", "keep-alive, x-hop"},
                                          {"X-Hop", "1"},
                                          {"Expect", "100-continue"},
                                          {"Cookie", "a=b"},
                                          {"X-Forwarded-For", "10.0.0.1"},
                                          {"Forwarded", "for=x"},
                                          {"Sec-Fetch-Mode", "cors"},
                                          {"X-Weir-Priority", "background"},
                                          {"X-Stainless-Lang", "js"}});
    const auto text = [](const http::Headers &headers) {
        std::string all;
        for (const auto field : headers)
            all += std::string(field.name) + "=" + std::string(field.value) + ";";
        return all;
    };
    http::Headers passed = sent;
    authorise(passed, AuthMode::PassThrough);
    QCOMPARE(text(passed),
             std::string("User-Agent=claude-cli/2;anthropic-beta=one,two;Anthropic-Beta=three;x-api-key=k;"
                         "Authorization=Bearer k;X-Stainless-Lang=js;Accept-Encoding=identity;"));
    http::Headers without = sent;
    without.add("Accept-Encoding", "gzip");
    authorise(without, AuthMode::None);
    QCOMPARE(text(without), std::string("User-Agent=claude-cli/2;anthropic-beta=one,two;Anthropic-Beta=three;"
                                        "X-Stainless-Lang=js;Accept-Encoding=gzip;"));
}

void TestProvider::knowsItsProviders()
{
    for (const BuiltInProvider &provider : builtInProviders()) {
        for (const std::string_view base : {provider.openAiBase, provider.anthropicBase})
            QVERIFY(base.empty() || parseBaseUrl(base));
        QVERIFY(!provider.openAiBase.empty() || !provider.anthropicBase.empty());
        QVERIFY(provider.baseEnvironment.ends_with("_API_BASE"));
    }
}

QTEST_GUILESS_MAIN(TestProvider)
#include "tst_provider.moc"
