// SPDX-License-Identifier: GPL-3.0-or-later
// weir-headless as scripts use it: what it prints where, and how it ends.
#include <csignal>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

namespace {

constexpr int StartMaxMs = 20'000; // sanitizer builds on a busy machine

struct Outcome
{
    int exitCode = -1;
    QString out;
    QString err;
};

} // namespace

class TestCommandLine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void answersWithoutStarting_data();
    void answersWithoutStarting();
    void refusesUsage_data();
    void refusesUsage();
    void refusesConfiguration_data();
    void refusesConfiguration();
    void everyProblemIsOnALineOfItsOwn();
    void aMisspeltGuardStopsTheStart();
    void namedFileMustExist();
    void fileIsBounded();
    void defaultFileMayBeMissing();
    void defaultFileIsRead();
    void authorityFileMustHoldACertificate_data();
    void authorityFileMustHoldACertificate();
    void portInUseIsOneSentence();
    void terminates_data();
    void terminates();
    void commandLineBeatsEnvironment();
    void tellsOfAFileThatOthersCanChange();

private:
    void prepare(QProcess &process, const QStringList &arguments);
    Outcome runToEnd(const QStringList &arguments);
    /// Starts and waits for the line that tells the port; 0 if it does not come.
    quint16 startAndListen(QProcess &process, const QStringList &arguments);
    QString write(const QString &name, const QByteArray &text);

    QTemporaryDir m_folder;
    QProcessEnvironment m_environment;
};

void TestCommandLine::initTestCase()
{
    QVERIFY2(QFile::exists(QStringLiteral(WEIR_BIN "/weir-headless")), "build weir-headless first");
    QVERIFY(m_folder.isValid());
    // Nothing of the user's own settings may reach the program under test.
    m_environment.insert(QStringLiteral("HOME"), m_folder.path());
    m_environment.insert(QStringLiteral("XDG_CONFIG_HOME"), m_folder.path());
    m_environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("C.UTF-8"));
}

void TestCommandLine::prepare(QProcess &process, const QStringList &arguments)
{
    process.setProgram(QStringLiteral(WEIR_BIN "/weir-headless"));
    process.setArguments(arguments);
    process.setProcessEnvironment(m_environment);
}

Outcome TestCommandLine::runToEnd(const QStringList &arguments)
{
    QProcess process;
    prepare(process, arguments);
    process.start();
    if (!process.waitForFinished(StartMaxMs) || process.exitStatus() != QProcess::NormalExit)
        return {};
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

quint16 TestCommandLine::startAndListen(QProcess &process, const QStringList &arguments)
{
    prepare(process, arguments);
    process.start();
    QByteArray line;
    while (!line.endsWith('\n')) {
        if (!process.waitForReadyRead(StartMaxMs))
            return 0;
        line += process.readAllStandardOutput();
    }
    const QByteArray Announced = "listening on http://127.0.0.1:";
    return line.startsWith(Announced) ? line.mid(Announced.size()).trimmed().toUShort() : 0;
}

QString TestCommandLine::write(const QString &name, const QByteArray &text)
{
    const QString path = m_folder.filePath(name);
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        qFatal("cannot write %s", qPrintable(path));
    return path;
}

void TestCommandLine::answersWithoutStarting_data()
{
    QTest::addColumn<QString>("argument");
    QTest::addColumn<QString>("part");
    QTest::newRow("help lists the options") << "--help"
                                            << "--config <FILE>";
    QTest::newRow("version with Qt's") << "--version"
                                       << "weir-headless " WEIR_VERSION " (Qt ";
}

void TestCommandLine::answersWithoutStarting()
{
    QFETCH(QString, argument);
    QFETCH(QString, part);
    const Outcome outcome = runToEnd({argument});
    QCOMPARE(outcome.exitCode, 0);
    QCOMPARE(outcome.err, QString());
    QVERIFY2(outcome.out.contains(part), qPrintable(outcome.out));
}

void TestCommandLine::refusesUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("message");
    QTest::newRow("unknown option") << QStringList{QStringLiteral("--nope")} << "Unknown option 'nope'";
    QTest::newRow("missing value") << QStringList{QStringLiteral("--port")} << "Missing value after '--port'";
    QTest::newRow("positional argument")
        << QStringList{QStringLiteral("8080")} << "unexpected argument '8080'";
    QTest::newRow("no assignment") << QStringList{QStringLiteral("--set"), QStringLiteral("pool.max")}
                                   << "--set needs section.key=value, not 'pool.max'";
    QTest::newRow("of the desktop only")
        << QStringList{QStringLiteral("--minimized")} << "Unknown option 'minimized'";
}

void TestCommandLine::refusesUsage()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, message);
    const Outcome outcome = runToEnd(arguments);
    QCOMPARE(outcome.exitCode, 2);
    QCOMPARE(outcome.out, QString());
    QCOMPARE(outcome.err, QStringLiteral("weir-headless: %1 (see --help)\n").arg(message));
}

void TestCommandLine::refusesConfiguration_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("problem");
    QTest::newRow("port that is none") << QStringList{QStringLiteral("--port"), QStringLiteral("http")}
                                       << "--port: 'listen.port' must be a whole number, not 'http'";
    QTest::newRow("unknown setting")
        << QStringList{QStringLiteral("--set"), QStringLiteral("pool.mxa=1")}
        << "--set pool.mxa: there is no setting 'pool.mxa' (did you mean 'pool.max'?)";
    QTest::newRow("base that is no URL")
        << QStringList{QStringLiteral("--set"), QStringLiteral("provider.zai.openai_base=ftp://h")}
        << "--set provider.zai.openai_base: 'provider.zai.openai_base' must be an http or https URL";
}

void TestCommandLine::refusesConfiguration()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, problem);
    const Outcome outcome = runToEnd(arguments);
    QCOMPARE(outcome.exitCode, 1);
    QCOMPARE(outcome.out, QString());
    QCOMPARE(outcome.err,
             QStringLiteral("weir-headless: the configuration is not valid, nothing was started:\n  %1\n")
                 .arg(problem));
}

void TestCommandLine::everyProblemIsOnALineOfItsOwn()
{
    const QString file = write(QStringLiteral("bad.toml"), "[pool]\nmax = 0\n[listen]\nport = \"x\"\n");
    const Outcome outcome = runToEnd(
        {QStringLiteral("--config"), file, QStringLiteral("--set"), QStringLiteral("pool.warm=maybe")});
    QCOMPARE(outcome.exitCode, 1);
    const QStringList lines = outcome.err.trimmed().split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), 4);
    QVERIFY(lines[1].startsWith(QStringLiteral("  ") + file + QStringLiteral(":2: ")));
    QVERIFY(lines[2].startsWith(QStringLiteral("  ") + file + QStringLiteral(":4: ")));
    QVERIFY(lines[3].startsWith(QStringLiteral("  --set pool.warm: ")));
}

void TestCommandLine::aMisspeltGuardStopsTheStart()
{
    const QString file = write(QStringLiteral("misspelt.toml"), "[pool]\nmaxx = 3\n[limits]\n"
                                                                "tokens_per_dayy = 5\n");
    const Outcome outcome = runToEnd({QStringLiteral("--config"), file});
    QCOMPARE(outcome.exitCode, 1);
    QCOMPARE(outcome.out, QString());
    QCOMPARE(outcome.err,
             QStringLiteral("weir-headless: the configuration is not valid, nothing was started:\n  %1:4: "
                            "there is no setting 'limits.tokens_per_dayy' (did you mean "
                            "'limits.tokens_per_day'?)\n")
                 .arg(file));
}

void TestCommandLine::namedFileMustExist()
{
    const Outcome outcome = runToEnd({QStringLiteral("--config"), m_folder.filePath(QStringLiteral("none"))});
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY(outcome.err.contains(QStringLiteral("/none: No such file or directory")));
    QCOMPARE(runToEnd({QStringLiteral("--config"), m_folder.path()}).exitCode, 1);
}

void TestCommandLine::fileIsBounded()
{
    const QString file = write(QStringLiteral("big.toml"), QByteArray(1024 * 1024 + 1, '#'));
    const Outcome outcome = runToEnd({QStringLiteral("--config"), file});
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY(outcome.err.contains(QStringLiteral("larger than 1048576 bytes")));
    // A device has no size and no end.
    QCOMPARE(runToEnd({QStringLiteral("--config"), QStringLiteral("/dev/zero")}).exitCode, 1);
}

void TestCommandLine::defaultFileMayBeMissing()
{
    QProcess process;
    QVERIFY(startAndListen(process, {QStringLiteral("--port"), QStringLiteral("0")}) > 0);
    process.terminate();
    QVERIFY(process.waitForFinished(StartMaxMs));
    QCOMPARE(QString::fromUtf8(process.readAllStandardError()), QString());
}

void TestCommandLine::defaultFileIsRead()
{
    const QString file = write(QStringLiteral("weir/weir.toml"), "[pool]\nmax = 0\n");
    const Outcome outcome = runToEnd({});
    QFile::remove(file);
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY2(outcome.err.contains(file + QStringLiteral(":2: 'pool.max' must be")), qPrintable(outcome.err));
}

void TestCommandLine::authorityFileMustHoldACertificate_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("reason");
    QTest::newRow("missing") << m_folder.filePath(QStringLiteral("no.pem")) << "No such file or directory";
    QTest::newRow("holds something else") << write(QStringLiteral("text.pem"), "hello\n") << "certificate";
}

void TestCommandLine::authorityFileMustHoldACertificate()
{
    QFETCH(QString, file);
    QFETCH(QString, reason);
    const Outcome outcome = runToEnd({QStringLiteral("--port"), QStringLiteral("0"), QStringLiteral("--set"),
                                      QStringLiteral("provider.zai.ca_file=") + file});
    QCOMPARE(outcome.exitCode, 1);
    QCOMPARE(outcome.out, QString());
    QVERIFY2(outcome.err.contains(QStringLiteral("zai")) && outcome.err.contains(file) &&
                 outcome.err.contains(reason),
             qPrintable(outcome.err));
}

void TestCommandLine::portInUseIsOneSentence()
{
    QTcpServer other;
    QVERIFY(other.listen(QHostAddress::LocalHost));
    const Outcome outcome = runToEnd({QStringLiteral("--port"), QString::number(other.serverPort())});
    QCOMPARE(outcome.exitCode, 1);
    QCOMPARE(outcome.out, QString());
    QCOMPARE(outcome.err.count(QLatin1Char('\n')), 1);
    QVERIFY2(outcome.err.contains(QString::number(other.serverPort())), qPrintable(outcome.err));
}

void TestCommandLine::terminates_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("SIGTERM") << SIGTERM;
    QTest::newRow("SIGINT") << SIGINT;
    QTest::newRow("SIGHUP, a terminal that closes") << SIGHUP;
}

void TestCommandLine::terminates()
{
    QFETCH(int, signal);
    QProcess process;
    const quint16 port = startAndListen(process, {QStringLiteral("--port"), QStringLiteral("0")});
    QVERIFY(port > 0);
    QTcpSocket client;
    client.connectToHost(QHostAddress::LocalHost, port);
    QVERIFY(client.waitForConnected(StartMaxMs));
    QCOMPARE(::kill(pid_t(process.processId()), signal), 0);
    QVERIFY(process.waitForFinished(StartMaxMs));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 0);
    QCOMPARE(process.readAllStandardOutput(), QByteArray()); // the one line was all
}

void TestCommandLine::commandLineBeatsEnvironment()
{
    m_environment.insert(QStringLiteral("WEIR_PORT"), QStringLiteral("1"));
    QProcess process;
    const quint16 port = startAndListen(process, {QStringLiteral("--port"), QStringLiteral("0")});
    m_environment.remove(QStringLiteral("WEIR_PORT"));
    QVERIFY(port > 1);
    process.terminate();
    QVERIFY(process.waitForFinished(StartMaxMs));
}

void TestCommandLine::tellsOfAFileThatOthersCanChange()
{
    const QString file = write(QStringLiteral("open.toml"), "[pool]\nmax = 3\n");
    QVERIFY(QFile::setPermissions(file, QFile::permissions(file) | QFileDevice::WriteOther));
    QProcess process;
    QVERIFY(startAndListen(process, {QStringLiteral("--port"), QStringLiteral("0"),
                                     QStringLiteral("--config"), file}) > 0);
    process.terminate();
    QVERIFY(process.waitForFinished(StartMaxMs));
    QVERIFY(process.readAllStandardError().contains("chmod 600"));
}

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_command_line.moc"
