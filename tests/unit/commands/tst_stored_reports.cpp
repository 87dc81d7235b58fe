// SPDX-License-Identifier: GPL-3.0-or-later
// `weir-bench show`, `diff`, `check` and `all` as they are called, as far as nothing is measured.
#include "report/files.h"
#include "report/json.h"
#include "report/markdown.h"
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace weir;

class TestStoredReports : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void endsWithTheRightCode_data();
    void endsWithTheRightCode();
    void writesIntoADocument();
    void writesThePageOfADiff();

private:
    static constexpr int PatienceMs = 30'000;
    struct Ended
    {
        int code = -1;
        QString out;
        QString error;
    };
    Ended run(const QString &line) const;
    QByteArray read(const char *name) const;

    QTemporaryDir m_folder;
};

void TestStoredReports::initTestCase()
{
    report::Report report;
    report.version = "1";
    report::ArmResult arm;
    arm.arm = "weir";
    arm.figures = {{"p50", "us", report::Better::Lower, 100, {99, 100, 101}}};
    report.sections = {{"latency", "Latency", {}, {arm}, {}}};
    QVERIFY(!report::writeFile(m_folder.filePath(QStringLiteral("old.json")), report::toJson(report)));
    report.sections[0].arms[0].figures[0] = {"p50", "us", report::Better::Lower, 50, {49, 50, 51}};
    QVERIFY(!report::writeFile(m_folder.filePath(QStringLiteral("new.json")), report::toJson(report)));
    QVERIFY(!report::writeFile(m_folder.filePath(QStringLiteral("bad.json")), "{\"schema\":1}"));
    QVERIFY(!report::writeFile(m_folder.filePath(QStringLiteral("bad.toml")), "a = 1"));
    QVERIFY(!report::writeFile(m_folder.filePath(QStringLiteral("plain.md")), "# Nothing to replace\n"));
    QVERIFY(!report::writeFile(m_folder.filePath(QStringLiteral("good.md")),
                               QByteArray("# Before\n") + report::MeasuredBegin + "\nold\n" +
                                   report::MeasuredEnd + "\nAfter\n"));
}

TestStoredReports::Ended TestStoredReports::run(const QString &line) const
{
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.start(QStringLiteral(WEIR_BIN "/weir-bench"), line.split(u' '));
    if (!process.waitForFinished(PatienceMs))
        return {};
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

QByteArray TestStoredReports::read(const char *name) const
{
    QFile file(m_folder.filePath(QString::fromLatin1(name)));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TestStoredReports::endsWithTheRightCode_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *line, int code, const char *says) {
        QTest::newRow(line) << QString::fromUtf8(line) << code << QString::fromUtf8(says);
    };
    row("show old.json", 0, "Latency");
    row("show bad.json", 1, "it has schema 1");
    row("show none.json", 1, "none.json");
    row("show", 2, "REPORT.json");
    row("show --help", 0, "show REPORT.json [options]");
    row("show old.json --loud", 2, "loud");
    row("show old.json --json no/folder/x.json", 1, "cannot write");
    row("show old.json --markdown plain.md", 1, "it needs the lines");
    row("diff old.json new.json", 0, "▲ better");
    row("diff old.json old.json", 0, "Nothing moved.");
    row("diff old.json bad.json", 1, "bad.json: it has schema 1");
    row("diff none.json new.json", 1, "none.json");
    row("diff old.json", 2, "OLD.json NEW.json");
    row("check --thresholds bad.toml", 2, "bad.toml: line 1: there is no key \"a\"");
    row("check --thresholds none.toml", 2, "none.toml");
    row("check now", 2, "\"now\" is not an option.");
    row("all everything", 2, "\"everything\" is not an option.");
    row("all --help", 0, "--quick");
}

void TestStoredReports::endsWithTheRightCode()
{
    QFETCH(QString, line);
    QFETCH(int, code);
    QFETCH(QString, says);
    const Ended ended = run(line);
    QCOMPARE(ended.code, code);
    const QString text = code == 0 ? ended.out : ended.error;
    QVERIFY2(text.contains(says), qPrintable(text));
}

void TestStoredReports::writesIntoADocument()
{
    QCOMPARE(run(QStringLiteral("show new.json --markdown good.md --html page.html --json copy.json")).code,
             0);
    const QByteArray document = read("good.md");
    QVERIFY(document.startsWith(QByteArray("# Before\n") + report::MeasuredBegin));
    QVERIFY(document.endsWith(report::MeasuredEnd + QByteArray("\nAfter\n")));
    QVERIFY(document.contains("### Latency"));
    QVERIFY(!document.contains("\nold\n"));
    QVERIFY(read("page.html").startsWith("<!DOCTYPE html>"));
    QCOMPARE(read("copy.json"), read("new.json"));
}

void TestStoredReports::writesThePageOfADiff()
{
    QCOMPARE(run(QStringLiteral("diff old.json new.json --html diff.html")).code, 0);
    QVERIFY(read("diff.html").contains("▲ better"));
}

QTEST_GUILESS_MAIN(TestStoredReports)
#include "tst_stored_reports.moc"
