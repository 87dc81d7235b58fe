// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of processes that use a known amount, between what they tell and what the kernel counts.
#include "subjects/child_process.h"
#include "subjects/process_usage.h"
#include <QTest>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

using namespace weir;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t Megabyte = 1024 * 1024;

/// A process that is a group of its own, burns `cpuSeconds` in itself and as much in a child of its, holds
/// `bytes` of memory, tells what it has burnt, then waits to be killed.
class Burner
{
public:
    Burner(double cpuSeconds, std::size_t bytes, bool withChild)
    {
        std::array<int, 2> pipe{};
        m_isOpen = ::pipe(pipe.data()) == 0;
        m_pid = ::fork();
        if (m_pid == 0) {
            ::setpgid(0, 0);
            if (withChild && ::fork() == 0)
                burn(cpuSeconds, bytes, pipe[1]);
            burn(cpuSeconds, bytes, pipe[1]);
        }
        for (int expected = withChild ? 2 : 1; expected > 0; --expected) {
            double burnt = 0;
            m_isOpen = ::read(pipe[0], &burnt, sizeof burnt) == sizeof burnt && m_isOpen;
            m_told += burnt;
        }
        ::close(pipe[0]);
        ::close(pipe[1]);
    }
    ~Burner() { end(); }
    /// Kills it. What the kernel has counted for its first process, in seconds.
    double end()
    {
        if (const pid_t ended = std::exchange(m_pid, 0); ended > 0) {
            ::kill(-ended, SIGKILL);
            ::wait4(ended, nullptr, 0, &m_counted);
        }
        return seconds(m_counted.ru_utime) + seconds(m_counted.ru_stime);
    }
    double told() const { return m_told; } ///< seconds of CPU, of all its processes together
    bool isReady() const { return m_isOpen; }
    pid_t pid() const { return m_pid; }

private:
    [[noreturn]] static void burn(double cpuSeconds, std::size_t bytes, int tell)
    {
        std::vector<char> held(bytes, 'x');
        timespec used{};
        do
            ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        while (double(used.tv_sec) + double(used.tv_nsec) / 1e9 < cpuSeconds);
        const double burnt = double(used.tv_sec) + double(used.tv_nsec) / 1e9;
        [[maybe_unused]] const auto written = ::write(tell, &burnt, sizeof burnt);
        while (true)
            ::pause();
    }

    static double seconds(const timeval &time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; }

    pid_t m_pid = 0;
    bool m_isOpen = false;
    double m_told = 0;
    rusage m_counted{};
};

} // namespace

class TestProcessUsage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void burntTimeIsCountedFinely()
    {
        // 123 ms: not a multiple of the kernel's 10 ms steps.
        Burner burner(0.123, 0, false);
        QVERIFY(burner.isReady());
        const double used = subjects::groupUsage(burner.pid()).cpuSeconds.value();
        QVERIFY2(used >= burner.told(), qPrintable(QString::number(used)));
        constexpr double Microsecond = 1e-6; // to which the kernel's sum is cut
        QVERIFY2(used <= burner.end() + Microsecond, qPrintable(QString::number(used)));
    }

    void allProcessesOfTheGroupCount()
    {
        Burner one(0.05, 0, false);
        const Burner two(0.05, 0, true);
        QVERIFY(one.isReady() && two.isReady());
        const double used = subjects::groupUsage(two.pid()).cpuSeconds.value();
        QVERIFY2(used >= two.told(), qPrintable(QString::number(used)));
        // And no process of another group.
        const double usedByOne = subjects::groupUsage(one.pid()).cpuSeconds.value();
        QVERIFY(usedByOne >= one.told() && usedByOne <= one.end() + 1e-6);
    }

    void heldMemoryIsCounted()
    {
        const Burner small(0, 0, false);
        const Burner large(0, 50 * Megabyte, false);
        QVERIFY(small.isReady() && large.isReady());
        const subjects::Usage less = subjects::groupUsage(small.pid());
        const subjects::Usage more = subjects::groupUsage(large.pid());
        QVERIFY(more.rssBytes.value() - less.rssBytes.value() >= std::int64_t(49 * Megabyte));
        QVERIFY(more.pssBytes.value() - less.pssBytes.value() >= std::int64_t(49 * Megabyte));
        // Shared pages count in part only.
        QVERIFY(more.pssBytes.value() < more.rssBytes.value());
    }

    void whoHasEndedUsesNothingKnown()
    {
        const pid_t process = ::fork();
        if (process == 0) {
            ::setpgid(0, 0);
            ::_exit(0);
        }
        siginfo_t info{};
        QCOMPARE(::waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT), 0);
        const subjects::Usage usage = subjects::groupUsage(process); // a zombie
        QVERIFY(!usage.cpuSeconds && !usage.rssBytes && !usage.pssBytes);
        ::waitpid(process, nullptr, 0);
    }
};

QTEST_GUILESS_MAIN(TestProcessUsage)
#include "tst_process_usage.moc"
