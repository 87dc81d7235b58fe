// SPDX-License-Identifier: GPL-3.0-or-later
// The program is killed at random moments under load: what it had saved is there, once, and no window is
// given away. ctest -L kill does it 100 times.
#include "engine/engine.h"
#include "integration/headless.h"
#include "integration/limits_fixture.h"
#include <QElapsedTimer>
#include <QRandomGenerator>

using namespace weir;
using test::body;
using test::Headless;
using test::KeptKey;
using test::KeptUsage;
using test::ProxyFixture;
using test::putKey;
using test::RawClient;
using test::statusOf;

namespace {

/// What has been answered this long before the kill is on the disk: a tick, and time to write on a busy
/// machine.
constexpr int SavedAfterMs = engine::Engine::TickMs + 500;
constexpr int Clients = 8;

/// Sends one request after the other and counts.
struct Caller
{
    Caller(quint16 port, QByteArray sends) : client(port), request(std::move(sends)) {}

    /// Takes what has come; false if that was no 200.
    bool turn(qint64 now, int &sent, std::vector<qint64> &answeredAt)
    {
        if (!isWaiting) {
            client.send(request);
            ++sent;
            isWaiting = true;
        }
        const qsizetype size = test::responseSize(client.received());
        if (size < 0)
            return true;
        isWaiting = false;
        answeredAt.push_back(now);
        return statusOf(client.takeResponse()) == 200;
    }

    RawClient client;
    QByteArray request;
    bool isWaiting = false;
};

} // namespace

class TestKill : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void losesDoublesAndGivesAwayNothing();
};

void TestKill::losesDoublesAndGivesAwayNothing()
{
    bool isNumber = false;
    const int asked = qEnvironmentVariableIntValue("WEIR_KILL_CYCLES", &isNumber);
    const int cycles = isNumber && asked > 0 ? asked : 5;
    ProxyFixture provider;
    const KeptUsage kept;
    const KeptKey key = putKey(kept, "limited", test::windowOf(1'000'000'000));
    QVERIFY(key.id > 0);
    const QString options =
        QStringLiteral("--set provider.sim.auth=none --set limits.tokens_per_day=1000000000");
    const QByteArray plain = body("sim-ok", 5);
    const QByteArray stream = body("sim-chunks-4+gap-1", 5, R"(,"stream":true)");
    std::int64_t rows = 0;
    qint64 spentOfKey = 0;
    std::int64_t lost = 0;
    for (int cycle = 0; cycle < cycles; ++cycle) {
        Headless weir(provider, {}, options);
        QVERIFY(weir.port != 0);

        // What was saved counts at once, before anything else has been let through.
        RawClient first(weir.port);
        first.send(key.post("/v1/messages", plain, "X-Weir-Report: limits\r\n"));
        const QByteArray reply = first.takeResponse();
        QCOMPARE(statusOf(reply), 200);
        const std::int64_t reserved = plain.size() / 4 + 5;
        QCOMPARE(test::header(reply, "X-Weir-Tokens-Used").toLongLong() - reserved, spentOfKey);

        int sent = 1;
        std::vector<qint64> answeredAt{0};
        std::vector<std::unique_ptr<Caller>> callers;
        for (int at = 0; at < Clients; ++at) {
            const QByteArray &request = at % 3 == 0 ? stream : plain;
            callers.push_back(std::make_unique<Caller>(
                weir.port, at % 2 == 0 ? key.post("/v1/messages", request)
                                       : test::postRequest("/v1/messages", request)));
        }
        QElapsedTimer clock;
        clock.start();
        const int runs = 50 + int(QRandomGenerator::global()->bounded(SavedAfterMs + 400));
        while (clock.elapsed() < runs) {
            for (const auto &caller : callers)
                QVERIFY(caller->turn(clock.elapsed(), sent, answeredAt));
            QCoreApplication::processEvents(QEventLoop::AllEvents, 1);
        }
        weir.process.kill(); // sh has become the program
        const qint64 killedAt = clock.elapsed();
        QVERIFY(weir.process.waitForFinished());
        const auto safe = std::count_if(answeredAt.begin(), answeredAt.end(),
                                        [&](qint64 at) { return at < killedAt - SavedAfterMs; });

        const auto database = kept.open(); // refuses a damaged one
        QVERIFY(database);
        store::Statement check = database->prepare("PRAGMA integrity_check");
        QVERIFY(check.run() && check.next());
        QCOMPARE(check.text(0), std::string("ok"));
        const std::int64_t now = *database->number("SELECT count(*) FROM usage");
        QVERIFY2(
            now - rows >= safe && now - rows <= sent,
            qPrintable(
                QStringLiteral("%1 rows, %2 answered in time, %3 sent").arg(now - rows).arg(safe).arg(sent)));
        lost += sent - (now - rows);
        QCOMPARE(*database->number("SELECT coalesce(sum(requests), 0) FROM usage_hour"), now);
        // Row and amount are of one transaction: neither without the other.
        QCOMPARE(*database->number("SELECT coalesce(sum(amount), 0) FROM spent WHERE key_id IS NULL"),
                 *database->number("SELECT coalesce(sum(charged), 0) FROM usage"));
        QCOMPARE(*database->number("SELECT coalesce(sum(amount), 0) FROM spent WHERE key_id IS NOT NULL"),
                 *database->number("SELECT coalesce(sum(charged), 0) FROM usage WHERE key_id > 0"));
        QCOMPARE(*database->number("SELECT sum(tokens_used) FROM access_key"),
                 *database->number("SELECT coalesce(sum(input + output), 0) FROM usage WHERE key_id > 0"));
        spentOfKey = *database->number("SELECT coalesce(sum(amount), 0) FROM spent WHERE key_id IS NOT NULL");
        rows = now;
    }
    qInfo("%d kills, %lld rows, %lld requests not yet saved", cycles, static_cast<long long>(rows),
          static_cast<long long>(lost));
    QVERIFY2(rows > 0, "nothing was saved before a kill");
}

QTEST_GUILESS_MAIN(TestKill)
#include "tst_kill.moc"
