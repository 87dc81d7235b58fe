// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/admin_socket.h"

#include "store/database_lock.h"
#include "unit/store/store_fixture.h"
#include <QTest>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

using namespace weir;
using base::Errc;
using engine::AdminSocket;
using test::StoreFixture;

namespace {

/// Somebody else's, where this is root's.
constexpr uid_t Nobody = 65534;

/// Runs `work` in a thread of its own with the rights of Nobody: the system call, other than the function of
/// the C library, changes one thread.
template<typename Work>
void asNobody(Work work)
{
    std::thread([&] {
        if (::syscall(SYS_setresuid, -1, Nobody, -1) == 0)
            work();
    }).join();
}

bool isNobodyThere(const std::string &database)
{
    const auto connected = AdminSocket::connect(database);
    return connected && !*connected;
}

} // namespace

class TestAdminSocket : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reachesWhoListens_data();
    void reachesWhoListens();
    void isItsUsersAlone();
    void saysNothingToAnotherUser();
    void hearsNoOtherUser();
    void leavesNobodyBehind();
    void doesNotWaitWhereTooManyWait();
    void replacesNothing();
    void saysThatANameIsTooLong();
};

void TestAdminSocket::reachesWhoListens_data()
{
    QTest::addColumn<QString>("below");
    QTest::newRow("in a short folder") << QString();
    // Far above the 108 bytes of an address.
    QTest::newRow("in a long folder")
        << QString(QLatin1Char('/') + QString(250, QLatin1Char('l'))).repeated(8);
}

void TestAdminSocket::reachesWhoListens()
{
    QFETCH(QString, below);
    const QTemporaryDir folder;
    const QString home = folder.path() + below;
    QVERIFY(QDir().mkpath(home));
    const std::string database = (home + QStringLiteral("/weir.db")).toStdString();
    QVERIFY(isNobodyThere(database));
    const auto listening = AdminSocket::listen(database);
    VERIFY_RESULT(listening);
    QVERIFY(QFile::exists(home + QStringLiteral("/weir.db.sock")));
    QVERIFY(listening->accept() && !*listening->accept());

    const auto client = AdminSocket::connect(database);
    VERIFY_RESULT(client);
    QVERIFY(*client);
    QCOMPARE((*client)->peerProcess(), ::getpid());
    const auto server = listening->accept();
    VERIFY_RESULT(server);
    QVERIFY(*server);
    QCOMPARE((*server)->peerProcess(), ::getpid());
    QCOMPARE(::write((*client)->descriptor(), "hello", 5), ssize_t(5));
    char text[8] = {};
    QCOMPARE(::read((*server)->descriptor(), text, sizeof text), ssize_t(5));
    QCOMPARE(std::string(text), std::string("hello"));
}

void TestAdminSocket::isItsUsersAlone()
{
    const mode_t before = ::umask(0);
    const StoreFixture fixture;
    fixture.makeFolder();
    const auto listening = AdminSocket::listen(fixture.path());
    ::umask(before);
    VERIFY_RESULT(listening);
    QCOMPARE(test::modeOf(fixture.file() + QStringLiteral(".sock")), 0600);
}

void TestAdminSocket::saysNothingToAnotherUser()
{
    if (::geteuid() != 0)
        QSKIP("only root can be somebody else");
    const StoreFixture fixture;
    fixture.makeFolder();
    const auto listening = AdminSocket::listen(fixture.path());
    VERIFY_RESULT(listening);
    base::Error error;
    const auto attempt = [&] {
        const auto connected = AdminSocket::connect(fixture.path());
        error = connected ? base::Error{} : connected.error();
    };
    asNobody(attempt);
    QCOMPARE(error.code, Errc::StoreUnavailable); // the file system's word

    // Where the file system is no guard, the kernel says who listens.
    for (const QString &path : {fixture.folder.path(), fixture.folder.filePath(QStringLiteral("home"))})
        QCOMPARE(::chmod(QFile::encodeName(path).constData(), 0755), 0);
    QCOMPARE(::chmod((fixture.path() + ".sock").c_str(), 0666), 0);
    asNobody(attempt);
    QCOMPARE(error.code, Errc::StoreInUse);
    QCOMPARE(error.detail, "process id " + std::to_string(::getpid()) + " of another user. Ask as that user");
}

void TestAdminSocket::hearsNoOtherUser()
{
    if (::geteuid() != 0)
        QSKIP("only root can be somebody else");
    const StoreFixture fixture;
    fixture.makeFolder();
    const auto listening = AdminSocket::listen(fixture.path());
    VERIFY_RESULT(listening);
    for (const QString &path : {fixture.folder.path(), fixture.folder.filePath(QStringLiteral("home"))})
        QCOMPARE(::chmod(QFile::encodeName(path).constData(), 0755), 0);
    QCOMPARE(::chmod((fixture.path() + ".sock").c_str(), 0666), 0);
    // It connects, and gives up as it finds root there.
    asNobody([&] { std::ignore = AdminSocket::connect(fixture.path()); });
    const auto own = AdminSocket::connect(fixture.path());
    QVERIFY(own && *own);
    const auto heard = listening->accept();
    VERIFY_RESULT(heard);
    QVERIFY(*heard); // the second one: that of before is not among them
    QVERIFY(!*listening->accept());
    ::write((*own)->descriptor(), "x", 1);
    char text = 0;
    QCOMPARE(::read((*heard)->descriptor(), &text, 1), ssize_t(1));
}

void TestAdminSocket::leavesNobodyBehind()
{
    const StoreFixture fixture;
    {
        const auto lock = store::DatabaseLock::take(fixture.path());
        VERIFY_RESULT(lock);
        {
            const auto listening = AdminSocket::listen(fixture.path());
            VERIFY_RESULT(listening);
        }
        // As after a kill: its name is there, nobody behind it.
        QVERIFY(QFile::exists(fixture.file() + QStringLiteral(".sock")));
        QVERIFY(isNobodyThere(fixture.path()));
        QVERIFY(!AdminSocket::listen(fixture.path())); // only who takes the lock anew
    }
    const auto lock = store::DatabaseLock::take(fixture.path());
    VERIFY_RESULT(lock);
    VERIFY_RESULT(AdminSocket::listen(fixture.path()));
}

void TestAdminSocket::doesNotWaitWhereTooManyWait()
{
    const StoreFixture fixture;
    fixture.makeFolder();
    const auto listening = AdminSocket::listen(fixture.path());
    VERIFY_RESULT(listening);
    std::vector<AdminSocket> waiting;
    for (;;) {
        auto next = AdminSocket::connect(fixture.path());
        VERIFY_RESULT(next);
        if (!*next)
            break;
        waiting.push_back(std::move(**next));
        QVERIFY(waiting.size() <= std::size_t(AdminSocket::Backlog) + 1); // listen(2) counts from 0
    }
    QVERIFY(!waiting.empty());
    QVERIFY(*listening->accept());
    const auto next = AdminSocket::connect(fixture.path());
    QVERIFY(next && *next);
}

void TestAdminSocket::replacesNothing()
{
    const StoreFixture fixture;
    fixture.makeFolder();
    test::writeFile(fixture.file() + QStringLiteral(".sock"), "precious");
    const auto listening = AdminSocket::listen(fixture.path());
    QVERIFY(!listening);
    QCOMPARE(listening.error().code, Errc::StoreUnavailable);
    QCOMPARE(test::readFile(fixture.file() + QStringLiteral(".sock")), QByteArray("precious"));
    QVERIFY(isNobodyThere(fixture.path()));
}

void TestAdminSocket::saysThatANameIsTooLong()
{
    const QTemporaryDir folder;
    const std::string database = folder.filePath(QString(120, QLatin1Char('n'))).toStdString();
    const auto listening = AdminSocket::listen(database);
    QVERIFY(!listening);
    QVERIFY2(listening.error().detail.ends_with(": File name too long"), listening.error().detail.c_str());
}

QTEST_GUILESS_MAIN(TestAdminSocket)
#include "tst_admin_socket.moc"
