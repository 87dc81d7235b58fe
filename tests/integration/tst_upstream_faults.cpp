// SPDX-License-Identifier: GPL-3.0-or-later
// What the simulated provider can do wrong, over each kind of lane: what the client gets, that Weir and the
// lane's neighbours live on, that nothing is sent twice, and that each exchange leaves one record.
#include "integration/proxy_fixture.h"
#include "integration/upstream_fault_rows.h"

#include <map>

using namespace weir;
using metrics::Outcome;
using test::Kinds;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;
using test::Tries;

namespace {

QByteArray modelRequest(const QByteArray &model, bool streams, int id)
{
    return postRequest("/v1/messages",
                       R"({"model":")" + model + R"(","stream":)" + (streams ? "true" : "false") +
                           R"(,"messages":[]})",
                       "X-Test-Id: " + QByteArray::number(id) + "\r\n");
}

/// "cut", the status of a whole reply, or what else came.
QByteArray outcomeOf(const QByteArray &response)
{
    const QByteArray status = QByteArray::number(statusOf(response));
    const qsizetype headEnd = response.indexOf("\r\n\r\n");
    if (headEnd < 0)
        return "no reply: " + response;
    const QByteArray head = response.left(headEnd + 2).toLower();
    if (status == "204" || status == "304")
        return response.size() == headEnd + 4 ? status : status + " with a body";
    const qsizetype lengthAt = head.indexOf("\r\ncontent-length: ");
    const bool isWhole =
        lengthAt >= 0
            ? head.mid(lengthAt + 18, head.indexOf('\r', lengthAt + 2) - lengthAt - 18).toLongLong() ==
                  test::bodyOf(response).size()
            : response.endsWith("\r\n0\r\n\r\n");
    return isWhole ? status : status == "200" ? "cut" : status + " cut";
}

struct Asked
{
    QByteArray model;
    Outcome outcome;
    std::size_t arrivals;
};

} // namespace

class TestUpstreamFaults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsEachFault_data();
    void showsEachFault();
    void showsEachResetCode_data();
    void showsEachResetCode();
    void sendsNothingOverBadTls_data();
    void sendsNothingOverBadTls();
    void letsFloodsOfBodyPass_data();
    void letsFloodsOfBodyPass();
    void servesOthersInAFlood_data();
    void servesOthersInAFlood();
    void losesItsClientInAFlood_data();
    void losesItsClientInAFlood();
    void leavesOneRecordEach_data();
    void leavesOneRecordEach();

private:
    /// One proxy for each kind of lane, so that a fault that spoils more than its own exchange shows.
    struct Rig
    {
        std::unique_ptr<ProxyFixture> proxy;
        std::vector<Asked> asked; // by their ids
    };
    Rig &rig(std::size_t kind);
    void check(std::size_t kind, const QByteArray &model, bool streams, const QByteArray &expected,
               int tries);

    std::array<Rig, Kinds.size()> m_rigs;
};

TestUpstreamFaults::Rig &TestUpstreamFaults::rig(std::size_t kind)
{
    Rig &chosen = m_rigs.at(kind);
    if (chosen.proxy)
        return chosen;
    simulator::Options options;
    options.tls = Kinds.at(kind).tls;
    options.chunkGapMs = 0;
    options.chunkCount = 4;
    chosen.proxy = std::make_unique<ProxyFixture>(options, [kind](config::Config &config) {
        config.timeouts.firstByteMs = 400;
        config.timeouts.idleMs = 400;
        config.providers.front().transport = Kinds.at(kind).transport;
    });
    return chosen;
}

/// Asks for a fault, and then for something good, over the same client connection if it is still open.
void TestUpstreamFaults::check(std::size_t kind, const QByteArray &model, bool streams,
                               const QByteArray &expected, int tries)
{
    Rig &used = rig(kind);
    auto client = std::make_unique<RawClient>(used.proxy->port());
    client->send(modelRequest(model, streams, int(used.asked.size())));
    const QByteArray response = client->takeResponse();
    const QByteArray fault = outcomeOf(response);
    const bool isCalm = fault == "503"; // and so has not taken the request
    const bool isError = (isCalm || fault == "502" || fault == "504") && !response.contains("text/html");
    used.asked.push_back({model,
                          fault == "cut" ? Outcome::Truncated
                          : isError      ? Outcome::Failed
                                         : Outcome::Completed,
                          std::size_t(tries)});
    QVERIFY2(expected.split('/').contains(fault), (fault + ": " + response.left(2000)).constData());
    // What a lane may not let through; Qt's own reading of HTTP/1.1 has made fields of their own of it.
    QVERIFY(!response.contains("TAIL-RESPONSE"));
    QVERIFY(!response.contains("\nearly"));
    for (const QByteArray &line : response.left(response.indexOf("\r\n\r\n")).split('\n'))
        QVERIFY2(!line.contains('\0') && line.indexOf('\r') == line.lastIndexOf('\r'), line.constData());
    QVERIFY2(!response.contains(": x-injected"), response.constData());
    if (fault == "cut") {
        QVERIFY(client->waitForClose());
        const bool mayAddEvent = streams && !response.toLower().contains("content-length");
        QCOMPARE(response.contains("event: error\ndata: "), mayAddEvent);
    }
    if (isError)
        QCOMPARE(response.contains("x-should-retry: false"), !isCalm && !model.contains("redirect"));
    if (isCalm)
        QVERIFY(response.contains("\r\nRetry-After: 1\r\n") && response.contains("fewer requests"));

    if (client->socket().state() != QAbstractSocket::ConnectedState || fault == "204" || fault == "304")
        client = std::make_unique<RawClient>(used.proxy->port());
    client->send(modelRequest("sim-ok", false, int(used.asked.size())));
    used.asked.push_back({"sim-ok", Outcome::Completed, 1});
    const QByteArray after = client->takeResponse();
    QVERIFY2(outcomeOf(after) == "200" && after.contains("Hello from"), after.constData());
}

void TestUpstreamFaults::showsEachFault_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<bool>("streams");
    QTest::addColumn<QByteArray>("expected");
    QTest::addColumn<int>("tries");
    for (int kind = 0; kind < int(Kinds.size()); ++kind) {
        for (const test::FaultRow &row : test::FaultRows) {
            const QByteArray expected(row.expected.at(std::size_t(kind)));
            if (expected.isEmpty())
                continue;
            QTest::addRow("%s, %s, %s", Kinds.at(std::size_t(kind)).name, row.fault,
                          row.streams ? "stream" : "JSON")
                << kind << QByteArray("sim-") + row.fault << row.streams << expected
                << (kind == 0   ? row.tries
                    : kind == 2 ? row.qnamTries
                                : 1);
        }
    }
}

void TestUpstreamFaults::showsEachFault()
{
    QFETCH(int, kind);
    QFETCH(QByteArray, model);
    QFETCH(bool, streams);
    QFETCH(QByteArray, expected);
    QFETCH(int, tries);
    check(std::size_t(kind), model, streams, expected, tries);
}

void TestUpstreamFaults::showsEachResetCode_data()
{
    QTest::addColumn<int>("kind");
    for (int kind = 0; kind < int(Kinds.size()); ++kind)
        QTest::newRow(Kinds.at(std::size_t(kind)).name) << kind;
}

void TestUpstreamFaults::showsEachResetCode()
{
    QFETCH(int, kind);
    constexpr int Refused = 7;
    for (const int code : {0, 1, 2, 3, 4, 5, 6, Refused, 8, 9, 10, 11, 12, 13, 99}) {
        const QByteArray number = QByteArray::number(code);
        check(std::size_t(kind), "sim-rst-" + number, false, "502", kind == 0 && code == Refused ? Tries : 1);
        if (QTest::currentTestFailed())
            return;
        check(std::size_t(kind), "sim-rst-mid-" + number, true, "cut", 1);
        if (QTest::currentTestFailed())
            return;
    }
}

/// After all the others: no exchange is missing or there twice, and no request was sent once too often.
void TestUpstreamFaults::leavesOneRecordEach()
{
    QFETCH(int, kind);
    const Rig &used = rig(std::size_t(kind)); // alone, this is a proxy that nobody has asked for anything
    const auto &records = used.proxy->host.liveFeed()->records();
    QTRY_COMPARE(records.size(), used.asked.size());
    QTest::qWait(300); // one tick: there is none too many
    QCOMPARE(records.size(), used.asked.size());
    std::map<int, std::size_t> arrivals;
    for (const simulator::Arrived &request : used.proxy->arrived) {
        const qsizetype at = request.headers.toLower().indexOf("x-test-id: ");
        QVERIFY(at >= 0);
        ++arrivals[request.headers.mid(at + 11, request.headers.indexOf('\n', at) - at - 11).toInt()];
    }
    for (std::size_t id = 0; id < used.asked.size(); ++id) {
        const Asked &asked = used.asked[id];
        const QByteArray what = asked.model + ": " + metrics::name(records[id].outcome).data() +
                                ", arrived " + QByteArray::number(qulonglong(arrivals[int(id)])) +
                                ", retries " + QByteArray::number(records[id].retries);
        QVERIFY2(records[id].modelRequested == asked.model.toStdString(), what.constData());
        const bool isBodiless = asked.model.startsWith("sim-s204") || asked.model.startsWith("sim-s304");
        QVERIFY2(records[id].outcome == asked.outcome || isBodiless, what.constData());
        QVERIFY2(records[id].retries == int(asked.arrivals) - 1, what.constData());
        QVERIFY2(arrivals[int(id)] == asked.arrivals, what.constData());
    }
}

void TestUpstreamFaults::sendsNothingOverBadTls_data()
{
    QTest::addColumn<int>("fault");
    QTest::addColumn<int>("transport");
    QTest::addColumn<int>("status");
    using simulator::TlsFault;
    const std::pair<const char *, TlsFault> faults[] = {{"expired", TlsFault::Expired},
                                                        {"for another host", TlsFault::WrongHost},
                                                        {"unknown", TlsFault::Unknown},
                                                        {"stalls", TlsFault::Stall},
                                                        {"closes", TlsFault::Close}};
    for (const auto &[name, fault] : faults) {
        for (const auto transport : {config::Transport::Direct, config::Transport::Qnam})
            QTest::addRow("%s, %s", name, transport == config::Transport::Direct ? "direct" : "qnam")
                << int(fault) << int(transport) << (fault == TlsFault::Stall ? 504 : 502);
    }
}

void TestUpstreamFaults::sendsNothingOverBadTls()
{
    QFETCH(int, fault);
    QFETCH(int, transport);
    QFETCH(int, status);
    simulator::Options options;
    options.tls = true;
    options.tlsFault = simulator::TlsFault(fault);
    ProxyFixture proxy(options, [transport](config::Config &config) {
        config.timeouts.connectMs = 400;
        config.providers.front().transport = config::Transport(transport);
    });
    RawClient client(proxy.port());
    client.send(modelRequest("sim-ok", false, 0));
    const QByteArray response = client.takeResponse();
    QVERIFY2(statusOf(response) == status, response.constData());
    QCOMPARE(proxy.record(1).outcome, Outcome::Failed);
    QVERIFY(proxy.arrived.empty());
    client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    QCOMPARE(statusOf(client.takeResponse()), 200);
}

void TestUpstreamFaults::letsFloodsOfBodyPass()
{
    QFETCH(int, kind);
    Rig &used = rig(std::size_t(kind));
    const std::size_t servedBefore = used.proxy->served.size();
    qint64 came = 0;
    QByteArray tail;
    QTcpSocket client;
    QObject::connect(&client, &QTcpSocket::readyRead, &client, [&] {
        const QByteArray bytes = client.readAll();
        came += bytes.size();
        tail = (tail + bytes).right(2000);
    });
    client.connectToHost(QHostAddress::LocalHost, used.proxy->port());
    // 64 MiB in one line, which nobody inspects: whole.
    client.write(modelRequest("sim-sse-giant-line", true, int(used.asked.size())));
    used.asked.push_back({"sim-sse-giant-line", Outcome::Completed, 1});
    QTRY_VERIFY_WITH_TIMEOUT(tail.endsWith("\r\n0\r\n\r\n"), 20'000);
    QVERIFY(came > 64 * 1024 * 1024);
    QVERIFY(tail.contains("message_stop"));
    client.abort();
    QCOMPARE(used.proxy->served.size(), servedBefore + 1);
}

/// Whose pieces are so small that reading them takes all the time there is.
void TestUpstreamFaults::servesOthersInAFlood()
{
    QFETCH(int, kind);
    simulator::Options options;
    options.tls = Kinds.at(std::size_t(kind)).tls;
    ProxyFixture proxy(options, [kind](config::Config &config) {
        config.providers.front().transport = Kinds.at(std::size_t(kind)).transport;
        config.providers.push_back(config.providers.front());
        config.providers.back().name = "other";
    });
    qint64 flooded = 0;
    QTcpSocket client;
    QObject::connect(&client, &QTcpSocket::readyRead, &client, [&] { flooded += client.readAll().size(); });
    client.connectToHost(QHostAddress::LocalHost, proxy.port());
    client.write(modelRequest("sim-tiny-pieces", true, 0));
    QTRY_VERIFY(flooded > 100'000);
    RawClient other(proxy.port());
    for (int number = 0; number < 20; ++number) {
        other.send(postRequest("/other/v1/messages", R"({"model":"sim-ok","messages":[]})"));
        QCOMPARE(outcomeOf(other.takeResponse()), QByteArray("200"));
    }
    const qint64 meanwhile = flooded;
    QTRY_VERIFY(flooded > meanwhile); // it has its share
}

/// Weir learns of it while it writes.
void TestUpstreamFaults::losesItsClientInAFlood()
{
    QFETCH(int, kind);
    Rig &used = rig(std::size_t(kind));
    const std::size_t servedBefore = used.proxy->served.size();
    constexpr std::size_t Rounds = 10;
    const QByteArray model = "sim-body-endless"; // as fast as it can
    for (std::size_t round = 0; round < Rounds; ++round) {
        RawClient client(used.proxy->port());
        client.send(modelRequest(model, true, int(used.asked.size())));
        used.asked.push_back({model, Outcome::Cancelled, 1});
        QVERIFY(client.waitFor("content_block_delta"));
        client.reset();
    }
    QTRY_COMPARE(used.proxy->served.size(), servedBefore + Rounds);
    for (std::size_t round = 0; round < Rounds; ++round)
        QVERIFY(used.proxy->served[servedBefore + round].cancelled);
}

void TestUpstreamFaults::letsFloodsOfBodyPass_data()
{
    showsEachResetCode_data();
}

void TestUpstreamFaults::servesOthersInAFlood_data()
{
    QTest::addColumn<int>("kind");
    for (int kind = 0; kind < int(Kinds.size()); ++kind) {
        if (Kinds.at(std::size_t(kind)).transport ==
            config::Transport::Direct) // Qt reads in a thread of its own
            QTest::newRow(Kinds.at(std::size_t(kind)).name) << kind;
    }
}

void TestUpstreamFaults::losesItsClientInAFlood_data()
{
    showsEachResetCode_data();
}

void TestUpstreamFaults::leavesOneRecordEach_data()
{
    showsEachResetCode_data();
}

QTEST_GUILESS_MAIN(TestUpstreamFaults)
#include "tst_upstream_faults.moc"
