// SPDX-License-Identifier: GPL-3.0-or-later
// What a request is does not depend on how it is written: limits and credentials hold against any spelling.
#include "integration/lenient_provider.h"
#include "integration/limits_fixture.h"
#include <array>
#include <random>

using namespace weir;
using test::ask;
using test::keepKeys;
using test::KeptKey;
using test::KeptUsage;
using test::LenientProvider;
using test::ProxyFixture;
using test::putKey;
using test::statusOf;
using test::windowOf;

namespace {

constexpr int Rounds = 400;

/// Both dialects lead to the lenient provider.
void routeTo(const LenientProvider &lenient, config::Config &config, config::Auth auth)
{
    keepKeys(config);
    config::Provider &provider = config.providers.back();
    provider.auth = auth;
    provider.anthropicBase = "http://127.0.0.1:" + std::to_string(lenient.port());
    provider.openaiBase = provider.anthropicBase + "/v1";
}

/// Spellings and fields, the same ones in each run.
class Spelling
{
public:
    explicit Spelling(unsigned seed) : m_random(seed) {}

    unsigned pick(unsigned of) { return unsigned(m_random() % of); }
    bool chance(unsigned of) { return pick(of) == 0; }

    QByteArray path()
    {
        static const std::array<QByteArray, 9> Meant{"/v1/chat/completions",
                                                     "/v1/messages",
                                                     "/v1/responses",
                                                     "/v1/completions",
                                                     "/v1/messages/count_tokens",
                                                     "/v1/models/m:generateContent",
                                                     "/v1/complete",
                                                     "/v1/models",
                                                     "/sim/v1/chat/completions"};
        QByteArray path;
        for (const char byte : Meant[pick(Meant.size())]) {
            if (chance(8))
                path += "%" + QByteArray::number(uint(byte), 16);
            else
                path += chance(8) ? QByteArray(1, byte).toUpper() : QByteArray(1, byte);
            if (byte == '/' && chance(6))
                path += chance(2) ? "/" : "%2F";
            if (chance(40))
                path += chance(2) ? ";a=b" : "%3F";
        }
        static const std::array<QByteArray, 6> Ends{"", "", "/", ";a=b", "?x=/v1/models", "%20"};
        return path + Ends[pick(Ends.size())];
    }

    QByteArray fields()
    {
        static const std::array<QByteArray, 12> Fields{"Accept-Encoding: compress\r\n",
                                                       "Accept-Encoding: gzip, compress;q=0.1, *\r\n",
                                                       "Accept-Encoding: *\r\n",
                                                       "X-Original-URL: /v1/messages\r\n",
                                                       "X-Rewrite-URL: /v1/chat/completions\r\n",
                                                       "X-Original-URI: /v1/messages\r\n",
                                                       "X-HTTP-Method-Override: POST\r\n",
                                                       "anthropic-version: 2023-06-01\r\n",
                                                       "TE: trailers\r\n",
                                                       "Accept: text/event-stream\r\n",
                                                       "Content-Encoding: identity\r\n",
                                                       "X-Weir-Report: limits\r\n"};
        QByteArray all;
        for (unsigned count = pick(4); count > 0; --count)
            all += Fields[pick(Fields.size())];
        return all;
    }

    QByteArray body()
    {
        static const std::array<QByteArray, 6> Names{"max_tokens", "max_completion_tokens",
                                                     "Max_Tokens", "max_output_tokens",
                                                     "MAX_TOKENS", "n_predict"};
        static const std::array<QByteArray, 10> Values{"5",   "700",   "0",       "-1",   "9e2",
                                                       "1.5", "900.0", "\"800\"", "null", "3e3"};
        QByteArray text = R"({"model":"m")";
        for (unsigned count = pick(4); count > 0; --count)
            text += ",\"" + Names[pick(Names.size())] + "\":" + Values[pick(Values.size())];
        if (chance(4))
            text += ",\"n\":" + QByteArray::number(pick(4));
        return text + R"(,"messages":[]})";
    }

private:
    std::mt19937 m_random;
};

} // namespace

class TestSpellings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void holdsALimitHoweverItIsWritten_data();
    void holdsALimitHoweverItIsWritten();
    void letsNoCredentialPass_data();
    void letsNoCredentialPass();
};

void TestSpellings::holdsALimitHoweverItIsWritten_data()
{
    QTest::addColumn<unsigned>("seed");
    for (const unsigned seed : {1U, 2U, 3U})
        QTest::addRow("seed %u", seed) << seed;
}

void TestSpellings::holdsALimitHoweverItIsWritten()
{
    QFETCH(unsigned, seed);
    constexpr std::int64_t Limit = 30'000;
    const KeptUsage kept;
    const KeptKey key = putKey(kept, "limited", windowOf(Limit));
    LenientProvider lenient;
    ProxyFixture proxy({}, [&](config::Config &config) { routeTo(lenient, config, config::Auth::None); });
    Spelling spelling(seed);
    // The largest that a single request of these can set aside.
    constexpr double Reservation = 4 * LenientProvider::Unbounded + 100;
    std::map<int, int> statuses;
    for (int round = 0; round < Rounds; ++round) {
        const QByteArray path = spelling.path();
        const QByteArray reply = ask(proxy.port(), key.post(path, spelling.body(), spelling.fields()));
        ++statuses[statusOf(reply)];
        QVERIFY2(lenient.billed <= double(Limit) + Reservation,
                 path + ": " + QByteArray::number(lenient.billed));
    }
    QVERIFY(lenient.billed > double(Limit) / 2);                             // it has been tried
    QVERIFY(statuses[200] > 10 && statuses[429] > 10 && statuses[403] > 10); // let in, full, not countable
    // To the token: what was billed is what was charged.
    QCOMPARE(test::account(proxy, key.id).tokensInWindow, std::int64_t(lenient.billed));
}

void TestSpellings::letsNoCredentialPass_data()
{
    QTest::addColumn<int>("auth");
    QTest::addColumn<bool>("passes"); // a tool's own credential
    QTest::newRow("none") << int(config::Auth::None) << false;
    QTest::newRow("pass-through") << int(config::Auth::PassThrough) << true;
}

void TestSpellings::letsNoCredentialPass()
{
    QFETCH(int, auth);
    QFETCH(bool, passes);
    const KeptUsage kept;
    const KeptKey key = putKey(kept, "tool", keys::AccessKey{});
    LenientProvider lenient;
    ProxyFixture proxy({}, [&](config::Config &config) { routeTo(lenient, config, config::Auth(auth)); });
    const QByteArray tools = "sk-tools-own-0123456789";
    const QByteArray stranger = "weir_" + QByteArray(43, 'Z');
    const auto get = [&](const QByteArray &target, const QByteArray &fields) {
        const QByteArray reply =
            ask(proxy.port(), "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + fields + "\r\n");
        QVERIFY2(statusOf(reply) >= 200, reply.constData());
    };
    for (const QByteArray &secret : {key.text, stranger, tools}) {
        const QByteArray basic = ("user:" + secret).toBase64();
        std::vector<QByteArray> fields;
        for (const char *name :
             {"Authorization", "x-api-key", "api-key", "x-goog-api-key", "Proxy-Authorization",
              "X-Auth-Token", "openai-api-key", "Ocp-Apim-Subscription-Key"}) {
            for (const QByteArray &form :
                 {secret, "Bearer " + secret, "Token " + secret, "\"" + secret + "\"",
                  "Bearer \"" + secret + "\"", "Bearer\t" + secret})
                fields.push_back(QByteArray(name) + ": " + form + "\r\n");
        }
        fields.push_back("Authorization: Basic " + basic + "\r\n");
        for (const QByteArray &field : fields) {
            get("/v1/models", field);
            get("/v1/models", field + "Authorization: Bearer sk-other\r\n");
            get("/v1/models", field + "x-api-key: sk-other\r\n");
        }
        for (const char *name : {"key", "api_key", "API-Key", "%6bey", "access_token", "token"}) {
            get("/v1/models?a=1&" + QByteArray(name) + "=" + secret, {});
            get("/v1/models?" + QByteArray(name) + "=" + secret + "&b=2", "x-api-key: sk-other\r\n");
        }
        const auto occurs = [&](const QByteArray &text) { return lenient.received.contains(text); };
        if (secret == tools) {
            QCOMPARE(occurs(tools), passes);
            QCOMPARE(occurs(basic), passes);
            continue;
        }
        // In fields and places that are for no credential at all, too.
        for (const char *name : {"X-Anything", "Referer", "User-Agent", "Cookie", "X-Stainless-Lang"})
            get("/v1/models", QByteArray(name) + ": a" + secret + "b\r\nx-api-key: sk-other\r\n");
        get("/v1/models?anything=" + secret, "x-api-key: sk-other\r\n");
        get("/v1/models/" + secret, "x-api-key: sk-other\r\n");
        get("/v1/models?x=weir%5F" + secret.mid(5), "x-api-key: sk-other\r\n");
        QVERIFY2(!occurs(secret.mid(5)),
                 lenient.received.mid(lenient.received.indexOf(secret.mid(5)) - 300, 400));
        QVERIFY(!occurs(basic));
    }
    QVERIFY(lenient.answered > 20);
}

QTEST_GUILESS_MAIN(TestSpellings)
#include "tst_spellings.moc"
