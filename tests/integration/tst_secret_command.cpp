// SPDX-License-Identifier: GPL-3.0-or-later
// The real program: `secret` on the command line, with a keychain and without.
#include "integration/access_keys.h"
#include "integration/secret_programs.h"
#include <pty.h>
#include <QStandardPaths>
#include <termios.h>
#include <tuple>
#include <unistd.h>

using namespace weir;
using test::ask;
using test::Headless;
using test::Outcome;
using test::Program;
using test::run;
using test::secret;
using test::statusOf;

namespace {

constexpr int WaitMs = test::ProgramWaitMs;

} // namespace

class TestSecretCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void refusesWrongUse_data();
    void refusesWrongUse();
    void doesWithoutAKeychain();
#ifdef WEIR_HAS_KEYRING // tests/CMakeLists.txt
    void storesInTheRealKeychain();
#endif
    void showsNothingOnATerminal();
    void closesItsMemory();

private:
    std::unique_ptr<test::SecretHome> m_home;
};

void TestSecretCommand::init()
{
    m_home = std::make_unique<test::SecretHome>();
    QVERIFY(m_home->provider.port() != 0);
}

void TestSecretCommand::refusesWrongUse_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("why");
    const auto row = [](const char *name, const QString &arguments, const char *input, int code,
                        const char *why) {
        QTest::newRow(name) << arguments.split(QLatin1Char(' '), Qt::SkipEmptyParts) << QByteArray(input)
                            << code << QByteArray(why);
    };
    row("nothing", QString(), "", 2, "say what to do");
    row("another verb", QStringLiteral("get zai"), "", 2, "say what to do");
    row("no name", QStringLiteral("set"), "sk-abc", 2, "name one provider");
    row("a key on the command line", QStringLiteral("set zai sk-abc"), "", 2, "read from standard input");
    row("another provider", QStringLiteral("set mistake"), "sk-abc", 2,
        "configured are zai, anthropic, openai");
    row("not a name at all", QStringLiteral("set ../x?y"), "sk-abc", 2, "configured are");
    row("nothing to read", QStringLiteral("set zai"), "", 1, "it is empty");
    row("two words", QStringLiteral("set zai"), "sk abc\n", 1, "a space, a line end");
    row("two lines", QStringLiteral("set zai"), "sk-abc\nsk-def\n", 1, "a space, a line end");
    row("not a text", QStringLiteral("set zai"), "sk-\xff", 1, "a space, a line end");
    row("this run of nothing", QStringLiteral("set zai --this-run"), "sk-abc", 1, "no Weir is running");
    row("a list of one", QStringLiteral("list zai"), "", 2, "list takes no name");
    row("a test for this run", QStringLiteral("test zai --this-run"), "", 2, "goes with set only");
    row("no such file", QStringLiteral("list --config /nonexistent/weir.toml"), "", 1, "nonexistent");
}

void TestSecretCommand::refusesWrongUse()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, input);
    const Outcome outcome = secret(arguments, input);
    QTEST(outcome.exitCode, "code");
    QFETCH(QByteArray, why);
    QVERIFY2(outcome.err.contains(why), outcome.err.constData());
    QCOMPARE(outcome.out, QByteArray());
    QVERIFY(!outcome.err.contains("sk-abc"));
}

void TestSecretCommand::doesWithoutAKeychain()
{
    const QByteArray access = test::storeKey(m_home->kept, "tool");
    const Headless weir(m_home->provider, m_home->log());
    QVERIFY(weir.port != 0);
    QByteArray refused;
    QTRY_VERIFY_WITH_TIMEOUT(
        !(refused = ask(weir.port, access)).contains("it is being opened") && !refused.isEmpty(), 30'000);
    QCOMPARE(statusOf(refused), 503);
    QVERIFY2(refused.contains("keychain is not available: sim: ") && refused.contains("--this-run sim"),
             refused.constData());

    const Outcome notKept = secret({QStringLiteral("set"), QStringLiteral("sim")}, "sk-1-0123456789abcdef\n");
    QCOMPARE(notKept.exitCode, 1);
    QVERIFY2(notKept.err.contains("keychain is not available"), notKept.err.constData());
    const Outcome kept = secret({QStringLiteral("set"), QStringLiteral("--this-run"), QStringLiteral("sim")},
                                "sk-2-0123456789abcdef\r\n");
    QVERIFY2(kept.exitCode == 0, kept.err.constData());
    QCOMPARE(kept.out, QByteArray("kept until Weir ends\n"));
    QCOMPARE(statusOf(ask(weir.port, access)), 200);
    QTRY_VERIFY(!m_home->provider.arrived.empty());
    QVERIFY(m_home->provider.arrived.back().headers.contains("x-api-key: sk-2-0123456789abcdef\n"));

    const Outcome list = secret({QStringLiteral("list")});
    QVERIFY2(list.out.contains("this_run") && list.out.contains("cdef"), list.out.constData());
    QVERIFY(!list.out.contains("abcdef"));
    const Outcome tested = secret({QStringLiteral("test"), QStringLiteral("sim")});
    QCOMPARE(tested.out, QByteArray("the provider takes the key\n"));
    QCOMPARE(tested.exitCode, 0);
    QCOMPARE(secret({QStringLiteral("delete"), QStringLiteral("sim")}).out, QByteArray("deleted\n"));
    QCOMPARE(statusOf(ask(weir.port, access)), 503);
    QCOMPARE(secret({QStringLiteral("test"), QStringLiteral("sim")}).exitCode, 1);
}

#ifdef WEIR_HAS_KEYRING
void TestSecretCommand::storesInTheRealKeychain()
{
    QFile settings(m_home->folder.filePath(QStringLiteral("own.toml")));
    QVERIFY(settings.open(QIODevice::WriteOnly));
    const std::string base = m_home->provider.host.config().providers.front().openaiBase;
    settings.write("[[provider]]\nname = \"sim\"\nauth = \"stored\"\nopenai_base = \"" +
                   QByteArray::fromStdString(base) + "\"\n");
    settings.close();
    // A session bus and a keyring of their own; the keyring's daemon is ended by its own process id.
    const QString script = QStringLiteral(
        "printf pw | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &\n"
        "daemon=$!\n"
        "trap 'kill $daemon' EXIT\n"
        "secret() { '" WEIR_BIN "/weir-headless' secret \"$@\" --config \"$HOME/own.toml\" 2>&1; }\n"
        // Asked for before that, the bus would start a second one.
        "for try in $(seq 100); do\n"
        "  dbus-send --session --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus "
        "org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true && break\n"
        "  sleep 0.1\n"
        "done\n"
        "echo sk-in-the-keychain-a1B2 | secret set sim >/dev/null\n"
        "secret list | grep ^sim\n"
        "secret test sim\n"
        "echo sk-the-second-one-c3D4 | secret set sim\n"
        "secret list | grep ^sim\n"
        "secret delete sim\n"
        "secret list | grep ^sim\n");
    const Outcome outcome =
        run(QStringLiteral("dbus-run-session"),
            {QStringLiteral("--"), QStringLiteral("/bin/sh"), QStringLiteral("-c"), script});
    QByteArrayList lines;
    for (const QByteArray &line : outcome.out.split('\n'))
        lines += line.simplified();
    const QByteArrayList expected{"sim stored ready keychain …a1B2",
                                  "the provider takes the key",
                                  "stored in the keychain",
                                  "sim stored ready keychain …c3D4",
                                  "deleted",
                                  "sim stored missing",
                                  ""};
    QVERIFY2(lines == expected, (outcome.out + outcome.err).constData());
    QVERIFY(m_home->provider.arrived.back().headers.contains("Bearer sk-in-the-keychain-a1B2"));
}
#endif

void TestSecretCommand::showsNothingOnATerminal()
{
    int master = -1;
    int slave = -1;
    QVERIFY(::openpty(&master, &slave, nullptr, nullptr, nullptr) == 0);
    for (const bool isBrokenOff : {false, true}) {
        QProcess process;
        process.setChildProcessModifier([slave] { ::dup2(slave, STDIN_FILENO); });
        process.start(Program, {QStringLiteral("secret"), QStringLiteral("set"), QStringLiteral("zai")});
        process.setReadChannel(QProcess::StandardError);
        QByteArray err;
        while (!err.contains("(it is not shown)") && process.waitForReadyRead(WaitMs))
            err += process.readAllStandardError();
        const QByteArray typed = isBrokenOff ? "sk-typ\x03\n" : "sk-typed-0123456789\n";
        QCOMPARE(::write(master, typed.constData(), std::size_t(typed.size())), ssize_t(typed.size()));
        QVERIFY(process.waitForFinished(WaitMs));
        err += process.readAllStandardError();
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QVERIFY2(err.contains(isBrokenOff ? "no key was read" : "keychain is not available"),
                 err.constData());
        QVERIFY(!err.contains("sk-typ"));
        // What the terminal would have shown; and it shows again what is typed.
        ::write(slave, ".", 1);
        QByteArray shown(1000, '\0');
        shown.resize(qsizetype(::read(master, shown.data(), std::size_t(shown.size()))));
        QVERIFY2(!shown.contains("sk-typ"), shown.constData());
        termios now{};
        QVERIFY(::tcgetattr(slave, &now) == 0 && (now.c_lflag & ECHO) && (now.c_lflag & ISIG));
    }
    ::close(master);
    ::close(slave);
}

void TestSecretCommand::closesItsMemory()
{
    // The folder of a process in /proc that is closed belongs to root, of any other to its user: so not as
    // root.
    constexpr uid_t Nobody = 65534;
    const auto asNobody = [] {
        if (::geteuid() == 0)
            std::ignore = ::setuid(Nobody);
    };
    const auto isClosed = [](const QProcess &process) {
        return QFileInfo(QStringLiteral("/proc/%1/environ").arg(process.processId())).ownerId() == 0;
    };
    QProcess other;
    other.setChildProcessModifier(asNobody);
    other.start(QStringLiteral("cat"), QStringList());
    QVERIFY(other.waitForStarted(WaitMs));
    QTRY_VERIFY(!isClosed(other)); // what is looked for would be found
    other.closeWriteChannel();
    QVERIFY(other.waitForFinished(WaitMs));

    for (const bool isStored : {true, false}) {
        const Headless weir(m_home->provider, m_home->log(), isStored, asNobody);
        QVERIFY(weir.port != 0);
        QCOMPARE(isClosed(weir.process), isStored);
    }
    QProcess command;
    command.setChildProcessModifier(asNobody);
    command.start(Program, {QStringLiteral("secret"), QStringLiteral("set"), QStringLiteral("zai")});
    QTRY_VERIFY_WITH_TIMEOUT(isClosed(command), WaitMs); // before it has read anything
    command.kill();
    QVERIFY(command.waitForFinished(WaitMs));
}

QTEST_GUILESS_MAIN(TestSecretCommand)
#include "tst_secret_command.moc"
