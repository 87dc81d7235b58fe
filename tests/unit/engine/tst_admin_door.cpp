// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/admin_door.h"

#include "server/connection.h"
#include "store/key_import.h"
#include "unit/store/store_fixture.h"
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocalSocket>
#include <QTest>
#include <sys/resource.h>
#include <unistd.h>

using namespace weir;
using base::Errc;
using engine::AdminDoor;
using engine::AdminSocket;
using pipeline::Question;

namespace {

constexpr int WaitMs = 10'000;

/// A door whose questions the test answers.
struct Rig
{
    Rig()
    {
        fixture.makeFolder();
        open();
    }
    void open()
    {
        auto socket = AdminSocket::listen(fixture.path());
        if (socket)
            door.open(std::make_shared<AdminSocket>(std::move(*socket)));
    }
    qsizetype visitors() const { return door.findChildren<server::Connection *>().size(); }
    bool waitForQuestions(std::size_t count)
    {
        return QTest::qWaitFor([&] { return asked.size() >= count; }, WaitMs);
    }

    test::StoreFixture fixture;
    std::vector<Question> asked; // their numbers are their places, from 1
    AdminDoor door{[this](const Question &question) {
                       asked.push_back(question);
                       return quint64(asked.size());
                   },
                   fixture.clock};
};

/// A command, byte by byte.
struct Visitor
{
    explicit Visitor(const Rig &rig)
    {
        auto connected = AdminSocket::connect(rig.fixture.path());
        if (connected && *connected)
            socket.setSocketDescriptor((*connected)->release());
    }
    Visitor(const Rig &rig, const QByteArray &bytes) : Visitor(rig) { socket.write(bytes); }

    /// All that comes until the door closes.
    QByteArray answer()
    {
        const bool ended = QTest::qWaitFor(
            [&] {
                received += socket.readAll();
                return socket.state() == QLocalSocket::UnconnectedState;
            },
            WaitMs);
        return ended ? received : QByteArray("it does not end");
    }

    QLocalSocket socket;
    QByteArray received;
};

QByteArray get(const QByteArray &target)
{
    return "GET " + target + " HTTP/1.1\r\nHost: weir\r\nConnection: close\r\n\r\n";
}

QByteArray post(const QByteArray &target, const QByteArray &body)
{
    return "POST " + target + " HTTP/1.1\r\nHost: weir\r\nConnection: close\r\nContent-Length: " +
           QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

} // namespace

class TestAdminDoor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void asksWhatTheVisitorAsks();
    void tellsErrorsForPrograms();
    void takesBodiesUpToThatOfAnImport();
    void refusesWhatIsNoRequest();
    void answersEachItsOwn();
    void forgetsWhoLeaves();
    void letsVisitorsMaxIn();
    void waitsForAFreeDescriptor();
    void sendsTheSilentAway();
    void answersWhoIsInWhenItCloses();
    void opensAnew();
};

void TestAdminDoor::asksWhatTheVisitorAsks()
{
    Rig rig;
    Visitor store(rig, get("/stats/all?by=key"));
    QVERIFY(rig.waitForQuestions(1));
    QVERIFY(rig.asked[0].desk == Question::Desk::Store);
    QCOMPARE(rig.asked[0].method, std::string("GET"));
    QCOMPARE(rig.asked[0].target, std::string("/stats/all?by=key"));
    QCOMPARE(rig.asked[0].keyId, std::int64_t(0)); // the admin
    rig.door.answer(1, QByteArray(R"({"rows":[]})"));
    const QByteArray answer = store.answer();
    QVERIFY2(answer.startsWith("HTTP/1.1 200 ") && answer.endsWith("\r\n\r\n{\"rows\":[]}"),
             answer.constData());

    Visitor vault(rig);
    const QByteArray request = post("/admin/providers/zai/secret", R"({"secret":"sk"})");
    for (const char byte : request) { // as it may come
        vault.socket.write(&byte, 1);
        vault.socket.flush();
        QCoreApplication::processEvents();
    }
    QVERIFY(rig.waitForQuestions(2));
    QVERIFY(rig.asked[1].desk == Question::Desk::Vault);
    QCOMPARE(rig.asked[1].method, std::string("POST"));
    QCOMPARE(rig.asked[1].body, QByteArray(R"({"secret":"sk"})"));
    rig.door.answer(2, QByteArray("{}"));
    QVERIFY(vault.answer().endsWith("{}"));
}

void TestAdminDoor::tellsErrorsForPrograms()
{
    Rig rig;
    Visitor visitor(rig, get("/admin/keys"));
    QVERIFY(rig.waitForQuestions(1));
    rig.door.answer(1, base::unexpected(Errc::StoreBroken, "page 3"));
    const QByteArray answer = visitor.answer();
    QVERIFY2(answer.startsWith("HTTP/1.1 503 "), answer.constData());
    QCOMPARE(answer.mid(answer.indexOf("\r\n\r\n") + 4),
             QByteArray(R"({"error":{"code":"store_broken","detail":"page 3",)"
                        R"("message":"the database is damaged: page 3"}})"));
}

void TestAdminDoor::takesBodiesUpToThatOfAnImport()
{
    Rig rig;
    Visitor most(rig, post("/admin/keys/import", QByteArray(store::ImportBytesMax + 1, 'x')));
    QVERIFY(rig.waitForQuestions(1)); // its reader says that it is too large
    QCOMPARE(rig.asked[0].body.size(), store::ImportBytesMax + 1);
    Visitor more(rig, post("/admin/keys/import", QByteArray(store::ImportBytesMax + 2, 'x')));
    QVERIFY(more.answer().startsWith("HTTP/1.1 413 "));
    QCOMPARE(rig.asked.size(), std::size_t(1));
}

void TestAdminDoor::refusesWhatIsNoRequest()
{
    Rig rig;
    Visitor visitor(rig, "\x16\x03\x01 hello\r\n\r\n");
    const QByteArray answer = visitor.answer();
    QVERIFY2(answer.startsWith("HTTP/1.1 400 ") && answer.contains(R"("code":"malformed_request")"),
             answer.constData());
    QVERIFY(rig.asked.empty());
}

void TestAdminDoor::answersEachItsOwn()
{
    Rig rig;
    Visitor first(rig, get("/admin/keys"));
    QVERIFY(rig.waitForQuestions(1));
    Visitor second(rig, get("/stats/all"));
    QVERIFY(rig.waitForQuestions(2));
    rig.door.answer(7, QByteArray("of the window"));
    rig.door.answer(2, QByteArray("second"));
    QVERIFY(second.answer().endsWith("second"));
    rig.door.answer(2, QByteArray("twice"));
    rig.door.answer(1, QByteArray("first"));
    QVERIFY(first.answer().endsWith("first"));
}

void TestAdminDoor::forgetsWhoLeaves()
{
    Rig rig;
    {
        Visitor visitor(rig, get("/admin/keys"));
        QVERIFY(rig.waitForQuestions(1));
    }
    QTRY_COMPARE(rig.visitors(), qsizetype(0));
    rig.door.answer(1, QByteArray("too late"));
}

void TestAdminDoor::letsVisitorsMaxIn()
{
    Rig rig;
    std::vector<std::unique_ptr<Visitor>> visitors;
    for (std::size_t at = 1; at <= std::size_t(AdminDoor::VisitorsMax); ++at) {
        visitors.push_back(std::make_unique<Visitor>(rig, get("/admin/keys")));
        QVERIFY(rig.waitForQuestions(at));
    }
    Visitor next(rig, get("/stats/all"));
    QTest::qWait(2 * AdminDoor::SweepMs);
    QCOMPARE(rig.asked.size(), std::size_t(AdminDoor::VisitorsMax)); // it waits
    visitors.pop_back();                                             // until somebody leaves
    QVERIFY(rig.waitForQuestions(AdminDoor::VisitorsMax + 1));
    rig.door.answer(quint64(rig.asked.size()), QByteArray("let in"));
    QVERIFY(next.answer().endsWith("let in"));
}

void TestAdminDoor::waitsForAFreeDescriptor()
{
    Rig rig;
    Visitor visitor(rig, get("/admin/keys"));
    rlimit before = {};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const int next = ::dup(0); // the lowest number that is free
    ::close(next);
    rlimit none = before;
    none.rlim_cur = rlim_t(next);
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &none), 0);
    QTest::qWait(2 * AdminDoor::SweepMs);
    const bool wasAsked = !rig.asked.empty();
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &before), 0);
    QVERIFY(!wasAsked);
    QVERIFY(rig.waitForQuestions(1));
}

void TestAdminDoor::sendsTheSilentAway()
{
    Rig rig;
    Visitor silent(rig);
    Visitor slow(rig, "GET /admin");
    Visitor waiting(rig, get("/admin/keys"));
    QVERIFY(rig.waitForQuestions(1));
    QTRY_COMPARE(rig.visitors(), qsizetype(3));
    rig.fixture.clock.advance(AdminDoor::Patience - std::chrono::seconds(1));
    QTest::qWait(2 * AdminDoor::SweepMs);
    QCOMPARE(rig.visitors(), qsizetype(3));
    rig.fixture.clock.advance(std::chrono::seconds(2));
    QCOMPARE(silent.answer(), QByteArray());
    QVERIFY(slow.answer().startsWith("HTTP/1.1 408 "));
    QCOMPARE(rig.asked.size(), std::size_t(1));
    rig.door.answer(1, QByteArray("it takes as long as it takes"));
    QVERIFY(waiting.answer().endsWith("takes"));
}

void TestAdminDoor::answersWhoIsInWhenItCloses()
{
    Rig rig;
    Visitor answered(rig, get("/admin/keys"));
    QVERIFY(rig.waitForQuestions(1));
    Visitor dismissed(rig, get("/admin/keys"));
    QVERIFY(rig.waitForQuestions(2));
    Visitor late(rig, "GET /admin/keys HTTP/1.1\r\n");
    QTRY_COMPARE(rig.visitors(), qsizetype(3));
    rig.door.close();
    const auto connected = AdminSocket::connect(rig.fixture.path());
    QVERIFY(connected && !*connected);
    rig.door.answer(1, QByteArray("in time"));
    QVERIFY(answered.answer().endsWith("in time"));
    late.socket.write("Host: weir\r\n\r\n");
    QVERIFY(QTest::qWaitFor([&] { return (late.received += late.socket.readAll()).contains("draining"); },
                            WaitMs));
    rig.door.dismiss();
    const QByteArray end = dismissed.answer();
    QVERIFY2(end.startsWith("HTTP/1.1 503 ") && end.contains(R"("code":"draining")"), end.constData());
    QCOMPARE(rig.asked.size(), std::size_t(2));
}

void TestAdminDoor::opensAnew()
{
    Rig rig;
    Visitor before(rig, get("/admin/keys"));
    QVERIFY(rig.waitForQuestions(1));
    QVERIFY(QFile::remove(rig.fixture.file() + QStringLiteral(".sock"))); // as the lock does
    rig.open();
    Visitor after(rig, get("/admin/keys"));
    QVERIFY(rig.waitForQuestions(2));
    rig.door.answer(1, QByteArray("before"));
    rig.door.answer(2, QByteArray("after"));
    QVERIFY(before.answer().endsWith("before"));
    QVERIFY(after.answer().endsWith("after"));
}

QTEST_GUILESS_MAIN(TestAdminDoor)
#include "tst_admin_door.moc"
