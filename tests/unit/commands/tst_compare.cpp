// SPDX-License-Identifier: GPL-3.0-or-later
// weir-bench compare as its user sees it, with the real programs.
#include <csignal>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

namespace {

constexpr int StartMs = 20'000;
constexpr int EndMs = 60'000;

/// The tool in a temporary folder of its own, which must be empty in the end.
class Tool : public QProcess
{
public:
    explicit Tool(const QStringList &arguments)
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("TMPDIR"), m_folder.path());
        setProcessEnvironment(environment);
        start(QStringLiteral(WEIR_BIN "/weir-bench"), QStringList{QStringLiteral("compare")} + arguments);
    }
    ~Tool() override
    {
        terminate();
        waitForFinished(EndMs);
    }
    bool hasLeftFiles() const { return !QDir(m_folder.path()).isEmpty(); }

    /// The process that the tool has started under this name; 0 if there is none.
    pid_t child(const QByteArray &name) const
    {
        const QStringList folders =
            QDir(QStringLiteral("/proc")).entryList({QStringLiteral("[0-9]*")}, QDir::Dirs);
        for (const QString &folder : folders) {
            QFile file(QStringLiteral("/proc/%1/stat").arg(folder));
            if (!file.open(QIODevice::ReadOnly))
                continue;
            const QByteArray stat = file.readAll();
            const QList<QByteArray> fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
            if (stat.contains('(' + name + ')') && fields.value(1).toLongLong() == processId())
                return pid_t(folder.toInt());
        }
        return 0;
    }
    /// Whether the last of what it compares has been begun with; what runs then may still tell its version
    /// only.
    bool isMeasuring() const
    {
        return QTest::qWaitFor([this] { return child("nginx") != 0 || state() == NotRunning; }, StartMs) &&
               state() == Running;
    }

private:
    const QTemporaryDir m_folder;
};

QStringList words(const char *text)
{
    return QString::fromLatin1(text).split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

} // namespace

class TestCompare : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aKilledPeerIsNamedAndHasNoFigures()
    {
        Tool tool(words("--peer nginx --only throughput --concurrency 4 --runs 2 --seconds 1"));
        QVERIFY(tool.isMeasuring());
        QTest::qWait(1500);
        const pid_t nginx = tool.child("nginx");
        QVERIFY(nginx != 0);
        QCOMPARE(::kill(nginx, SIGKILL), 0);
        QVERIFY(tool.waitForFinished(EndMs));
        QCOMPARE(tool.exitCode(), 1);
        const QString printed = QString::fromUtf8(tool.readAllStandardOutput());
        static const QRegularExpression named(
            QStringLiteral("nginx: broken, nginx ended with signal 9 after \\d+\\.\\d s"));
        QVERIFY2(named.match(printed).hasMatch(), qPrintable(printed));
        static const QRegularExpression measured(QStringLiteral("\\n +nginx +[\\d,.]+ "));
        QVERIFY2(!measured.match(printed).hasMatch(), qPrintable(printed));
        static const QRegularExpression weir(QStringLiteral("\\n +weir +[\\d,.]+ "));
        QVERIFY2(weir.match(printed).hasMatch(), qPrintable(printed));
    }

    void ctrlCShowsWhatWasMeasuredAndLeavesNothing()
    {
        Tool tool(words("--peer nginx --only throughput --concurrency 4,5 --runs 1 --seconds 1.5"));
        QVERIFY(tool.isMeasuring());
        QTest::qWait(6500); // the first section of three arms is over, the second one is not
        const pid_t nginx = tool.child("nginx");
        QVERIFY(nginx != 0);
        ::kill(pid_t(tool.processId()), SIGINT);
        QVERIFY(tool.waitForFinished(EndMs));
        QCOMPARE(tool.exitCode(), 1);
        const QString printed = QString::fromUtf8(tool.readAllStandardOutput());
        QVERIFY2(printed.contains(QLatin1String("4 at a time")), qPrintable(printed));
        QVERIFY2(printed.contains(QLatin1String("Interrupted")), qPrintable(printed));
        QVERIFY(::kill(nginx, 0) != 0);
        QVERIFY(!tool.hasLeftFiles());
    }

    void whatCannotBeDoneIsOneSentence_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("part");
        const auto row = [](const char *name, const char *arguments, int code, const char *part) {
            QTest::newRow(name) << words(arguments) << code << QString::fromLatin1(part);
        };
        row("an unknown peer", "--peer apache", 2, "\"apache\" is no peer that the tool knows");
        row("an unknown option", "--fast", 2, "Unknown option 'fast'");
        row("an unknown part", "--only memory", 2, "--only takes throughput, latency, stream");
        row("an unknown transport", "--transport pigeon", 2, "--transport takes auto, direct, qnam");
        row("a peer over TLS", "--peer p=https://127.0.0.1:1", 2, "is not http://");
        row("two of a name", "--peer nginx --peer nginx", 2, "two arms named \"nginx\"");
        row("nobody listens there", "--peer p=http://127.0.0.1:1", 1, "the connection was refused");
        row("no such program", "--weir /no/such/file", 1, "weir cannot be started: /no/such/file");
        row("another program", "--weir /bin/false", 1, "weir ended with status 1");
    }
    void whatCannotBeDoneIsOneSentence()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, part);
        Tool tool(arguments);
        QVERIFY(tool.waitForFinished(EndMs));
        QTEST(tool.exitCode(), "code");
        const QString said = QString::fromUtf8(tool.readAllStandardError());
        QVERIFY2(said.contains(part), qPrintable(said));
        QCOMPARE(said.count(QLatin1Char('\n')), 1);
        QVERIFY(!said.contains(QLatin1String("inside Weir")));
        QVERIFY(tool.readAllStandardOutput().isEmpty());
        QVERIFY(!tool.hasLeftFiles());
    }
};

QTEST_GUILESS_MAIN(TestCompare)
#include "tst_compare.moc"
