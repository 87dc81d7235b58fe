// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/qnam_sockets.h"

#include <fcntl.h>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <QObject>
#include <QTest>
#include <QThread>
#include <sys/socket.h>
#include <unistd.h>

using weir::upstream::QnamSockets;

namespace {

/// Two ends of a TCP connection over loopback; ours is connected by the thread that makes it.
class Connection
{
public:
    Connection()
    {
        const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto *const any = reinterpret_cast<sockaddr *>(&address);
        socklen_t size = sizeof address;
        const bool connected = ::bind(listener, any, size) == 0 && ::listen(listener, 1) == 0 &&
                               ::getsockname(listener, any, &size) == 0 && ::connect(m_ours, any, size) == 0;
        m_theirs = ::accept(listener, nullptr, nullptr);
        ::close(listener);
        if (!connected || m_theirs < 0)
            qFatal("no connection over loopback");
    }
    ~Connection()
    {
        closeOurs();
        ::close(m_theirs);
    }
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    int ours() const { return m_ours; }
    void closeOurs()
    {
        if (m_ours >= 0)
            ::close(std::exchange(m_ours, -1));
    }
    /// The upstream sends; all of it has come when this returns.
    bool receive(int bytes) const
    {
        const QByteArray text(bytes, 'x');
        return ::send(m_theirs, text.constData(), std::size_t(bytes), 0) == bytes && peek(bytes);
    }
    bool take(int bytes) const
    {
        QByteArray buffer(bytes, '\0');
        return ::recv(m_ours, buffer.data(), std::size_t(bytes), MSG_WAITALL) == bytes;
    }
    /// Whether the upstream has been told of an end.
    bool isEnded() const
    {
        pollfd descriptor{m_theirs, POLLIN, 0};
        char byte = 0;
        return ::poll(&descriptor, 1, 0) == 1 && ::recv(m_theirs, &byte, 1, MSG_PEEK) <= 0;
    }

private:
    bool peek(int bytes) const
    {
        QByteArray buffer(bytes, '\0');
        return ::recv(m_ours, buffer.data(), std::size_t(bytes), MSG_PEEK | MSG_WAITALL) == bytes;
    }

    int m_ours = ::socket(AF_INET, SOCK_STREAM, 0);
    int m_theirs = -1;
};

/// Stands for the thread that a QNetworkAccessManager hides.
class HiddenThread
{
public:
    HiddenThread() { m_inside.moveToThread(&m_thread); }
    ~HiddenThread()
    {
        m_thread.quit();
        m_thread.wait();
    }

    void start() { m_thread.start(); }
    std::unique_ptr<Connection> connect()
    {
        std::unique_ptr<Connection> made;
        QMetaObject::invokeMethod(
            &m_inside, [&] { made = std::make_unique<Connection>(); }, Qt::BlockingQueuedConnection);
        return made;
    }

private:
    QThread m_thread;
    QObject m_inside;
};

} // namespace

class TestQnamSockets : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void countsWhatIsTaken();
    void endsTheBusiest();
    void endsAll();
    void throwsAwayWhatWaits();
    void leavesOthersAlone();
    void leavesADescriptorAloneThatIsSomebodyElsesNow_data();
    void leavesADescriptorAloneThatIsSomebodyElsesNow();
    void switchesNagleOff();

private:
    std::unique_ptr<HiddenThread> m_hidden;
    std::unique_ptr<QnamSockets> m_sockets; // its
};

void TestQnamSockets::init()
{
    m_hidden = std::make_unique<HiddenThread>();
    m_sockets = std::make_unique<QnamSockets>();
    m_sockets->adopt([this] { m_hidden->start(); });
}

void TestQnamSockets::cleanup()
{
    m_sockets.reset();
    m_hidden.reset();
}

void TestQnamSockets::countsWhatIsTaken()
{
    QCOMPARE(m_sockets->look(), 0);
    const auto first = m_hidden->connect();
    const auto second = m_hidden->connect();
    QVERIFY(first->receive(1000));
    QVERIFY(second->receive(500));
    QCOMPARE(m_sockets->look(), 0); // it waits
    QVERIFY(first->take(300));
    QVERIFY(second->take(500));
    QCOMPARE(m_sockets->look(), 800);
    QCOMPARE(m_sockets->look(), 0);
    QVERIFY(first->take(700));
    QCOMPARE(m_sockets->look(), 700);
    second->closeOurs();
    QCOMPARE(m_sockets->look(), 0);
}

void TestQnamSockets::endsTheBusiest()
{
    const auto busy = m_hidden->connect();
    const auto other = m_hidden->connect();
    QVERIFY(other->receive(2000));
    QVERIFY(other->take(2000));
    QCOMPARE(m_sockets->look(), 2000);
    QVERIFY(busy->receive(1000));
    QVERIFY(busy->take(1000));
    QVERIFY(other->receive(10));
    QVERIFY(other->take(10));
    QCOMPARE(m_sockets->look(), 1010);
    m_sockets->endBusiest();
    QVERIFY(busy->isEnded());
    QVERIFY(!other->isEnded());
}

void TestQnamSockets::endsAll()
{
    m_sockets->endAll(); // none yet
    const auto first = m_hidden->connect();
    const auto second = m_hidden->connect();
    m_sockets->endAll(); // never looked at
    QVERIFY(first->isEnded());
    QVERIFY(second->isEnded());
}

void TestQnamSockets::throwsAwayWhatWaits()
{
    const auto connection = m_hidden->connect();
    QVERIFY(connection->receive(5000));
    m_sockets->endAll();
    char byte = 0;
    QCOMPARE(::recv(connection->ours(), &byte, 1, 0), ssize_t(0)); // as if the upstream had closed
}

void TestQnamSockets::leavesOthersAlone()
{
    HiddenThread anothers;
    QnamSockets another;
    another.adopt([&] { anothers.start(); });
    const auto theirs = anothers.connect();
    const Connection mine;
    QVERIFY(theirs->receive(100));
    QVERIFY(theirs->take(100));
    QCOMPARE(m_sockets->look(), 0);
    m_sockets->endAll();
    QVERIFY(!theirs->isEnded());
    QVERIFY(!mine.isEnded());
    QCOMPARE(another.look(), 100);
}

void TestQnamSockets::leavesADescriptorAloneThatIsSomebodyElsesNow_data()
{
    QTest::addColumn<bool>("isKnown");
    QTest::newRow("after a look") << true;
    QTest::newRow("before one") << false;
}

void TestQnamSockets::leavesADescriptorAloneThatIsSomebodyElsesNow()
{
    QFETCH(bool, isKnown);
    const auto gone = m_hidden->connect();
    const auto filed = m_hidden->connect();
    if (isKnown)
        m_sockets->look();
    const int number = gone->ours();
    const int file = filed->ours();
    // Neither is connected by connect(): nothing tells of the new owners.
    int pair[2];
    QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    const int null = ::open("/dev/null", O_RDONLY);
    gone->closeOurs();
    filed->closeOurs();
    QCOMPARE(::dup2(pair[0], number), number);
    QCOMPARE(::dup2(null, file), file);

    m_sockets->endAll();
    m_sockets->look();
    m_sockets->endBusiest();
    char byte = 'x';
    QCOMPARE(::send(pair[1], &byte, 1, MSG_NOSIGNAL), ssize_t(1));
    QCOMPARE(::recv(number, &byte, 1, 0), ssize_t(1));
    QVERIFY(::fcntl(file, F_GETFD) >= 0);
    for (const int descriptor : {number, file, null, pair[0], pair[1]})
        ::close(descriptor);
}

void TestQnamSockets::switchesNagleOff()
{
    const auto connection = m_hidden->connect();
    int value = 0;
    socklen_t size = sizeof value;
    QCOMPARE(::getsockopt(connection->ours(), IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
    QCOMPARE(value, 1);
}

QTEST_GUILESS_MAIN(TestQnamSockets)
#include "tst_qnam_sockets.moc"
