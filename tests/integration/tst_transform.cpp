// SPDX-License-Identifier: GPL-3.0-or-later
// The rules for models on the real engine: what arrives at the provider, byte by byte.
#include "integration/proxy_fixture.h"

#include <algorithm>

using namespace weir;
using test::bodyOf;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;

namespace {

constexpr qsizetype Hold = 100'000;

/// Every body asks for a model that the simulated provider knows, or becomes one.
void useRules(config::Config &config)
{
    config.limits.bodyHold = Hold;
    config.aliases = {{"fast", "sim-ok", ""}, {"claude-*", "sim-chunks-2", ""}};
}

simulator::Options simulated(bool tls)
{
    simulator::Options options;
    options.tls = tls;
    return options;
}

QByteArray chunked(const QByteArray &body, qsizetype chunkSize)
{
    QByteArray request =
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: k\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n";
    for (qsizetype at = 0; at < body.size(); at += chunkSize) {
        const QByteArray piece = body.mid(at, chunkSize);
        request += QByteArray::number(piece.size(), 16) + "\r\n" + piece + "\r\n";
    }
    return request + "0\r\n\r\n";
}

} // namespace

class TestTransform : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void arrives_data();
    void arrives();
    void leavesTheFramingOfWhatItLeaves();
    void appliesTheDefaultModel();
    void editsALargeBodyAsItPasses_data();
    void editsALargeBodyAsItPasses();
    void refusesALargeBodyOverQnam();
    void passesOrRefusesBadJson();
    void cutsABadBodyThatStreams();
    void reroutes();
    void holdsNoMoreThanTheBudget();
};

void TestTransform::arrives_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("arrived");
    QTest::addColumn<bool>("qnam");
    const QByteArray rest = R"(, "max_tokens" : 5,)"
                            "\n\t\"x\":[1.50e3,-0,\"\\u00fc\\/\",\"gr\xC3\xBC\"],\"messages\":[]} ";
    for (const bool qnam : {false, true}) {
        const auto row = [&](const char *name, const QByteArray &model, const QByteArray &changed) {
            QTest::addRow("%s, %s", name, qnam ? "qnam" : "direct") << model + rest << changed + rest << qnam;
        };
        row("an alias", R"({ "model" : "fast")", R"({ "model" : "sim-ok")");
        row("a pattern", R"({"model":"claude-opus-4-1")", R"({"model":"sim-chunks-2")");
        row("no rule for it", R"({"model" :"sim-ok")", R"({"model" :"sim-ok")");
        row("twice", R"({"model":"x","model":"fast")", R"({"model":"x","model":"sim-ok")");
        row("behind much else", R"({"a":")" + QByteArray(60'000, 'a') + R"(","model":"fast")",
            R"({"a":")" + QByteArray(60'000, 'a') + R"(","model":"sim-ok")");
    }
}

void TestTransform::arrives()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, arrived);
    QFETCH(bool, qnam);
    ProxyFixture proxy(simulated(qnam), [qnam](config::Config &config) {
        useRules(config);
        if (qnam)
            config.providers.front().transport = config::Transport::Qnam;
    });
    RawClient client(proxy.port());
    for (const QByteArray &request : {postRequest("/v1/messages", body), chunked(body, 1000)}) {
        client.send(request);
        QCOMPARE(statusOf(client.takeResponse()), 200);
        QCOMPARE(proxy.arrived.back().body, arrived);
    }
    const QByteArray length = "content-length: " + QByteArray::number(arrived.size()) + "\n";
    QVERIFY(proxy.arrived.front().headers.toLower().contains(length));
}

void TestTransform::leavesTheFramingOfWhatItLeaves()
{
    ProxyFixture proxy({}, useRules);
    RawClient client(proxy.port());
    client.send(chunked(R"({"model":"sim-ok","messages":[]})", 5));
    QCOMPARE(statusOf(client.takeResponse()), 200);
    QVERIFY(proxy.arrived.front().headers.toLower().contains("transfer-encoding: chunked\n"));
    QVERIFY(!proxy.arrived.front().headers.toLower().contains("content-length"));
    const metrics::RequestRecord record = proxy.record(1);
    QVERIFY(record.timeline.between(profiling::Stage::BodyDone, profiling::Stage::BodyDecided) >
            base::Duration{});
    QCOMPARE(record.modelRequested, std::string("sim-ok"));
    QCOMPARE(record.modelSent, std::string());
    QCOMPARE(record.endReason, std::string("end_turn"));
}

void TestTransform::appliesTheDefaultModel()
{
    ProxyFixture proxy({}, [](config::Config &config) { config.defaultModel = "sim-ok"; });
    RawClient client(proxy.port());
    client.send(postRequest("/v1/chat/completions", R"({"messages":[]})"));
    QCOMPARE(statusOf(client.takeResponse()), 200);
    QCOMPARE(proxy.arrived.front().body, QByteArray(R"({"model":"sim-ok","messages":[]})"));
    client.send(postRequest("/v1/chat/completions", R"({"messages":[],"model":"sim-chunks-2"})"));
    QCOMPARE(statusOf(client.takeResponse()), 200);
    QCOMPARE(proxy.arrived.back().body, QByteArray(R"({"messages":[],"model":"sim-chunks-2"})"));
    const metrics::RequestRecord record = proxy.record(1);
    QCOMPARE(record.modelRequested, std::string());
    QCOMPARE(record.modelSent, std::string("sim-ok"));
}

void TestTransform::editsALargeBodyAsItPasses_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<bool>("isChunked");
    QTest::newRow("HTTP/1.1") << false << false;
    QTest::newRow("HTTP/1.1, chunked") << false << true;
    QTest::newRow("HTTP/2") << true << false;
    QTest::newRow("HTTP/2, chunked") << true << true;
}

void TestTransform::editsALargeBodyAsItPasses()
{
    QFETCH(bool, tls);
    QFETCH(bool, isChunked);
    ProxyFixture proxy(simulated(tls), useRules);
    const QByteArray padding(3'000'000, 'x');
    const QByteArray body =
        R"({"model":"claude-3","messages":[],"padding":")" + padding + R"(","model" : "fast" })";
    RawClient client(proxy.port());
    client.send(isChunked ? chunked(body, 10'000) : postRequest("/v1/messages", body));
    QCOMPARE(statusOf(client.takeResponse()), 200);
    const QByteArray expected =
        R"({"model":"sim-chunks-2","messages":[],"padding":")" + padding + R"(","model" : "sim-ok" })";
    QVERIFY(proxy.arrived.front().body == expected);
    QVERIFY(!proxy.arrived.front().headers.toLower().contains("content-length"));
    QCOMPARE(proxy.record(1).modelSent, std::string("sim-ok"));
}

void TestTransform::refusesALargeBodyOverQnam()
{
    ProxyFixture proxy(simulated(true), [](config::Config &config) {
        useRules(config);
        config.providers.front().transport = config::Transport::Qnam;
    });
    const QByteArray body = R"({"model":"fast","padding":")" + QByteArray(Hold, 'x') + R"("})";
    RawClient client(proxy.port());
    client.send(postRequest("/v1/messages", body));
    const QByteArray response = client.takeResponse();
    QCOMPARE(statusOf(response), 413);
    QVERIFY(response.contains("limits.body_hold: 100000 bytes"));
    RawClient second(proxy.port());
    second.send(chunked(body, 10'000));
    QCOMPARE(statusOf(second.takeResponse()), 413);
    QVERIFY(proxy.arrived.empty());
}

void TestTransform::passesOrRefusesBadJson()
{
    const QByteArray body = R"({"model":"fast",})";
    ProxyFixture plain;
    RawClient client(plain.port());
    client.send(postRequest("/v1/messages", body));
    std::ignore = client.takeResponse(); // the provider's own error
    QCOMPARE(plain.arrived.front().body, body);

    ProxyFixture proxy({}, useRules);
    RawClient other(proxy.port());
    other.send(postRequest("/v1/messages", body));
    const QByteArray response = other.takeResponse();
    QCOMPARE(statusOf(response), 400);
    QVERIFY2(bodyOf(response).contains("at byte 16") && bodyOf(response).contains("invalid_request_error"),
             response.constData());
    QVERIFY(proxy.arrived.empty());
    // The connection is as good as before.
    other.send(postRequest("/v1/messages", R"({"model":"fast","messages":[]})"));
    QCOMPARE(statusOf(other.takeResponse()), 200);
}

void TestTransform::cutsABadBodyThatStreams()
{
    ProxyFixture proxy({}, useRules);
    RawClient client(proxy.port());
    client.send(postRequest("/v1/messages", R"({"model":"fast","x":")" + QByteArray(3 * Hold, 'x') + "\"]"));
    const QByteArray response = client.takeResponse();
    QCOMPARE(statusOf(response), 400);
    QVERIFY2(response.contains("at byte 300022"), response.constData());
    QVERIFY(proxy.arrived.empty()); // nothing that looks whole has come
}

void TestTransform::reroutes()
{
    ProxyFixture proxy({}, [](config::Config &config) {
        config::Provider other = config.providers.front();
        other.name = "other";
        other.anthropicBase += "/api";
        other.openaiBase.clear();
        other.auth = config::Auth::None;
        config.providers.push_back(other);
        config.aliases = {{"far", "sim-ok", "other"}};
    });
    RawClient client(proxy.port());
    client.send(postRequest("/v1/messages?beta=true", R"({"model":"far","messages":[]})"));
    QCOMPARE(statusOf(client.takeResponse()), 200);
    const simulator::Arrived request = proxy.arrived.front();
    QCOMPARE(request.target, QByteArray("/api/v1/messages?beta=true"));
    QCOMPARE(request.body, QByteArray(R"({"model":"sim-ok","messages":[]})"));
    QVERIFY(!request.headers.contains("test-key"));
    QCOMPARE(proxy.record(1).provider, std::string("other"));

    client.send(postRequest("/v1/chat/completions", R"({"model":"far","messages":[]})"));
    const QByteArray refused = client.takeResponse();
    QCOMPARE(statusOf(refused), 400);
    QVERIFY2(refused.contains("'other' has no openai_base"), refused.constData());
}

void TestTransform::holdsNoMoreThanTheBudget()
{
    constexpr int Room = 4;
    constexpr int Count = 12;
    const QByteArray body = R"({"model":"fast","messages":[],"x":")" + QByteArray(2'000'000, 'x') + "\"}";
    ProxyFixture proxy({}, [&body](config::Config &config) {
        useRules(config);
        config.limits.bodyHold = body.size();
        config.limits.memoryBudget = Room * body.size();
    });
    const QByteArray request = postRequest("/v1/messages", body);
    // All come at once, but for their last byte. As long as there is more than fits, somebody is refused.
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int count = 0; count < Count; ++count) {
        clients.push_back(std::make_unique<RawClient>(proxy.port()));
        clients.back()->send(request.chopped(1));
    }
    const auto isRefused = [](const auto &client) { return client->received().startsWith("HTTP/1.1 503 "); };
    QTRY_COMPARE(std::count_if(clients.begin(), clients.end(), isRefused), Count - Room);
    for (const auto &client : clients) {
        if (!isRefused(client)) {
            client->send(request.right(1));
            QVERIFY(client->waitFor("HTTP/1.1 200 OK")); // nothing of what is in is lost
            continue;
        }
        const QByteArray response = client->takeResponse();
        QVERIFY(response.contains("limits.memory_budget") && response.contains("Retry-After"));
    }
    QCOMPARE(proxy.arrived.size(), std::size_t(Room));
    for (const simulator::Arrived &each : proxy.arrived)
        QCOMPARE(each.body.size(), body.size() + qsizetype(std::string_view("sim-ok").size()) -
                                       qsizetype(std::string_view("fast").size()));
    // And all the room is back.
    for (int count = 0; count < Room; ++count) {
        RawClient client(proxy.port());
        client.send(postRequest("/v1/messages", body));
        QCOMPARE(statusOf(client.takeResponse()), 200);
    }
}

QTEST_GUILESS_MAIN(TestTransform)
#include "tst_transform.moc"
