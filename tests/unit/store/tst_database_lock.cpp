// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database_lock.h"

#include "unit/store/store_fixture.h"
#include <fcntl.h>
#include <QTest>
#include <sys/file.h>
#include <unistd.h>

using namespace weir;
using base::Errc;
using store::DatabaseLock;
using test::StoreFixture;

class TestDatabaseLock : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isHeldByOne();
    void namesNoOwnerThatHasGone();
    void removesWhatAKilledOwnerHasLeft();
    void leavesTheTracesOfTheOwner();
    void needsThemToGo();
};

void TestDatabaseLock::isHeldByOne()
{
    const StoreFixture fixture;
    auto first = DatabaseLock::take(fixture.path());
    VERIFY_RESULT(first);
    QCOMPARE(test::modeOf(fixture.folder.filePath(QStringLiteral("home"))), 0700);
    const auto second = DatabaseLock::take(fixture.path());
    QVERIFY(!second);
    QCOMPARE(second.error().code, Errc::StoreInUse);
    QCOMPARE(second.error().detail, "process id " + std::to_string(::getpid()));
    first->reset();
    VERIFY_RESULT(DatabaseLock::take(fixture.path()));
}

void TestDatabaseLock::namesNoOwnerThatHasGone()
{
    const StoreFixture fixture;
    fixture.makeFolder();
    const QString file = fixture.file() + QStringLiteral(".lock");
    test::writeFile(file, "2147483647"); // above every process id of the system
    const int other = ::open(QFile::encodeName(file).constData(), O_RDWR | O_CLOEXEC);
    QVERIFY(other >= 0 && ::flock(other, LOCK_EX | LOCK_NB) == 0);
    const auto lock = DatabaseLock::take(fixture.path());
    ::close(other);
    QVERIFY(!lock);
    QCOMPARE(lock.error().code, Errc::StoreInUse);
    QCOMPARE(lock.error().detail, std::string("another process"));
}

void TestDatabaseLock::removesWhatAKilledOwnerHasLeft()
{
    const StoreFixture fixture;
    fixture.makeFolder();
    const QString admin = QString::fromStdString(DatabaseLock::adminFileOf(fixture.path()));
    const QString socket = QString::fromStdString(DatabaseLock::socketOf(fixture.path()));
    const QString elsewhere = fixture.folder.filePath(QStringLiteral("elsewhere"));
    test::writeFile(admin, "http://127.0.0.1:1\ntoken\n");
    test::writeFile(elsewhere, "precious");
    QVERIFY(QFile::link(elsewhere, socket));
    {
        const auto lock = DatabaseLock::take(fixture.path());
        VERIFY_RESULT(lock);
        QVERIFY(!QFile::exists(admin) && !QFileInfo(socket).isSymLink());
        test::writeFile(admin, "its own");
        test::writeFile(socket, "its own");
    }
    QVERIFY(!QFile::exists(admin) && !QFile::exists(socket)); // with the lock
    QCOMPARE(test::readFile(elsewhere), QByteArray("precious"));
}

void TestDatabaseLock::leavesTheTracesOfTheOwner()
{
    const StoreFixture fixture;
    const auto owner = DatabaseLock::take(fixture.path());
    VERIFY_RESULT(owner);
    const QString admin = QString::fromStdString(DatabaseLock::adminFileOf(fixture.path()));
    test::writeFile(admin, "its own");
    QVERIFY(!DatabaseLock::take(fixture.path()));
    QCOMPARE(test::readFile(admin), QByteArray("its own"));
}

void TestDatabaseLock::needsThemToGo()
{
    const StoreFixture fixture;
    const QString admin = QString::fromStdString(DatabaseLock::adminFileOf(fixture.path()));
    QVERIFY(QDir().mkpath(admin));
    const auto lock = DatabaseLock::take(fixture.path());
    QVERIFY(!lock);
    QCOMPARE(lock.error().code, Errc::StoreUnavailable);
    QVERIFY2(lock.error().detail.find("weir.db.admin: ") != std::string::npos, lock.error().detail.c_str());
    QVERIFY(QDir().rmdir(admin));
    VERIFY_RESULT(DatabaseLock::take(fixture.path())); // which nobody has kept
}

QTEST_GUILESS_MAIN(TestDatabaseLock)
#include "tst_database_lock.moc"
