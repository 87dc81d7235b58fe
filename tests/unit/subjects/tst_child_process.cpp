// SPDX-License-Identifier: GPL-3.0-or-later
#include "subjects/child_process.h"
#include <fcntl.h>
#include <QFile>
#include <QTest>
#include <sys/wait.h>
#include <unistd.h>

using namespace weir;
using subjects::ChildProcess;
using namespace std::chrono_literals;

namespace {

subjects::Launch shell(const std::string &script)
{
    return {"sh", "/bin/sh", {"-c", script}, subjects::cleanEnvironment("/tmp")};
}

std::unique_ptr<ChildProcess> start(const std::string &script)
{
    auto child = ChildProcess::start(shell(script));
    return child ? std::move(*child) : nullptr;
}

bool hasPrinted(ChildProcess &child, const std::string &text)
{
    return child
        .waitForOutput([&](const std::string &output) { return output.find(text) != std::string::npos; }, 5s)
        .empty();
}

bool isGone(pid_t process)
{
    return QTest::qWaitFor([process] { return ::kill(process, 0) != 0; }, 3000);
}

} // namespace

class TestChildProcess : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aProgramThatIsNotThereIsNamed()
    {
        const auto child = ChildProcess::start({"ghost", "/nonexistent/ghost", {}, {}});
        QVERIFY(!child);
        QCOMPARE(child.error().detail,
                 std::string("ghost cannot be started: /nonexistent/ghost: No such file or directory"));
    }

    void bothChannelsAreRead()
    {
        const auto child = start("echo out; echo err >&2; exec sleep 60");
        QVERIFY(hasPrinted(*child, "out\n"));
        QVERIFY(hasPrinted(*child, "err\n"));
        QVERIFY(child->troubles().empty());
    }

    void theEnvironmentIsThatOfTheLaunch()
    {
        ::setenv("ANTHROPIC_API_KEY", "secret", 1);
        const auto output = ChildProcess::run(shell("env"), 5s);
        QVERIFY(output);
        QVERIFY(output->find("HOME=/tmp\n") != std::string::npos);
        QVERIFY(output->find("ANTHROPIC") == std::string::npos);
    }

    void standardInputIsEmpty()
    {
        const auto output = ChildProcess::run(shell("cat; echo done"), 5s);
        QVERIFY(output);
        QCOMPARE(*output, std::string("done\n"));
    }

    void onlyTheLastOutputIsKept()
    {
        // 1 MB is more than the pipe holds: it would stand still if nobody read.
        const auto child = start("head -c 1000000 /dev/zero | tr '\\0' x; echo; echo the end; exec sleep 60");
        QVERIFY(hasPrinted(*child, "the end\n"));
        QCOMPARE(child->output().size(), ChildProcess::OutputMax);
    }

    void aStatusIsTold()
    {
        const auto child = start("echo all is lost >&2; exit 3");
        QVERIFY(child->waitForEnd(5s));
        QCOMPARE(child->troubles(), std::string("sh ended with status 3 after 0.0 s: all is lost"));
    }

    void aSignalIsToldWithItsTime()
    {
        const auto child = start("exec sleep 60");
        QTest::qWait(250);
        ::kill(child->pid(), SIGKILL);
        QVERIFY(child->waitForEnd(5s));
        const std::string told = child->troubles();
        QVERIFY2(told.starts_with("sh ended with signal 9 after 0.") && told.ends_with(" s"), told.c_str());
        QVERIFY2(told.find("after 0.0") == std::string::npos, told.c_str());
    }

    void waitingForOutputEndsWithTheProgram()
    {
        const auto child = start("exit 1");
        const std::string why = child->waitForOutput([](const std::string &) { return false; }, 60s);
        QCOMPARE(why, std::string("sh ended with status 1 after 0.0 s"));
    }

    void waitingForOutputHasADeadline()
    {
        const auto child = start("exec sleep 60");
        const std::string why = child->waitForOutput([](const std::string &) { return false; }, 50ms);
        QCOMPARE(why, std::string("sh is not ready after 50 ms"));
    }

    void runningToTheEndHasADeadline()
    {
        const auto output = ChildProcess::run(shell("exec sleep 60"), 50ms);
        QVERIFY(!output);
        QCOMPARE(output.error().detail, std::string("sh has not ended after 50 ms"));
    }

    void runningToTheEndTellsAFailure()
    {
        const auto output = ChildProcess::run(shell("echo no; exit 2"), 5s);
        QVERIFY(!output);
        QVERIFY(output.error().detail.starts_with("sh ended with status 2"));
    }

    void stoppingIsAskedForFirst()
    {
        const auto child = start("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done");
        QVERIFY(hasPrinted(*child, "ready"));
        child->stop();
        // The signal goes to the whole group, so the shell may tell of its sleep, too.
        QVERIFY2(child->output().ends_with("bye\n"), child->output().c_str());
        QVERIFY(child->troubles().starts_with("sh ended with status 0"));
    }

    void whoDoesNotListenIsKilledAfterTheDeadline()
    {
        const auto child = start("trap '' TERM; echo ready; while :; do sleep 0.01; done");
        QVERIFY(hasPrinted(*child, "ready"));
        const auto begin = std::chrono::steady_clock::now();
        child->stop();
        const auto took = std::chrono::steady_clock::now() - begin;
        QVERIFY(took >= ChildProcess::StopDeadline);
        QVERIFY(child->troubles().starts_with("sh ended with signal 9"));
    }

    void whatItLeavesBehindGoesToo()
    {
        const auto child = start("sh -c 'trap \"\" TERM; echo $$; while :; do sleep 0.01; done' & wait");
        QVERIFY(hasPrinted(*child, "\n"));
        const pid_t grandchild = std::stoi(child->output());
        ::kill(child->pid(), SIGKILL);
        QVERIFY(child->waitForEnd(5s));
        QCOMPARE(::kill(grandchild, 0), 0); // an orphan, but in the group
        child->stop();
        QVERIFY(isGone(grandchild));
    }

    void ctrlCReachesOnlyTheTool()
    {
        const auto child = start("exec sleep 60");
        QCOMPARE(::getpgid(child->pid()), child->pid());
        QVERIFY(::getpgid(child->pid()) != ::getpgid(0));
    }

    void nothingSurvivesAKilledTool()
    {
        std::array<int, 2> pipe{};
        QCOMPARE(::pipe(pipe.data()), 0);
        const pid_t tool = ::fork();
        if (tool == 0) {
            const auto child = start("exec sleep 60");
            const pid_t pid = child->pid();
            [[maybe_unused]] const auto written = ::write(pipe[1], &pid, sizeof pid);
            ::raise(SIGKILL);
        }
        pid_t orphan = 0;
        QCOMPARE(::read(pipe[0], &orphan, sizeof orphan), ssize_t(sizeof orphan));
        ::close(pipe[0]);
        ::close(pipe[1]);
        QCOMPARE(::waitpid(tool, nullptr, 0), tool);
        // Whoever adopts it may leave it a zombie: gone is who has no command line any more.
        const QString file = QStringLiteral("/proc/%1/cmdline").arg(orphan);
        QTRY_VERIFY([&] {
            QFile commandLine(file);
            return !commandLine.open(QIODevice::ReadOnly) || commandLine.readAll().isEmpty();
        }());
    }

    void noDescriptorIsPassedOn()
    {
        const int secret = ::open("/dev/zero", O_RDONLY);
        const auto first = start("exec sleep 60");
        const auto output = ChildProcess::run(shell("ls /proc/self/fd"), 5s);
        ::close(secret);
        QVERIFY(output);
        QVERIFY2(*output == "0\n1\n2\n3\n", output->c_str()); // 3 is the folder that ls reads
    }

    void programsAreFound()
    {
        QVERIFY(subjects::findProgram("sh").ends_with("/sh"));
        QCOMPARE(subjects::findProgram("no-such-program"), std::string());
    }
};

QTEST_GUILESS_MAIN(TestChildProcess)
#include "tst_child_process.moc"
