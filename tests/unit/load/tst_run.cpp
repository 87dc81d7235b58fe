// SPDX-License-Identifier: GPL-3.0-or-later
// The load generator against a server that the test controls, which lives in a thread of its own.
#include "load/run.h"
#include <array>
#include <QSemaphore>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QThread>
#include <QTimer>

using namespace weir;

namespace {

/// Answers every request at once, but for one stall of `stallMs` at the request number `stallAt`; closes
/// instead of answering from `closeAt` on.
class Server : public QThread
{
public:
    Server(int stallAt, int stallMs, int closeAt = -1)
        : m_stallAt(stallAt), m_stallMs(stallMs), m_closeAt(closeAt)
    {
        start();
        m_ready.acquire();
    }
    ~Server() override
    {
        quit();
        wait();
    }
    std::uint16_t port() const { return m_port; }

protected:
    void run() override
    {
        QTcpServer server;
        server.listen(QHostAddress::LocalHost);
        m_port = server.serverPort();
        int requests = 0;
        QObject::connect(&server, &QTcpServer::newConnection, &server, [&] {
            QTcpSocket *socket = server.nextPendingConnection();
            QObject::connect(socket, &QTcpSocket::readyRead, socket, [&, socket] {
                for (qsizetype left = socket->readAll().count("\r\n\r\n"); left > 0; --left) {
                    ++requests;
                    if (m_closeAt >= 0 && requests >= m_closeAt) {
                        socket->close();
                        return;
                    }
                    if (requests == m_stallAt)
                        QThread::msleep(
                            static_cast<unsigned long>(m_stallMs)); // the whole server stands still
                    socket->write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                }
            });
        });
        m_ready.release();
        exec();
    }

private:
    const int m_stallAt;
    const int m_stallMs;
    const int m_closeAt;
    std::uint16_t m_port = 0;
    QSemaphore m_ready;
};

constexpr char Request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::int64_t Millisecond = 1'000'000;

base::Result<void> runOpenLoop(load::Arm &arm, double rate, double seconds)
{
    load::OpenLoop plan;
    plan.ratePerSecond = rate;
    plan.seconds = seconds;
    plan.sliceSeconds = seconds;
    plan.graceSeconds = 2;
    const std::array<load::Arm *, 1> arms{&arm};
    return load::run(plan, arms, [](double) { return true; });
}

} // namespace

class TestRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sendsAsManyAsPlanned();
    void showsAStallInEveryRequestItDelayed();
    void countsWhatFailed();
    void failsWhenNobodyListens();
    void keepsTheConcurrency();
};

void TestRun::sendsAsManyAsPlanned()
{
    const Server server(-1, 0);
    load::Arm arm("a", server.port(), Request, 16);
    QVERIFY(runOpenLoop(arm, 200, 1));
    QCOMPARE(arm.samples().count(), std::size_t(200));
    QCOMPARE(arm.samples().failures(), std::size_t(0));
}

void TestRun::showsAStallInEveryRequestItDelayed()
{
    // 200 a second, and a stall of 400 ms: about 80 requests were meant to be sent during it. A generator
    // that waits for the answer before it sends the next would see one slow request, and a p95 as if nothing
    // had happened.
    const Server server(50, 400);
    load::Arm arm("a", server.port(), Request, 16);
    QVERIFY(runOpenLoop(arm, 200, 1));
    QCOMPARE(arm.samples().count(), std::size_t(200));
    std::size_t slow = 0;
    for (const std::int64_t nanos : arm.samples().sorted())
        slow += nanos > 20 * Millisecond;
    QVERIFY2(slow >= 60, qPrintable(QString::number(slow)));
    QVERIFY(*arm.samples().percentile(0.95) > 200 * Millisecond);
    QVERIFY(*arm.samples().percentile(1) >= 399 * Millisecond);
}

void TestRun::countsWhatFailed()
{
    const Server server(-1, 0, 101);
    load::Arm arm("a", server.port(), Request, 16);
    QVERIFY(runOpenLoop(arm, 200, 1));
    QCOMPARE(arm.samples().count(), std::size_t(100));
    QCOMPARE(arm.samples().failures(), std::size_t(100));
}

void TestRun::failsWhenNobodyListens()
{
    QTcpServer closed;
    QVERIFY(closed.listen(QHostAddress::LocalHost));
    const std::uint16_t port = closed.serverPort();
    closed.close();
    load::Arm arm("a", port, Request, 16);
    const auto ran = runOpenLoop(arm, 200, 1);
    QVERIFY(!ran);
    QVERIFY(ran.error().detail.find(std::to_string(port)) != std::string::npos);
}

void TestRun::keepsTheConcurrency()
{
    const Server server(-1, 0);
    load::Arm arm("a", server.port(), Request, 8);
    load::ClosedLoop plan;
    plan.concurrency = 8;
    plan.seconds = 0.3;
    const auto result = load::run(plan, arm);
    QVERIFY(result);
    QVERIFY(result->requestsPerSecond > 0);
    QVERIFY(arm.samples().count() > 8);
    QCOMPARE(arm.samples().failures(), std::size_t(0));
}

QTEST_GUILESS_MAIN(TestRun)
#include "tst_run.moc"
