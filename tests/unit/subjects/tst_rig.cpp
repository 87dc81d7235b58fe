// SPDX-License-Identifier: GPL-3.0-or-later
// The whole rig with the real programs, each answering over TLS of the same provider.
#include "subjects/probe.h"
#include "subjects/rig.h"
#include <QDir>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QThread>

using namespace weir;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds AskDeadline{5000};

subjects::RigPlan planWith(std::initializer_list<const char *> peers)
{
    subjects::RigPlan plan;
    plan.benchProgram = WEIR_BIN "/weir-bench";
    plan.weirs.push_back(*subjects::readWeir(WEIR_BIN "/weir-headless"));
    for (const char *peer : peers)
        plan.peers.push_back(*subjects::readPeer(peer));
    return plan;
}

/// Answers each connection with the same bytes and closes it.
class Stranger : public QThread
{
public:
    explicit Stranger(QByteArray answer) : m_answer(std::move(answer))
    {
        m_server.listen(QHostAddress::LocalHost);
        m_server.moveToThread(this);
        connect(&m_server, &QTcpServer::newConnection, &m_server, [this] {
            QTcpSocket *socket = m_server.nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket, [this, socket] {
                socket->write(m_answer);
                socket->disconnectFromHost();
            });
        });
        start();
    }
    ~Stranger() override
    {
        quit();
        wait();
    }
    std::string choice() const
    {
        return "stranger=http://127.0.0.1:" + std::to_string(m_server.serverPort());
    }

private:
    const QByteArray m_answer;
    QTcpServer m_server;
};

QStringList rigFolders()
{
    return QDir(QDir::tempPath()).entryList({QStringLiteral("weir-bench-*")}, QDir::Dirs);
}

} // namespace

class TestRig : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyoneAnswersAndIsGoneAfterwards()
    {
        const QStringList before = rigFolders();
        std::vector<std::uint16_t> ports;
        {
            auto rig = subjects::Rig::start(planWith({"nginx", "haproxy", "caddy"}));
            QVERIFY2(rig, rig ? "" : rig.error().detail.c_str());
            std::vector<std::string> names;
            for (subjects::Subject *subject : (*rig)->subjects()) {
                names.push_back(subject->name());
                ports.push_back(subject->port());
                const auto reply = subjects::probe(*subject, AskDeadline);
                QVERIFY2(reply, subject->name().c_str());
                QCOMPARE(reply->status, 200);
                QVERIFY2(reply->body.find("Hello from the simulated provider.") != std::string::npos,
                         reply->body.c_str());
                QVERIFY(subject->troubles().empty());
                const subjects::Usage usage = subject->usage();
                QVERIFY(usage.cpuSeconds.value() > 0);
                QVERIFY(usage.rssBytes.value() >= usage.pssBytes.value());
            }
            QCOMPARE(names, (std::vector<std::string>{"direct", "weir", "nginx", "haproxy", "caddy"}));
            QVERIFY((*rig)->troubles().empty());
        }
        for (const std::uint16_t port : ports) {
            QTcpSocket socket;
            socket.connectToHost(QHostAddress(QHostAddress::LocalHost), port);
            QVERIFY(!socket.waitForConnected(1000));
        }
        QCOMPARE(rigFolders(), before);
    }

    void whoIsKilledIsNamed()
    {
        auto rig = subjects::Rig::start(planWith({"nginx"}));
        QVERIFY2(rig, rig ? "" : rig.error().detail.c_str());
        subjects::Subject *nginx = (*rig)->subjects().back();
        QVERIFY(nginx->troubles().empty());
        auto *program = dynamic_cast<subjects::RunningProgram *>(nginx);
        QVERIFY(program);
        ::kill(program->process().pid(), SIGKILL);
        QTRY_VERIFY(!nginx->troubles().empty());
        QVERIFY2(nginx->troubles().starts_with("nginx ended with signal 9 after "),
                 nginx->troubles().c_str());
    }

    void aWeirThatCannotStartIsNamed()
    {
        subjects::RigPlan plan = planWith({});
        plan.weirs[0].settings.push_back("no.such.setting=1");
        const QStringList before = rigFolders();
        const auto rig = subjects::Rig::start(plan);
        QVERIFY(!rig);
        QVERIFY2(rig.error().detail.starts_with("weir ended with status 1"), rig.error().detail.c_str());
        QVERIFY2(rig.error().detail.find("no.such.setting") != std::string::npos, rig.error().detail.c_str());
        QCOMPARE(rigFolders(), before);
    }

    void aStrangerThatAnswersErrorsIsRefused()
    {
        const Stranger stranger("HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\n\r\nno key:\r\n");
        subjects::RigPlan plan = planWith({});
        plan.peers.push_back(*subjects::readPeer(stranger.choice()));
        const auto rig = subjects::Rig::start(plan);
        QVERIFY(!rig);
        QVERIFY2(rig.error().detail.find("answers a plain request with status 401: no key:") !=
                     std::string::npos,
                 rig.error().detail.c_str());
    }

    void aStrangerThatIsNoHttpServerIsRefused()
    {
        const Stranger stranger("220 mail.example.com ESMTP\r\n");
        subjects::RigPlan plan = planWith({});
        plan.peers.push_back(*subjects::readPeer(stranger.choice()));
        const auto rig = subjects::Rig::start(plan);
        QVERIFY(!rig);
        QVERIFY(rig.error().detail.ends_with("what it answers is no HTTP/1.1"));
    }

    void aStrangersServerFieldIsItsVersion()
    {
        const Stranger stranger("HTTP/1.1 200 OK\r\nserver: gate/1.2\r\nContent-Length: 2\r\n\r\nok");
        subjects::RigPlan plan = planWith({});
        plan.peers.push_back(*subjects::readPeer(stranger.choice()));
        const auto rig = subjects::Rig::start(plan);
        QVERIFY2(rig, rig ? "" : rig.error().detail.c_str());
        subjects::Subject *subject = (*rig)->subjects().back();
        QCOMPARE(subject->version(), std::string("gate/1.2"));
        QVERIFY(!subject->usage().cpuSeconds);
        QVERIFY(subject->troubles().empty());
    }

    void nobodyListeningIsTold()
    {
        subjects::RigPlan plan = planWith({});
        plan.peers.push_back(
            *subjects::readPeer("gone=http://127.0.0.1:" + std::to_string(subjects::freePort())));
        const auto rig = subjects::Rig::start(plan);
        QVERIFY(!rig);
        QVERIFY2(rig.error().detail.ends_with("cannot be used: the connection was refused"),
                 rig.error().detail.c_str());
    }

    void theStartCanBeInterrupted()
    {
        subjects::RigPlan plan = planWith({});
        // Runs, prints a port, but nobody listens there.
        plan.weirs[0].program = QFINDTESTDATA("unit/subjects/silent_program.sh").toStdString();
        plan.shouldStop = [] { return true; };
        const auto rig = subjects::Rig::start(plan);
        QVERIFY(!rig);
        QCOMPARE(rig.error().detail, std::string("interrupted while weir was starting"));
    }
};

QTEST_GUILESS_MAIN(TestRig)
#include "tst_rig.moc"
