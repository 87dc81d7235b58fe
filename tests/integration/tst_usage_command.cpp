// SPDX-License-Identifier: GPL-3.0-or-later
// The real programs: usage as the command line tells it, and what is left of it after kill -9 and a full
// disk.
#include "engine/engine.h"
#include "integration/headless.h"
#include "integration/headless_command.h"
#include "integration/kept_usage.h"
#include "integration/proxy_fixture.h"
#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRandomGenerator>

using namespace weir;
using test::bodyOf;
using test::Headless;
using test::KeptUsage;
using test::Outcome;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::runHeadless;
using test::statusOf;

namespace {

Outcome usage(const QStringList &arguments)
{
    return runHeadless(QStringList{QStringLiteral("usage")} + arguments);
}

QByteArray small()
{
    return postRequest("/v1/messages", R"({"model":"sim-ok","max_tokens":5,"messages":[]})");
}

} // namespace

class TestUsageCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void saysThatThereIsNothing();
    void asksTheEngineOrTheStore_data();
    void asksTheEngineOrTheStore();
    void refusesWrongUse_data();
    void refusesWrongUse();
    void losesAtMostTheLastBatch();
    void goesOnWhenTheDiskIsFull();

private:
    std::unique_ptr<KeptUsage> m_none;
    std::unique_ptr<ProxyFixture> m_provider; // for its simulated provider
};

void TestUsageCommand::initTestCase()
{
    m_none = std::make_unique<KeptUsage>();
    m_provider = std::make_unique<ProxyFixture>();
    QVERIFY(m_provider->port() != 0);
}

void TestUsageCommand::saysThatThereIsNothing()
{
    const KeptUsage kept;
    const Outcome outcome = usage({});
    QCOMPARE(outcome.exitCode, 1);
    QCOMPARE(outcome.out, QByteArray());
    QVERIFY2(outcome.err.contains("no usage has been saved yet"), outcome.err.constData());
    QVERIFY(!QFile::exists(kept.folder())); // asking makes nothing
}

void TestUsageCommand::asksTheEngineOrTheStore_data()
{
    QTest::addColumn<bool>("isRunning");
    QTest::newRow("a running engine") << true;
    QTest::newRow("the database alone") << false;
}

void TestUsageCommand::asksTheEngineOrTheStore()
{
    QFETCH(bool, isRunning);
    const KeptUsage kept;
    ProxyFixture proxy({}, [](config::Config &config) { config.store.enabled = true; });
    RawClient nobody(proxy.port());
    nobody.send("GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    QCOMPARE(statusOf(nobody.takeResponse()), 401);
    for (int at = 0; at < 3; ++at) {
        RawClient client(proxy.port());
        client.send(small());
        QCOMPARE(statusOf(client.takeResponse()), 200);
    }
    QTRY_COMPARE(proxy.host.saving().written, std::int64_t(3));
    if (!isRunning) {
        proxy.host.stop();
        QTRY_COMPARE_WITH_TIMEOUT(proxy.host.state(), engine::EngineHost::State::Stopped, 15'000);
    }

    const Outcome json =
        usage({QStringLiteral("--by"), QStringLiteral("provider"), QStringLiteral("--json")});
    QVERIFY2(json.exitCode == 0, json.err.constData());
    const QJsonObject report = QJsonDocument::fromJson(json.out).object();
    const QJsonObject row = report[QLatin1String("rows")].toArray().first().toObject();
    QCOMPARE(row[QLatin1String("name")].toString(), QStringLiteral("sim"));
    QCOMPARE(row[QLatin1String("requests")].toInteger(), qint64(3));
    const QJsonObject total = report[QLatin1String("total")].toObject();
    for (const char *field :
         {"requests", "errors", "estimated", "input", "cached_input", "cache_write", "output", "reasoning"}) {
        QVERIFY2(total[QLatin1String(field)].isDouble(), field);
        QCOMPARE(total[QLatin1String(field)], row[QLatin1String(field)]);
    }
    QVERIFY(report[QLatin1String("since")].isNull());
    QCOMPARE(report[QLatin1String("refused")].toInteger(), qint64(1));
    QCOMPARE(report[QLatin1String("refused_reasons")].toArray().first()[QLatin1String("reason")].toString(),
             QStringLiteral("no_credential"));

    const Outcome csv = usage({QStringLiteral("--by"), QStringLiteral("model"), QStringLiteral("--csv")});
    QVERIFY(
        csv.out.startsWith("model,requests,errors,estimated,input,cached_input,cache_write,output,reasoning,"
                           "cost_micros,costed,refused\n"
                           "\"sim-ok\",3,0,0,"));
    QVERIFY(csv.out.endsWith(",,0,0\n\"refused by Weir\",0,0,0,0,0,0,0,0,,0,1\n")); // no price is no 0
    const Outcome table = usage({QStringLiteral("--by"), QStringLiteral("key")});
    QVERIFY2(table.out.contains("\n–  ") && table.out.contains("\ntotal "), table.out.constData());
    QVERIFY(table.out.endsWith("\nrefused by Weir, no provider was asked: 1 (no_credential 1)\n"));
    const Outcome none = usage({QStringLiteral("--until"), QStringLiteral("1h"), QStringLiteral("--json")});
    QVERIFY(none.out.contains(R"("rows":[])") && none.out.contains(R"("refused":0)"));
}

void TestUsageCommand::refusesWrongUse_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char *name, const char *arguments, const char *says) {
        QTest::newRow(name) << QString::fromLatin1(arguments).split(QLatin1Char(' ')) << QByteArray(says);
    };
    row("unknown option", "--cost", "Unknown option 'cost'");
    row("argument", "model", "unexpected argument 'model'");
    row("both forms", "--json --csv", "exclude each other");
    row("unknown word", "--by phase", "by must be key, caller");
    row("no time", "--since yesterday", "since must be a date");
}

void TestUsageCommand::refusesWrongUse()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, says);
    const KeptUsage kept;
    QDir().mkpath(kept.folder());
    QVERIFY(kept.open());
    const Outcome outcome = usage(arguments);
    QCOMPARE(outcome.exitCode, 2);
    QCOMPARE(outcome.out, QByteArray());
    QVERIFY2(outcome.err.contains(says), outcome.err.constData());
}

void TestUsageCommand::losesAtMostTheLastBatch()
{
    // What has been answered this long before the kill is on the disk: a tick, and time to write on a busy
    // machine.
    constexpr int SavedAfterMs = engine::Engine::TickMs + 500;
    const KeptUsage kept;
    int sent = 0;
    int safe = 0;
    for (int cycle = 0; cycle < 6; ++cycle) {
        Headless weir(*m_provider);
        QVERIFY(weir.port != 0);
        RawClient client(weir.port);
        QElapsedTimer clock;
        clock.start();
        std::vector<qint64> answeredAt;
        const int runs = SavedAfterMs + QRandomGenerator::global()->bounded(700);
        while (clock.elapsed() < runs) {
            ++sent;
            client.send(small());
            QCOMPARE(statusOf(client.takeResponse()), 200);
            answeredAt.push_back(clock.elapsed());
        }
        weir.process.kill(); // sh has become the program
        const qint64 killedAt = clock.elapsed();
        QVERIFY(weir.process.waitForFinished());
        safe += int(std::count_if(answeredAt.begin(), answeredAt.end(),
                                  [&](qint64 at) { return at < killedAt - SavedAfterMs; }));
        const auto database = kept.open();
        QVERIFY(database);
        store::Statement check = database->prepare("PRAGMA integrity_check");
        QVERIFY(check.run() && check.next());
        QCOMPARE(check.text(0), std::string("ok"));
        const std::int64_t rows = *database->number("SELECT count(*) FROM usage");
        QVERIFY2(rows >= safe && rows <= sent,
                 qPrintable(
                     QStringLiteral("%1 rows, %2 answered in time, %3 sent").arg(rows).arg(safe).arg(sent)));
        QCOMPARE(*database->number("SELECT coalesce(sum(requests), 0) FROM usage_hour"), rows);
        // Those that are lost do not come back; the next cycle counts from here.
        sent = safe = int(rows);
    }
    QVERIFY(sent > 0);
}

void TestUsageCommand::goesOnWhenTheDiskIsFull()
{
    const KeptUsage kept;
    // Files may not grow beyond 300 KiB: writing fails as it does on a full disk.
    Headless weir(*m_provider, QStringLiteral("trap '' XFSZ; ulimit -f 600; "));
    QVERIFY(weir.port != 0);
    RawClient client(weir.port);
    int answered = 0;
    QByteArray health;
    while (answered < 20'000 && !health.contains("store_unavailable")) {
        for (int at = 0; at < 100; ++at, ++answered) {
            client.send(small());
            QCOMPARE(statusOf(client.takeResponse()), 200);
        }
        client.send("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        health = bodyOf(client.takeResponse());
    }
    QVERIFY2(health.contains(R"("usage":"store_unavailable")"), health.constData());
    client.send(small());
    QCOMPARE(statusOf(client.takeResponse()), 200); // requests go on
    weir.process.terminate();
    QVERIFY(weir.process.waitForFinished(test::StartMaxMs));
    QCOMPARE(weir.process.exitCode(), 0);
    const QByteArray told = weir.process.readAllStandardError();
    QVERIFY2(told.contains("usage is not being saved"), told.constData());
    const std::int64_t rows = kept.rows(); // sound, and what was saved is there
    QVERIFY2(rows > 0 && rows < answered + 1, qPrintable(QString::number(rows)));
}

QTEST_GUILESS_MAIN(TestUsageCommand)
#include "tst_usage_command.moc"
