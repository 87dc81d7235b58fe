// SPDX-License-Identifier: GPL-3.0-or-later
// How the desktop program starts, or does not: with a display, without one, with a broken configuration.
#include "app/command_line.h"
#include "ui/dialogs/config_problems_dialog.h"
#include "ui/find_widgets.h"
#include "ui/theme.h"
#include <QApplication>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>

using namespace weir;
using ui::ConfigProblemsDialog;

class TestDesktopStart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void needsNoDisplayToAnswer_data();
    void needsNoDisplayToAnswer();
    void tellsTheProblemsWhereNobodySees_data();
    void tellsTheProblemsWhereNobodySees();
    void showsEveryProblemWithItsLine();
    void offersTheDefaults();
    void offersTheDefaultsOfAnUnreadableFile();
    void closingMeansToQuit();

private:
    QString write(const QString &name, const QByteArray &text);

    QTemporaryDir m_folder;
    QProcessEnvironment m_environment; // of a session without a display
};

namespace {

constexpr int EndMaxMs = 60'000;
const QByteArray Broken = "[pool]\nmax = 0\n[listen]\nport = \"x\"\n";

} // namespace

void TestDesktopStart::initTestCase()
{
    QVERIFY2(QFile::exists(QStringLiteral(WEIR_BIN "/weir")), "build weir first");
    for (const char *variable :
         {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"})
        m_environment.insert(QLatin1String(variable), m_folder.path());
    m_environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("C.UTF-8"));
    qputenv("XDG_CONFIG_HOME", QFile::encodeName(m_folder.path()));
}

QString TestDesktopStart::write(const QString &name, const QByteArray &text)
{
    const QString path = m_folder.filePath(name);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        qFatal("cannot write %s", qPrintable(path));
    return path;
}

void TestDesktopStart::needsNoDisplayToAnswer_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("display"); // DISPLAY
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QString>("out");
    QTest::addColumn<QString>("err");
    const auto row = [](const char *name, const QStringList &arguments, const char *display, int exitCode,
                        const char *out, const char *err) {
        QTest::newRow(name) << arguments << QString::fromLatin1(display) << exitCode
                            << QString::fromLatin1(out) << QString::fromLatin1(err);
    };
    const QString help = QStringLiteral("--help");
    const QString version = QStringLiteral("--version");
    const QString platform = QStringLiteral("-platform");
    row("help", {help}, "", 0, "--minimized", "");
    row("version", {version}, "", 0, "weir " WEIR_VERSION " (Qt ", "");
    row("version, with what Qt takes", {platform, QStringLiteral("offscreen"), version}, "", 0, "weir ", "");
    row("help of a command", {QStringLiteral("usage"), help}, "", 0, "--by", "");
    row("unknown option", {QStringLiteral("--nope")}, "", 2, "", "Unknown option 'nope' (see --help)");
    row("a setting that is none", {QStringLiteral("--set"), QStringLiteral("pool.mxa=1")}, "", 1, "",
        "there is no setting 'pool.mxa'");
    row("nothing wrong but the display", {}, "", 1, "", "weir-headless needs none");
    row("a display that is not there", {platform, QStringLiteral("xcb")}, ":987", 1, "", "weir: ");
}

void TestDesktopStart::needsNoDisplayToAnswer()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, display);
    QFETCH(int, exitCode);
    QFETCH(QString, out);
    QFETCH(QString, err);
    QProcess process;
    QProcessEnvironment environment = m_environment;
    if (!display.isEmpty())
        environment.insert(QStringLiteral("DISPLAY"), display);
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(WEIR_BIN "/weir"), arguments);
    QVERIFY(process.waitForFinished(EndMaxMs));
    const QString told = QString::fromUtf8(process.readAllStandardError());
    QVERIFY2(process.exitStatus() == QProcess::NormalExit, qPrintable(told));
    QCOMPARE(process.exitCode(), exitCode);
    QVERIFY2(told.contains(err), qPrintable(told));
    QCOMPARE(told.isEmpty(), err.isEmpty());
    const QString printed = QString::fromUtf8(process.readAllStandardOutput());
    QVERIFY2(printed.contains(out), qPrintable(printed));
}

void TestDesktopStart::tellsTheProblemsWhereNobodySees_data()
{
    QTest::addColumn<QString>("platform");
    QTest::newRow("no display") << QString();
    QTest::newRow("a display in memory") << QStringLiteral("offscreen");
}

void TestDesktopStart::tellsTheProblemsWhereNobodySees()
{
    QFETCH(QString, platform);
    const QString file = write(QStringLiteral("broken.toml"), Broken);
    QProcess process;
    QProcessEnvironment environment = m_environment;
    if (!platform.isEmpty())
        environment.insert(QStringLiteral("QT_QPA_PLATFORM"), platform);
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(WEIR_BIN "/weir"), {QStringLiteral("--config"), file});
    QVERIFY(process.waitForFinished(EndMaxMs));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 1);
    const QString told = QString::fromUtf8(process.readAllStandardError());
    QVERIFY2(told.contains(file + QStringLiteral(":2: ")) && told.contains(file + QStringLiteral(":4: ")),
             qPrintable(told));
}

void TestDesktopStart::showsEveryProblemWithItsLine()
{
    const ui::Theme theme;
    const QString file = write(QStringLiteral("broken.toml"), Broken);
    const app::Invocation invocation = app::readCommandLine(
        app::Program::Desktop, {QStringLiteral("weir"), QStringLiteral("--config"), file,
                                QStringLiteral("--set"), QStringLiteral("pool.warm=<maybe>")});
    QCOMPARE(invocation.problems.size(), std::size_t(3));
    ConfigProblemsDialog dialog(invocation.configFile, invocation.problems);
    dialog.show();
    const auto *list = dialog.findChild<QTextBrowser *>();
    QVERIFY(list);
    const QString text = list->toPlainText();
    for (const char *part :
         {"line 2", "'pool.max' must be", "line 4", "'listen.port' must be", "--set pool.warm", "<maybe>"})
        QVERIFY2(text.contains(QLatin1String(part)), qPrintable(text));
    QVERIFY(!text.contains(file)); // it stands above, once
    const auto labels = dialog.findChildren<QLabel *>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [&](const QLabel *label) {
        return label->text().contains(file) && label->text().contains(QStringLiteral("3 mistakes"));
    }));
    QVERIFY(test::button(dialog, "&Open file")->isEnabled());
}

void TestDesktopStart::offersTheDefaults()
{
    const QString file = write(QStringLiteral("broken.toml"), Broken + "[limits]\nconcurrent = 3\n");
    const QStringList arguments{
        QStringLiteral("weir"),   QStringLiteral("--config"), file,
        QStringLiteral("--port"), QStringLiteral("4321"),     QStringLiteral("--minimized")};
    const app::Invocation broken = app::readCommandLine(app::Program::Desktop, arguments);
    QVERIFY(broken.action == app::Invocation::Action::Exit && broken.fallback);
    const app::Invocation &fallback = *broken.fallback;
    QVERIFY(fallback.action == app::Invocation::Action::Run && fallback.minimized);
    QCOMPARE(fallback.config->listen.port, 4321); // what was typed is meant
    QCOMPARE(fallback.config->limits.concurrent, config::Config().limits.concurrent);
    QVERIFY(!fallback.config->providers.empty()); // the built-in ones
    QCOMPARE(fallback.notices.size(), 1);         // and the window keeps saying so
    QVERIFY(fallback.notices.front().startsWith(file));
    // A mistake in what was typed: then that is left out, too.
    const app::Invocation typed =
        app::readCommandLine(app::Program::Desktop, {QStringLiteral("weir"), QStringLiteral("--config"), file,
                                                     QStringLiteral("--port"), QStringLiteral("http")});
    QCOMPARE(typed.fallback->config->listen.port, config::Config().listen.port);
    // Mended, it is read again.
    write(QStringLiteral("broken.toml"), "[pool]\nmax = 3\n");
    QVERIFY(app::readCommandLine(app::Program::Desktop, arguments).action == app::Invocation::Action::Run);
}

void TestDesktopStart::offersTheDefaultsOfAnUnreadableFile()
{
    const ui::Theme theme;
    const QString file = m_folder.filePath(QStringLiteral("none.toml"));
    const app::Invocation invocation = app::readCommandLine(
        app::Program::Desktop, {QStringLiteral("weir"), QStringLiteral("--config"), file});
    QCOMPARE(invocation.problems.size(), std::size_t(1));
    QVERIFY2(invocation.output.contains(file + QStringLiteral(": No such file")),
             qPrintable(invocation.output));
    QVERIFY(invocation.fallback);
    ConfigProblemsDialog dialog(invocation.configFile, invocation.problems);
    QVERIFY(!test::button(dialog, "&Open file")->isEnabled());
    QVERIFY(dialog.findChild<QTextBrowser *>()->toPlainText().contains(QStringLiteral("No such file")));
}

void TestDesktopStart::closingMeansToQuit()
{
    const ui::Theme theme;
    const std::vector<config::Problem> problems{{"weir.toml:2", "is wrong"}};
    const auto chosenBy = [&](const std::function<void(ConfigProblemsDialog &)> &act) {
        ConfigProblemsDialog dialog(QStringLiteral("weir.toml"), problems);
        dialog.show();
        act(dialog);
        return dialog.result();
    };
    QCOMPARE(chosenBy([](QDialog &dialog) { QTest::keyClick(&dialog, Qt::Key_Escape); }),
             int(ConfigProblemsDialog::Quit));
    QCOMPARE(chosenBy([](QDialog &dialog) { test::button(dialog, "&Quit")->click(); }),
             int(ConfigProblemsDialog::Quit));
    QCOMPARE(chosenBy([](QDialog &dialog) { test::button(dialog, "Start with &defaults")->click(); }),
             int(ConfigProblemsDialog::StartWithDefaults));
    QCOMPARE(chosenBy([](QDialog &dialog) { test::button(dialog, "&Read it again")->click(); }),
             int(ConfigProblemsDialog::ReadAgain));
}

QTEST_MAIN(TestDesktopStart)
#include "tst_desktop_start.moc"
