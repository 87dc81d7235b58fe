// SPDX-License-Identifier: GPL-3.0-or-later
// What Weir refuses by itself is no usage: it is counted by reason, and nothing of it is kept.
#include "integration/kept_keys.h"
#include "integration/proxy_fixture.h"

using namespace weir;
using test::KeptKey;
using test::KeptUsage;
using test::ProxyFixture;
using test::putKey;
using test::RawClient;
using test::statusOf;

class TestRefusedUsage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsNoRowOfWhatItRefuses();
};

void TestRefusedUsage::keepsNoRowOfWhatItRefuses()
{
    const KeptUsage kept;
    keys::AccessKey wanted;
    const KeptKey known = putKey(kept, "known", wanted);
    wanted.isPaused = true;
    const KeptKey paused = putKey(kept, "paused", wanted);
    wanted.isPaused = false;
    wanted.allowedModels = {"sim-*"};
    const KeptKey choosy = putKey(kept, "choosy", wanted);
    keys::Limits one;
    one.requestsPerMinute = 1;
    const KeptKey limited = putKey(kept, "limited", one);
    ProxyFixture proxy({}, [](config::Config &config) {
        config.store.enabled = true;
        config.aliases.push_back({"fast", "sim-ok", ""}); // so that bodies are read
        config.providers.push_back(config.providers.front());
        config.providers.back().name = "open";
        config.providers.back().auth = config::Auth::None;
    });
    const QByteArray ok = R"({"model":"sim-ok","max_tokens":5,"messages":[]})";
    const auto post = [&](const QByteArray &headers, const QByteArray &body,
                          const QByteArray &type = "application/json") {
        return "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: invented/1\r\n" + headers +
               "Content-Type: " + type + "\r\nContent-Length: " + QByteArray::number(body.size()) +
               "\r\n\r\n" + body;
    };
    const QByteArray own = "x-api-key: k\r\n";
    const std::vector<std::pair<const char *, QByteArray>> requests{
        {"no_credential", post("", ok)},
        {"unknown_key", post("x-api-key: weir_nobody\r\n", ok)},
        {"access_key_not_forwarded", post(known.header(), ok)},
        {"unsupported_media_type", post(own, ok, "text/plain")},
        {"unknown_priority", post(own + "X-Weir-Priority: invented\r\n", ok)},
        {"invalid_json", post(own, R"({"model":"invented)")},
        {"origin_not_allowed", post(own + "Origin: https://invented.example\r\n", ok)},
        {"unknown_path", "GET /invented HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"},
        {"unknown_provider", "GET /invented/v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"},
        {"key_paused", paused.post("/open/v1/messages", ok)},
        {"model_not_allowed", choosy.post("/open/v1/messages", R"({"model":"invented","messages":[]})")},
    };
    for (const auto &[reason, request] : requests) {
        RawClient client(proxy.port());
        client.send(request);
        const int status = statusOf(client.takeResponse());
        QVERIFY2(status >= 400 && status < 500, reason);
    }
    for (const int status : {200, 429, 429}) { // the first one is let in
        RawClient client(proxy.port());
        client.send(limited.post("/open/v1/messages", ok));
        QCOMPARE(statusOf(client.takeResponse()), status);
    }
    proxy.host.stop();
    QTRY_COMPARE_WITH_TIMEOUT(proxy.host.state(), engine::EngineHost::State::Stopped, 15'000);
    QCOMPARE(kept.rows(), std::int64_t(1));
    QCOMPARE(kept.number("SELECT sum(requests) FROM usage_hour"), std::int64_t(1));
    for (const auto &[reason, request] : requests) {
        const std::string sql =
            std::string("SELECT sum(requests) FROM refused WHERE reason = '") + reason + "'";
        QVERIFY2(kept.number(sql.c_str()) == 1, reason);
    }
    QCOMPARE(kept.number("SELECT sum(requests) FROM refused WHERE reason = 'limit_reached'"),
             std::int64_t(2));
    QCOMPARE(kept.number("SELECT sum(requests) FROM refused"), std::int64_t(requests.size() + 2));
    QVERIFY(!kept.bytes().contains("invented"));
}

QTEST_GUILESS_MAIN(TestRefusedUsage)
#include "tst_refused_usage.moc"
