// SPDX-License-Identifier: GPL-3.0-or-later
// Commands reach who has the database, and nobody else: not after kill -9, not while an engine starts, drains
// or has no port.
#include "integration/admin_client.h"
#include "integration/headless.h"
#include "integration/headless_command.h"
#include "store/database_lock.h"
#include <fcntl.h>
#include <QJsonArray>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTcpServer>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace weir;
using engine::EngineHost;
using test::AdminClient;
using test::Headless;
using test::KeptUsage;
using test::Outcome;
using test::ProxyFixture;
using test::RawClient;
using test::runHeadless;
using test::statusOf;
using test::useKey;

namespace {

const auto Kept = [](config::Config &config) {
    config.store.enabled = true;
    config.providers.front().auth = config::Auth::None;
};

/// Words apart from each other by one blank.
Outcome run(const QString &arguments)
{
    return runHeadless(arguments.split(QLatin1Char(' ')));
}

QStringList labels()
{
    const QJsonObject list = QJsonDocument::fromJson(run(QStringLiteral("keys list --json")).out).object();
    QStringList found;
    for (const QJsonValue &key : list[QLatin1String("keys")].toArray())
        found += key[QLatin1String("label")].toString();
    return found;
}

/// Whoever takes the port of a Weir that was killed.
struct Stranger
{
    explicit Stranger(quint16 port)
    {
        QObject::connect(&server, &QTcpServer::newConnection, &server, [this] {
            while (QTcpSocket *socket = server.nextPendingConnection()) {
                ++visitors;
                QObject::connect(socket, &QTcpSocket::readyRead, &server,
                                 [this, socket] { heard += socket->readAll(); });
            }
        });
        server.listen(QHostAddress::LocalHost, port);
    }

    QTcpServer server;
    int visitors = 0;
    QByteArray heard;
};

} // namespace

class TestAdminSocket : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void tellsNothingToAStranger_data();
    void tellsNothingToAStranger();
    void removesWhatAKilledEngineHasLeft();
    void isThereWhileTheEngineDrains();
    void isThereWhileTheDatabaseIsOpened();
    void answersWhatWasAskedBeforeTheEnd();
    void leadsToWhoHasTheDatabase();
    void takesALongFolder();
    void isItsUsersAlone();

private:
    std::unique_ptr<KeptUsage> m_none;
    std::unique_ptr<ProxyFixture> m_provider; // for its simulated provider
};

void TestAdminSocket::initTestCase()
{
    m_none = std::make_unique<KeptUsage>();
    m_provider = std::make_unique<ProxyFixture>();
    QVERIFY(m_provider->port() != 0);
    // Nobody's own keychain is touched.
    qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
}

void TestAdminSocket::tellsNothingToAStranger_data()
{
    QTest::addColumn<bool>("isWeir");
    QTest::newRow("another program has the lock, and vouches for nothing") << false;
    QTest::newRow("a command of Weir has it") << true;
}

void TestAdminSocket::tellsNothingToAStranger()
{
    QFETCH(bool, isWeir);
    const KeptUsage kept;
    QCOMPARE(run(QStringLiteral("keys create --label editor")).exitCode, 0);
    quint16 port = 0;
    {
        Headless weir(*m_provider);
        QVERIFY(weir.port != 0);
        port = weir.port;
        QTRY_VERIFY(kept.admin());
        weir.process.kill();
        QVERIFY(weir.process.waitForFinished());
    }
    QVERIFY(kept.admin() && kept.admin()->address.endsWith(':' + QByteArray::number(port)));
    QVERIFY(QFile::exists(kept.socket()));
    const Stranger stranger(port);
    QVERIFY(stranger.server.isListening());

    std::unique_ptr<store::DatabaseLock> lock;
    int other = -1;
    if (isWeir) {
        auto taken = store::DatabaseLock::take(kept.path());
        QVERIFY(taken);
        lock = std::move(*taken);
    } else {
        other = ::open((kept.path() + ".lock").c_str(), O_RDWR | O_CLOEXEC);
        QVERIFY(other >= 0 && ::flock(other, LOCK_EX | LOCK_NB) == 0);
    }
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("copy.db"));
    std::vector<std::unique_ptr<QProcess>> commands; // at once, because each waits for the lock
    for (const QString &command :
         {QStringLiteral("keys create --label x"), QStringLiteral("keys list"),
          QStringLiteral("keys pause editor"), QStringLiteral("keys resume editor"),
          QStringLiteral("keys rename editor writer"), QStringLiteral("keys set editor --concurrent 3"),
          QStringLiteral("keys rotate editor"), QStringLiteral("keys delete editor"),
          QStringLiteral("keys import /dev/null"), QStringLiteral("usage"), QStringLiteral("secret set zai"),
          QStringLiteral("secret set --this-run zai"), QStringLiteral("secret list"),
          QStringLiteral("secret test zai"), QStringLiteral("secret delete zai"),
          QStringLiteral("backup ") + file, QStringLiteral("restore /dev/null")}) {
        commands.push_back(std::make_unique<QProcess>());
        commands.back()->start(QStringLiteral(WEIR_BIN "/weir-headless"), command.split(QLatin1Char(' ')));
        commands.back()->write("sk-very-secret-0123456789\n");
        commands.back()->closeWriteChannel();
    }
    for (const auto &command : commands) {
        const QByteArray name = command->arguments().join(QLatin1Char(' ')).toUtf8();
        QVERIFY2(
            QTest::qWaitFor([&] { return command->state() == QProcess::NotRunning; }, test::StartMaxMs * 3),
            name.constData());
        const QByteArray told = command->readAllStandardError();
        QVERIFY2(command->exitCode() == 1, (name + ": " + told).constData());
        QVERIFY2(told.contains("the database is in use by another program: "),
                 (name + ": " + told).constData());
        QVERIFY2(told.contains("Try again when it has ended") || told.contains("has to be stopped first"),
                 (name + ": " + told).constData());
        QVERIFY(!told.contains("sk-very-secret"));
        if (isWeir)
            QVERIFY(told.contains("process id " + QByteArray::number(::getpid())));
    }
    if (other >= 0)
        ::close(other);
    QCOMPARE(stranger.visitors, 0);
    QCOMPARE(stranger.heard, QByteArray());
    QVERIFY(!QFile::exists(file));
    lock.reset();
    QCOMPARE(labels(), QStringList{QStringLiteral("editor")}); // as it was
}

void TestAdminSocket::removesWhatAKilledEngineHasLeft()
{
    const KeptUsage kept;
    Headless killed(*m_provider);
    QVERIFY(killed.port != 0);
    QTRY_VERIFY(kept.admin());
    killed.process.kill();
    QVERIFY(killed.process.waitForFinished());
    QVERIFY(kept.admin() && QFile::exists(kept.socket()));
    QCOMPARE(run(QStringLiteral("keys create --label first")).exitCode, 0); // in the database itself
    QVERIFY(!QFile::exists(kept.adminFile()) && !QFile::exists(kept.socket()));

    Headless weir(*m_provider);
    QVERIFY(weir.port != 0);
    QCOMPARE(labels(), QStringList{QStringLiteral("first")});
    QTRY_VERIFY(kept.admin() && kept.admin()->address.endsWith(':' + QByteArray::number(weir.port)));
    weir.process.terminate();
    QVERIFY(weir.process.waitForFinished(test::StartMaxMs));
    QVERIFY(!QFile::exists(kept.adminFile()) && !QFile::exists(kept.socket()));
}

void TestAdminSocket::isThereWhileTheEngineDrains()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    const QByteArray key = run(QStringLiteral("keys create --label editor")).out.trimmed();
    RawClient client(proxy.port());
    const QByteArray body =
        R"({"model":"sim-chunks-100+gap-300","max_tokens":5,"stream":true,"messages":[]})";
    client.send("POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: " + key +
                "\r\nContent-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) +
                "\r\n\r\n" + body);
    QVERIFY(client.waitFor("event: "));
    QTRY_VERIFY(kept.admin());
    proxy.host.stop();
    QTRY_VERIFY(!QFile::exists(kept.adminFile())); // its port may be another's soon

    const Outcome made = run(QStringLiteral("keys create --label late"));
    QVERIFY2(made.exitCode == 0, made.err.constData());
    QCOMPARE(labels(), (QStringList{QStringLiteral("editor"), QStringLiteral("late")}));
    const Outcome secrets = run(QStringLiteral("secret list"));
    QVERIFY2(secrets.exitCode == 0 && secrets.out.contains("sim "), secrets.err.constData());
    QCOMPARE(int(proxy.host.state()), int(EngineHost::State::Stopping)); // all this time
    client.close();
    QTRY_COMPARE_WITH_TIMEOUT(int(proxy.host.state()), int(EngineHost::State::Stopped), 15'000);
    QVERIFY(!QFile::exists(kept.socket()));
    QCOMPARE(labels().size(), qsizetype(2)); // by themselves
}

void TestAdminSocket::isThereWhileTheDatabaseIsOpened()
{
    const KeptUsage kept;
    QCOMPARE(run(QStringLiteral("keys create --label editor")).exitCode, 0);
    {
        // Another program has a lock of SQLite's in it, which Weir awaits for a while.
        QSqlDatabase other = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("other"));
        other.setDatabaseName(QString::fromStdString(kept.path()));
        QVERIFY(other.open() && QSqlQuery(other).exec(QStringLiteral("BEGIN EXCLUSIVE")));
        ProxyFixture proxy({}, Kept);
        QVERIFY(proxy.port() != 0);
        const Outcome secrets = run(QStringLiteral("secret list"));
        QVERIFY2(secrets.exitCode == 0, secrets.err.constData()); // which need no database
        const Outcome list = run(QStringLiteral("keys list"));
        QCOMPARE(list.exitCode, 1);
        QVERIFY2(list.err.contains("database is locked"), list.err.constData());
        QVERIFY(QSqlQuery(other).exec(QStringLiteral("COMMIT")));
        other.close();
        QTRY_COMPARE_WITH_TIMEOUT(proxy.host.saving().word, std::string("saved"), 15'000);
        QTRY_VERIFY(kept.admin());
        QCOMPARE(labels(), QStringList{QStringLiteral("editor")});
    }
    QSqlDatabase::removeDatabase(QStringLiteral("other"));
}

void TestAdminSocket::answersWhatWasAskedBeforeTheEnd()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    QTRY_VERIFY(kept.admin());
    int answers = 0;
    connect(&proxy.host, &EngineHost::answered, this,
            [&](quint64, const pipeline::Answer &answer) { answers += answer.has_value(); });
    constexpr int Questions = 20; // some are answered while the engine is there, some when it has gone
    for (int at = 0; at < Questions; ++at) {
        pipeline::Question question;
        question.method = "POST";
        question.target = "/admin/keys";
        question.body = R"({"label":"key )" + QByteArray::number(at) + R"("})";
        proxy.host.ask(question);
    }
    proxy.host.stop();
    QTRY_COMPARE_WITH_TIMEOUT(int(proxy.host.state()), int(EngineHost::State::Stopped), 15'000);
    QCOMPARE(answers, Questions);
    QCOMPARE(labels().size(), qsizetype(Questions));
}

void TestAdminSocket::leadsToWhoHasTheDatabase()
{
    const KeptUsage kept;
    ProxyFixture first({}, Kept);
    ProxyFixture second({}, Kept);
    QVERIFY(first.port() != 0 && second.port() != 0);
    const QByteArray key = run(QStringLiteral("keys create --label editor")).out.trimmed();
    QCOMPARE(useKey(first.port(), key), 200);
    QVERIFY(kept.admin());
    QCOMPARE(kept.admin()->address, first.host.address().toUtf8());
    first.host.stop();
    QTRY_COMPARE_WITH_TIMEOUT(second.host.saving().word, std::string("saved"), 15'000);
    QCOMPARE(run(QStringLiteral("keys pause editor")).exitCode, 0);
    QCOMPARE(useKey(second.port(), key), 403);
    QTRY_VERIFY(kept.admin());
    QCOMPARE(kept.admin()->address, second.host.address().toUtf8());
}

void TestAdminSocket::takesALongFolder()
{
    // Longer than an address of a socket can be; SQLite takes 512 bytes.
    const KeptUsage kept(QLatin1Char('/') + QString(200, QLatin1Char('l')));
    ProxyFixture proxy({}, Kept);
    QVERIFY(proxy.port() != 0);
    const Outcome made = run(QStringLiteral("keys create --label editor"));
    QVERIFY2(made.exitCode == 0, made.err.constData());
    QCOMPARE(useKey(proxy.port(), made.out.trimmed()), 200);
    QVERIFY(QFile::exists(kept.socket()));
}

void TestAdminSocket::isItsUsersAlone()
{
    const mode_t before = ::umask(0);
    const KeptUsage kept;
    ProxyFixture proxy({}, Kept);
    QVERIFY(proxy.port() != 0);
    QTRY_VERIFY(kept.admin());
    ::umask(before);
    const auto modeOf = [](const QString &path) {
        struct stat found = {};
        return ::stat(QFile::encodeName(path).constData(), &found) == 0 ? int(found.st_mode & 07777) : -1;
    };
    QCOMPARE(modeOf(kept.folder()), 0700);
    QCOMPARE(modeOf(kept.socket()), 0600);
    QCOMPARE(modeOf(kept.adminFile()), 0600);
    QCOMPARE(statusOf(AdminClient(kept, proxy).ask("GET", "/admin/keys")), 200); // scripts still may
}

QTEST_GUILESS_MAIN(TestAdminSocket)
#include "tst_admin_socket.moc"
