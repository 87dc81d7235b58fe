// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/provider.h"
#include "llm/providers.h"
#include <QTest>

using namespace weir;
using namespace weir::llm;

class TestProvider : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsBaseUrls();
    void refusesBaseUrls_data();
    void refusesBaseUrls();
    void quotesNoSecretOfABaseUrl();
    void joinsBaseAndTarget_data();
    void joinsBaseAndTarget();
    void knowsItsProviders();
};

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
    QTest::addColumn<QByteArray>("rest");
    QTest::addColumn<QByteArray>("joined");
    const auto row = [](const char *name, bool anthropic, const char *base, const char *rest,
                        const char *joined) {
        QTest::newRow(name) << anthropic << QByteArray(base) << QByteArray(rest) << QByteArray(joined);
    };
    row("anthropic", true, "https://api.anthropic.com", "/messages?beta=true", "/v1/messages?beta=true");
    row("anthropic under a path", true, "https://api.z.ai/api/anthropic", "/messages",
        "/api/anthropic/v1/messages");
    row("anthropic with the version in the base", true, "https://x/v1", "/messages", "/v1/messages");
    row("anthropic with path and version in the base", true, "https://x/proxy/v1/", "/messages?a=/v1/",
        "/proxy/v1/messages?a=/v1/");
    row("openai", false, "https://api.openai.com/v1", "/chat/completions", "/v1/chat/completions");
    row("openai under another version", false, "https://api.z.ai/api/coding/paas/v4",
        "/chat/completions?a=%20", "/api/coding/paas/v4/chat/completions?a=%20");
    row("openai without a path", false, "http://127.0.0.1:8000", "/models", "/v1/models");
    row("openai with a slash at the end", false, "http://127.0.0.1:8000/", "/models", "/v1/models");
}

void TestProvider::joinsBaseAndTarget()
{
    QFETCH(bool, anthropic);
    QFETCH(QByteArray, base);
    QFETCH(QByteArray, rest);
    QFETCH(QByteArray, joined);
    const auto url = parseBaseUrl(base.toStdString());
    QVERIFY(url);
    QCOMPARE(QByteArray::fromStdString(
                 upstreamTarget(anthropic ? Dialect::Anthropic : Dialect::OpenAi, *url, rest.toStdString())),
             joined);
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
