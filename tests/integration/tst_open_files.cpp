// SPDX-License-Identifier: GPL-3.0-or-later
// The program where few files may be open, or fewer than before.
#include "integration/headless.h"
#include "support/open_files.h"
#include <QFile>
#include <QRegularExpression>
#include <sys/resource.h>
#include <vector>

using namespace weir;
using test::BacklogClient;
using test::Headless;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;

namespace {

const QString NothingKept = QStringLiteral("--set store.enabled=false");

/// The soft limit of open files.
int softLimit(const QProcess &process)
{
    QFile file(QStringLiteral("/proc/%1/limits").arg(process.processId()));
    if (!file.open(QIODevice::ReadOnly))
        return -1;
    static const QRegularExpression line(QStringLiteral("Max open files\\s+(\\d+)"));
    return line.match(QString::fromLatin1(file.readAll())).captured(1).toInt();
}

bool isAnswered(RawClient &client)
{
    client.send(postRequest("/v1/messages", R"({"model":"sim-ok","max_tokens":5,"messages":[]})"));
    return statusOf(client.takeResponse()) == 200;
}

} // namespace

class TestOpenFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesWhatTheSystemAllows();
    void saysThatThereAreTooFew();
    void manyClientsLeaveRoomForUpstreams_data();
    void manyClientsLeaveRoomForUpstreams();
};

void TestOpenFiles::takesWhatTheSystemAllows()
{
    ProxyFixture provider;
    Headless weir(provider, QStringLiteral("ulimit -Sn 100; ulimit -Hn 3000; "), NothingKept);
    QVERIFY(weir.port != 0);
    QCOMPARE(softLimit(weir.process), 3000);
    weir.process.terminate();
    QVERIFY(weir.process.waitForFinished(test::StartMaxMs));
    QCOMPARE(weir.process.readAllStandardError(), QByteArray());
}

void TestOpenFiles::saysThatThereAreTooFew()
{
    ProxyFixture provider;
    Headless weir(provider, QStringLiteral("ulimit -n 64; "), NothingKept);
    QVERIFY(weir.port != 0);
    weir.process.terminate();
    QVERIFY(weir.process.waitForFinished(test::StartMaxMs));
    const QByteArray said = weir.process.readAllStandardError();
    QVERIFY2(said.contains("64 files open, so it serves 12 client connections"), said.constData());
}

void TestOpenFiles::manyClientsLeaveRoomForUpstreams_data()
{
    QTest::addColumn<QString>("shellBefore");
    QTest::addColumn<bool>("isLoweredLater");
    QTest::newRow("few from the start") << QStringLiteral("ulimit -n 64; ") << false;
    QTest::newRow("fewer than before") << QString() << true;
}

void TestOpenFiles::manyClientsLeaveRoomForUpstreams()
{
    QFETCH(QString, shellBefore);
    QFETCH(bool, isLoweredLater);
    ProxyFixture provider;
    Headless weir(provider, shellBefore, NothingKept + QStringLiteral(" --set listen.idle_grace_ms=100"));
    QVERIFY(weir.port != 0);
    RawClient stream(weir.port);
    stream.send(postRequest(
        "/v1/messages", R"({"model":"sim-chunks-200+gap-10","stream":true,"max_tokens":5,"messages":[]})"));
    QVERIFY(stream.waitFor("content_block_delta"));
    if (isLoweredLater) {
        const rlimit few{64, 64};
        if (::prlimit(pid_t(weir.process.processId()), RLIMIT_NOFILE, &few, nullptr) != 0)
            QSKIP("this may not change another process's limits");
    }
    std::vector<std::unique_ptr<BacklogClient>> crowd;
    for (int at = 0; at < 200; ++at) {
        crowd.push_back(std::make_unique<BacklogClient>(weir.port));
        QVERIFY(crowd.back()->isConnected());
    }
    // Idle ones make room for who comes, and there is a connection to the provider for it.
    const auto isNewOneServed = [&weir] {
        RawClient client(weir.port);
        return isAnswered(client);
    };
    QTRY_VERIFY(isNewOneServed());
    QVERIFY(stream.waitFor("message_stop"));
    crowd.clear();
    for (int at = 0; at < 20; ++at)
        QTRY_VERIFY(isNewOneServed());
    weir.process.terminate();
    QVERIFY(weir.process.waitForFinished(test::StartMaxMs));
    QCOMPARE(weir.process.exitCode(), 0);
}

QTEST_GUILESS_MAIN(TestOpenFiles)
#include "tst_open_files.moc"
