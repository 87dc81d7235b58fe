// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/engine_client.h"

#include "unit/store/store_fixture.h"
#include <fcntl.h>
#include <poll.h>
#include <QTest>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace weir;
using base::Errc;
using engine::AdminSocket;
using engine::askEngine;
using engine::reachOwner;
using pipeline::Question;
using store::DatabaseLock;
using test::StoreFixture;

namespace {

constexpr int WaitMs = 10'000;

/// Waits until something can be read from `fd`.
bool waitFor(int fd)
{
    pollfd what = {fd, POLLIN, 0};
    return ::poll(&what, 1, WaitMs) == 1;
}

/// Listens in a thread of its own, gives one visitor these bytes as its answer, and closes or waits until the
/// visitor does.
class Engine
{
public:
    Engine(const std::string &database, QByteArray says, bool isClosing = true)
        : m_listening(AdminSocket::listen(database)), m_thread([this, says = std::move(says), isClosing] {
            if (!m_listening || !waitFor(m_listening->descriptor()))
                return;
            const auto visitor = m_listening->accept();
            if (!visitor || !*visitor)
                return;
            const int fd = (*visitor)->descriptor();
            char bytes[4096];
            while (!request.contains("\r\n\r\n") && waitFor(fd)) {
                const ssize_t size = ::read(fd, bytes, sizeof bytes);
                if (size <= 0)
                    return;
                request.append(bytes, qsizetype(size));
            }
            ::fcntl(fd, F_SETFL, 0); // blocking
            for (qsizetype at = 0; at < says.size();) {
                const ssize_t size =
                    ::send(fd, says.constData() + at, std::size_t(says.size() - at), MSG_NOSIGNAL);
                if (size <= 0)
                    return;
                at += size;
            }
            if (!isClosing)
                waitFor(fd);
        })
    {
    }
    ~Engine() { end(); }
    void end()
    {
        if (m_thread.joinable())
            m_thread.join();
    }

    QByteArray request; // after end()

private:
    const base::Result<AdminSocket> m_listening;
    std::thread m_thread;
};

QByteArray reply(const QByteArray &status, const QByteArray &body)
{
    return "HTTP/1.1 " + status +
           "\r\nContent-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) +
           "\r\n\r\n" + body;
}

} // namespace

class TestEngineClient : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesAFreeLock();
    void asksTheOwner();
    void awaitsAnotherCommand();
    void namesWhoCannotBeAsked();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void waitsForAnAnswerOnlySoLong();
};

void TestEngineClient::takesAFreeLock()
{
    const StoreFixture fixture;
    const auto owner = reachOwner(fixture.path());
    VERIFY_RESULT(owner);
    QVERIFY(owner->lock && !owner->engine);
    QVERIFY(!DatabaseLock::take(fixture.path()));
}

void TestEngineClient::asksTheOwner()
{
    const StoreFixture fixture;
    const auto lock = DatabaseLock::take(fixture.path());
    VERIFY_RESULT(lock);
    Engine engine(fixture.path(), reply("200 OK", R"({"keys":[]})"));
    auto owner = reachOwner(fixture.path());
    VERIFY_RESULT(owner);
    QVERIFY(!owner->lock && owner->engine);
    Question question;
    question.method = "POST";
    question.target = "/admin/keys?x=y";
    question.body = R"({"label":"editor"})";
    const auto answer = askEngine(std::move(*owner->engine), question);
    VERIFY_RESULT(answer);
    QCOMPARE(*answer, QByteArray(R"({"keys":[]})"));
    engine.end();
    QVERIFY(engine.request.startsWith("POST /admin/keys?x=y HTTP/1.1\r\nHost: weir\r\n"));
    QVERIFY(engine.request.endsWith("\r\n\r\n{\"label\":\"editor\"}"));
    QVERIFY(!engine.request.contains("Authorization"));
}

void TestEngineClient::awaitsAnotherCommand()
{
    const StoreFixture fixture;
    auto lock = DatabaseLock::take(fixture.path());
    VERIFY_RESULT(lock);
    std::thread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300)); // less than OwnerWait by far
        lock->reset();
    });
    const auto owner = reachOwner(fixture.path());
    other.join();
    VERIFY_RESULT(owner);
    QVERIFY(owner->lock);
}

void TestEngineClient::namesWhoCannotBeAsked()
{
    const StoreFixture fixture;
    const auto lock = DatabaseLock::take(fixture.path());
    VERIFY_RESULT(lock);
    const auto owner = reachOwner(fixture.path());
    QVERIFY(!owner);
    QCOMPARE(owner.error().code, Errc::StoreInUse);
    QCOMPARE(owner.error().detail, "process id " + std::to_string(::getpid()) +
                                       ", which cannot be asked. Try again when it has ended");
}

void TestEngineClient::saysWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("says");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("detail");
    const auto row = [](const char *name, const QByteArray &says, Errc code, const char *detail) {
        QTest::newRow(name) << says << int(code) << QByteArray(detail);
    };
    row("an error of the page",
        reply("400 Bad Request",
              R"({"error":{"code":"field_invalid","message":"no","detail":"label: too long"}})"),
        Errc::FieldInvalid, "label: too long");
    row("an error without detail", reply("503 Service Unavailable", R"({"error":{"code":"draining"}})"),
        Errc::Draining, "");
    row("an error of nobody's", reply("500 Internal Server Error", "oh"), Errc::StoreUnavailable,
        "has answered with status 500; what was asked for may have been done");
    row("no answer", "", Errc::StoreUnavailable, "has ended without an answer; ");
    row("half an answer", reply("200 OK", R"({"keys":[]})").chopped(3), Errc::StoreUnavailable,
        "has ended without an answer; ");
    row("no HTTP", "SSH-2.0-OpenSSH\r\n", Errc::StoreUnavailable,
        "has given an answer that cannot be read; ");
    row("too much", reply("200 OK", QByteArray(engine::EngineAnswerMax + 1, ' ')), Errc::StoreUnavailable,
        "has given an answer that cannot be read; ");
}

void TestEngineClient::saysWhatIsWrong()
{
    QFETCH(QByteArray, says);
    QFETCH(int, code);
    QFETCH(QByteArray, detail);
    const StoreFixture fixture;
    fixture.makeFolder();
    Engine engine(fixture.path(), says);
    auto connected = AdminSocket::connect(fixture.path());
    QVERIFY(connected && *connected);
    const auto answer = askEngine(std::move(**connected), {});
    QVERIFY(!answer);
    QCOMPARE(int(answer.error().code), code);
    const QByteArray told = QByteArray::fromStdString(answer.error().detail);
    QVERIFY2(told.contains(detail), told.constData());
    if (answer.error().code == Errc::StoreUnavailable)
        QVERIFY(told.startsWith("Weir, process id " + QByteArray::number(::getpid()) + ", "));
}

void TestEngineClient::waitsForAnAnswerOnlySoLong()
{
    const StoreFixture fixture;
    fixture.makeFolder();
    Engine engine(fixture.path(), "HTTP/1.1 200 OK\r\n", false);
    auto connected = AdminSocket::connect(fixture.path());
    QVERIFY(connected && *connected);
    const auto answer = askEngine(std::move(**connected), {}, std::chrono::milliseconds(200));
    QVERIFY(!answer);
    QCOMPARE(answer.error().code, Errc::StoreUnavailable);
    QVERIFY2(answer.error().detail.find("takes too long to answer") != std::string::npos,
             answer.error().detail.c_str());
}

QTEST_GUILESS_MAIN(TestEngineClient)
#include "tst_engine_client.moc"
