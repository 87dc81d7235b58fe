// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/epoll_dispatcher.h"
#include <memory>
#include <QPointer>
#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QThread>
#include <QTimer>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace weir::loop;

namespace {

/// Two connected sockets that never block.
struct Pair
{
    Pair()
    {
        std::array<int, 2> ends{-1, -1};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0)
            here = ends[0], there = ends[1];
    }
    ~Pair()
    {
        closeHere();
        closeThere();
    }
    Pair(const Pair &) = delete;
    Pair &operator=(const Pair &) = delete;
    void closeHere() { ::close(std::exchange(here, -1)); }
    void closeThere() { ::close(std::exchange(there, -1)); }
    bool send() const { return ::write(there, "x", 1) == 1; }
    bool receive() const
    {
        char byte = 0;
        return ::read(here, &byte, 1) == 1;
    }

    int here = -1;
    int there = -1;
};

/// Counts what it is told.
struct Watch
{
    Watch(int descriptor, QSocketNotifier::Type type) : notifier(descriptor, type)
    {
        QObject::connect(&notifier, &QSocketNotifier::activated, &notifier, [this] { ++told; });
    }
    QSocketNotifier notifier;
    int told = 0;
};

void turn(QEventLoop::ProcessEventsFlags flags = QEventLoop::AllEvents)
{
    QCoreApplication::eventDispatcher()->processEvents(flags);
}

} // namespace

/// The main thread's dispatcher here is the one that is tested.
class TestEpollDispatcher : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isWhatRuns();
    void tellsWhoCanReadOrWrite();
    void tellsOfAHangUp();
    void tellsNothingWhileSwitchedOff();
    void knowsANewSocketFromAClosedOneOfItsNumber();
    void forgetsWhatIsClosedInTheSameTurn();
    void tellsMoreThanFitIntoATurn();
    void letsSocketsHaveTheirTurnAmongPostedEvents();
    void wakesForOtherThreads();
    void endsALoopFromWithin_data();
    void endsALoopFromWithin();
    void endsALoopFromAnotherThread();
    void sleepsNoLongerThanToTheNextTimer();
    void leavesOutWhatItIsToldTo();
    void deletesLater();
    void carriesQtSockets();
};

void TestEpollDispatcher::isWhatRuns()
{
    QVERIFY(qobject_cast<EpollDispatcher *>(QCoreApplication::eventDispatcher()));
}

void TestEpollDispatcher::tellsWhoCanReadOrWrite()
{
    const Pair pair;
    Watch reads(pair.here, QSocketNotifier::Read);
    turn();
    QCOMPARE(reads.told, 0);
    QVERIFY(pair.send());
    turn();
    QCOMPARE(reads.told, 1);
    turn();
    QCOMPARE(reads.told, 2); // as long as it is there to be read
    Watch writes(pair.here, QSocketNotifier::Write);
    turn();
    QCOMPARE(reads.told, 3);
    QCOMPARE(writes.told, 1);
    QVERIFY(pair.receive());
    writes.notifier.setEnabled(false);
    turn();
    QCOMPARE(reads.told, 3);
    QCOMPARE(writes.told, 1);
}

void TestEpollDispatcher::tellsOfAHangUp()
{
    Pair pair;
    Watch reads(pair.here, QSocketNotifier::Read);
    turn();
    pair.closeThere();
    turn();
    QCOMPARE(reads.told, 1);
}

void TestEpollDispatcher::tellsNothingWhileSwitchedOff()
{
    const Pair pair;
    Watch reads(pair.here, QSocketNotifier::Read);
    QVERIFY(pair.send());
    reads.notifier.setEnabled(false);
    turn();
    QCOMPARE(reads.told, 0);
    reads.notifier.setEnabled(true);
    reads.notifier.setEnabled(false);
    reads.notifier.setEnabled(true);
    turn();
    QCOMPARE(reads.told, 1);
}

void TestEpollDispatcher::knowsANewSocketFromAClosedOneOfItsNumber()
{
    auto first = std::make_unique<Pair>();
    const int number = first->here;
    auto reads = std::make_unique<Watch>(number, QSocketNotifier::Read);
    turn();
    reads.reset();
    first.reset();
    const Pair second; // no turn in between
    QCOMPARE(second.here, number);
    Watch again(second.here, QSocketNotifier::Read);
    QVERIFY(second.send());
    turn();
    QCOMPARE(again.told, 1);
}

void TestEpollDispatcher::forgetsWhatIsClosedInTheSameTurn()
{
    // Whichever of two is told first closes the other one and opens a new socket of the same number, which
    // has nothing to tell.
    Pair pairs[2];
    std::unique_ptr<Pair> fresh;
    std::unique_ptr<Watch> freshReads;
    std::unique_ptr<QSocketNotifier> notifiers[2];
    int told = 0;
    for (int index : {0, 1}) {
        notifiers[index] = std::make_unique<QSocketNotifier>(pairs[index].here, QSocketNotifier::Read);
        connect(notifiers[index].get(), &QSocketNotifier::activated, this, [&, index] {
            ++told;
            QVERIFY(pairs[index].receive());
            const int other = 1 - index;
            const int number = pairs[other].here;
            notifiers[other].reset();
            pairs[other].closeHere();
            fresh = std::make_unique<Pair>();
            QCOMPARE(fresh->here, number);
            freshReads = std::make_unique<Watch>(fresh->here, QSocketNotifier::Read);
        });
    }
    turn();
    QVERIFY(pairs[0].send());
    QVERIFY(pairs[1].send());
    turn();
    QCOMPARE(told, 1);
    QCOMPARE(freshReads->told, 0);
    QVERIFY(fresh->send());
    turn();
    QCOMPARE(freshReads->told, 1);
}

void TestEpollDispatcher::tellsMoreThanFitIntoATurn()
{
    constexpr int Count = EpollDispatcher::ReadyMax * 2 + 1;
    std::vector<std::unique_ptr<Pair>> pairs;
    std::vector<std::unique_ptr<Watch>> watches;
    for (int index = 0; index < Count; ++index) {
        pairs.push_back(std::make_unique<Pair>());
        watches.push_back(std::make_unique<Watch>(pairs.back()->here, QSocketNotifier::Read));
        QVERIFY(pairs.back()->send());
    }
    for (int round = 0; round < 3; ++round)
        turn();
    for (const auto &watch : watches)
        QVERIFY(watch->told >= 1); // nobody waits for a second telling of another one
}

void TestEpollDispatcher::letsSocketsHaveTheirTurnAmongPostedEvents()
{
    const Pair pair;
    Watch reads(pair.here, QSocketNotifier::Read);
    QVERIFY(pair.send());
    int posted = 0;
    std::function<void()> again = [&] {
        ++posted;
        QMetaObject::invokeMethod(
            this, [&] { again(); }, Qt::QueuedConnection);
    };
    again();
    turn();
    QCOMPARE(reads.told, 1);
    QCOMPARE(posted, 1 + EpollDispatcher::PostedRoundsMax);
    again = [] {};
    turn();
}

void TestEpollDispatcher::wakesForOtherThreads()
{
    int came = 0;
    QEventLoop loop;
    const auto take = [&] {
        if (++came == 1000)
            loop.quit(); // never comes if it sleeps through one
    };
    std::unique_ptr<QThread> thread(QThread::create([&] {
        for (int count = 0; count < 1000; ++count)
            QMetaObject::invokeMethod(this, take, Qt::QueuedConnection);
    }));
    thread->start();
    loop.exec();
    thread->wait();
    QCOMPARE(came, 1000);
}

void TestEpollDispatcher::endsALoopFromWithin_data()
{
    QTest::addColumn<bool>("isFirst");
    QTest::newRow("by a posted event") << true;
    QTest::newRow("by one that a posted event has posted") << false;
}

void TestEpollDispatcher::endsALoopFromWithin()
{
    QFETCH(bool, isFirst);
    QEventLoop loop;
    const auto post = [this](auto work) { QMetaObject::invokeMethod(this, work, Qt::QueuedConnection); };
    if (isFirst)
        post([&loop] { loop.quit(); });
    else
        post([&] { post([&loop] { loop.quit(); }); });
    QTimer late;
    late.start(5000);
    bool isLate = false;
    connect(&late, &QTimer::timeout, this, [&] {
        isLate = true;
        loop.quit();
    });
    loop.exec();
    QVERIFY(!isLate);
}

void TestEpollDispatcher::endsALoopFromAnotherThread()
{
    QThread thread;
    auto *dispatcher = new EpollDispatcher;
    QPointer<EpollDispatcher> alive = dispatcher;
    thread.setEventDispatcher(dispatcher);
    for (int round = 0; round < 2; ++round) {
        if (round > 0)
            thread.setEventDispatcher(new EpollDispatcher); // the first has gone with its thread
        thread.start();
        QTest::qWait(20);
        thread.quit();
        QVERIFY(thread.wait(5000));
        QVERIFY(!alive);
    }
}

void TestEpollDispatcher::sleepsNoLongerThanToTheNextTimer()
{
    QElapsedTimer passed;
    passed.start();
    int beats = 0;
    QTimer timer;
    connect(&timer, &QTimer::timeout, this, [&beats] { ++beats; });
    timer.start(20);
    QVERIFY(timer.remainingTime() <= 20);
    while (beats < 3)
        turn(QEventLoop::WaitForMoreEvents);
    QVERIFY(passed.elapsed() >= 59); // never early
    bool isDone = false;
    QTimer::singleShot(0, this, [&isDone] { isDone = true; });
    turn();
    QVERIFY(isDone);
}

void TestEpollDispatcher::leavesOutWhatItIsToldTo()
{
    const Pair pair;
    Watch reads(pair.here, QSocketNotifier::Read);
    QVERIFY(pair.send());
    bool isDone = false;
    QTimer::singleShot(0, Qt::PreciseTimer, this, [&isDone] { isDone = true; });
    turn(QEventLoop::ExcludeSocketNotifiers | QEventLoop::X11ExcludeTimers);
    QCOMPARE(reads.told, 0);
    turn(QEventLoop::ExcludeSocketNotifiers);
    QCOMPARE(reads.told, 0);
    turn();
    QCOMPARE(reads.told, 1);
    QTRY_VERIFY(isDone);
}

void TestEpollDispatcher::deletesLater()
{
    QPointer<QObject> object = new QObject;
    QTimer::singleShot(0, object, [&object] { object->deleteLater(); });
    QTRY_VERIFY(!object);
}

void TestEpollDispatcher::carriesQtSockets()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QTcpServer::newConnection, &server, [&server] {
        QTcpSocket *socket = server.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket] { socket->write(socket->readAll()); });
    });
    QTcpSocket client;
    QByteArray came;
    connect(&client, &QTcpSocket::readyRead, &client, [&] { came += client.readAll(); });
    client.connectToHost(QHostAddress::LocalHost, server.serverPort());
    const QByteArray sent(8 * 1024 * 1024, 'x'); // more than the kernel takes at once
    client.write(sent);
    QTRY_COMPARE(came.size(), sent.size());
    QSignalSpy gone(&client, &QTcpSocket::disconnected);
    client.disconnectFromHost();
    QTRY_COMPARE(gone.size(), 1);
}

int main(int argc, char *argv[])
{
    QCoreApplication::setEventDispatcher(new EpollDispatcher);
    QCoreApplication application(argc, argv);
    TestEpollDispatcher test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_epoll_dispatcher.moc"
