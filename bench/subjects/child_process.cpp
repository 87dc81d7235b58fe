// SPDX-License-Identifier: GPL-3.0-or-later
#include "subjects/child_process.h"

#include "subjects/process_usage.h"
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sstream>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weir::subjects {

namespace {

/// Of the last printed line, where a sentence quotes it.
constexpr std::size_t QuoteMax = 300;

/// Null-terminated, as exec wants it; borrowed from `texts`.
std::vector<char *> pointers(std::vector<std::string> &texts)
{
    std::vector<char *> result;
    for (std::string &text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

/// Between fork and exec: nothing but system calls, as other threads may have held any lock.
[[noreturn]] void becomeProgram(const char *program, char *const *arguments, char *const *environment,
                                int deathSignal, pid_t parent, int output, int errorEnd)
{
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, deathSignal);
    if (::getppid() != parent)
        ::_exit(EXIT_FAILURE); // it ended before the line above
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGCHLD})
        ::signal(signal, SIG_DFL);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    // Nothing of the tool's, nor of whoever started the tool, is the program's business.
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    ::execve(program, arguments, environment);
    const int problem = errno;
    [[maybe_unused]] const auto written = ::write(errorEnd, &problem, sizeof problem);
    ::_exit(EXIT_FAILURE);
}

/// By number: the header of glibc 2.36 declares pidfd_open as a C++ function, which there is not.
int openPidDescriptor(pid_t pid)
{
    return int(::syscall(SYS_pidfd_open, pid, 0));
}

std::string lastLine(const std::string &output)
{
    const std::size_t last = output.find_last_not_of(" \r\n");
    if (last == std::string::npos)
        return {};
    const std::size_t before = output.find_last_of('\n', last);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    return output.substr(begin, std::min(last + 1 - begin, QuoteMax));
}

} // namespace

base::Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const Launch &launch)
{
    std::vector<std::string> arguments{launch.program};
    arguments.insert(arguments.end(), launch.arguments.begin(), launch.arguments.end());
    std::vector<std::string> environment = launch.environment;
    const std::vector<char *> argumentPointers = pointers(arguments);
    const std::vector<char *> environmentPointers = pointers(environment);

    std::array<int, 2> output{};
    std::array<int, 2> problem{};
    if (::pipe2(output.data(), O_CLOEXEC) != 0)
        return base::unexpected(base::Errc::Internal,
                                launch.name + " cannot be started: " + std::strerror(errno));
    if (::pipe2(problem.data(), O_CLOEXEC) != 0) {
        const int number = errno;
        ::close(output[0]);
        ::close(output[1]);
        return base::unexpected(base::Errc::Internal,
                                launch.name + " cannot be started: " + std::strerror(number));
    }
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0)
        becomeProgram(launch.program.c_str(), argumentPointers.data(), environmentPointers.data(),
                      launch.deathSignal, parent, output[1], problem[1]);
    int number = pid < 0 ? errno : 0;
    ::close(output[1]);
    ::close(problem[1]);
    // Ends without a byte when exec closes the other end.
    while (pid > 0 && ::read(problem[0], &number, sizeof number) < 0 && errno == EINTR) {
    }
    ::close(problem[0]);
    if (number != 0) {
        ::close(output[0]);
        if (pid > 0)
            ::waitpid(pid, nullptr, 0);
        return base::unexpected(base::Errc::Internal, launch.name + " cannot be started: " + launch.program +
                                                          ": " + std::strerror(number));
    }
    return std::unique_ptr<ChildProcess>(new ChildProcess(launch.name, pid, output[0]));
}

base::Result<std::string> ChildProcess::run(const Launch &launch, Milliseconds deadline)
{
    auto child = start(launch);
    if (!child)
        return base::Unexpected{child.error()};
    if (!(*child)->waitForEnd(deadline))
        return base::unexpected(base::Errc::Internal, launch.name + " has not ended after " +
                                                          std::to_string(deadline.count()) + " ms");
    (*child)->stop(); // what it printed last has been read then
    if ((*child)->m_end->bySignal || (*child)->m_end->number != 0)
        return base::unexpected(base::Errc::Internal, (*child)->troubles());
    return (*child)->output();
}

ChildProcess::ChildProcess(std::string name, pid_t pid, int output)
    : m_name(std::move(name))
    , m_pid(pid)
    , m_outputEnd(output)
    , m_pidDescriptor(openPidDescriptor(pid))
    , m_wake(::eventfd(0, EFD_CLOEXEC))
    , m_watcher([this] { watch(); })
{
}

ChildProcess::~ChildProcess()
{
    stop();
    ::close(m_outputEnd);
    ::close(m_pidDescriptor);
    ::close(m_wake);
}

void ChildProcess::watch()
{
    enum : std::size_t
    {
        Output,
        Process,
        Wake
    };
    std::array<pollfd, 3> watched{pollfd{m_outputEnd, POLLIN, 0}, pollfd{m_pidDescriptor, POLLIN, 0},
                                  pollfd{m_wake, POLLIN, 0}};
    while (true) {
        if (::poll(watched.data(), watched.size(), -1) < 0)
            continue; // a signal
        if (watched[Output].revents != 0) {
            std::array<char, 4096> bytes;
            const ssize_t count = ::read(m_outputEnd, bytes.data(), bytes.size());
            if (count > 0) {
                const std::lock_guard lock(m_mutex);
                m_output.append(bytes.data(), std::size_t(count));
                if (m_output.size() > OutputMax)
                    m_output.erase(0, m_output.size() - OutputMax);
            } else if (count == 0) {
                watched[Output].fd = -1;
            }
            m_changed.notify_all();
            continue; // all it has printed, before its end is told or the watching ends
        }
        if (watched[Process].revents != 0) {
            noteEnd();
            watched[Process].fd = -1;
        }
        if (watched[Wake].revents != 0)
            return;
    }
}

void ChildProcess::noteEnd()
{
    siginfo_t info{};
    // It stays a zombie until stop(), so that nobody else gets its number, which is its group's as well.
    if (::waitid(P_PID, id_t(m_pid), &info, WEXITED | WNOWAIT) != 0)
        return;
    const std::chrono::duration<double> life = std::chrono::steady_clock::now() - m_started;
    {
        const std::lock_guard lock(m_mutex);
        m_end = End{info.si_code != CLD_EXITED, info.si_status, life.count()};
    }
    m_changed.notify_all();
}

std::string ChildProcess::output() const
{
    const std::lock_guard lock(m_mutex);
    return m_output;
}

std::string ChildProcess::waitForOutput(const std::function<bool(const std::string &)> &accept,
                                        Milliseconds deadline)
{
    bool isAccepted = false;
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait_for(lock, deadline, [&] {
            isAccepted = accept(m_output);
            return isAccepted || m_end;
        });
    }
    if (isAccepted)
        return {};
    const std::string why = troubles();
    return why.empty() ? m_name + " is not ready after " + std::to_string(deadline.count()) + " ms" : why;
}

bool ChildProcess::waitForEnd(Milliseconds deadline)
{
    std::unique_lock lock(m_mutex);
    return m_changed.wait_for(lock, deadline, [this] { return m_end.has_value(); });
}

std::string ChildProcess::troubles() const
{
    const std::lock_guard lock(m_mutex);
    if (!m_end)
        return {};
    std::array<char, 32> seconds{};
    std::snprintf(seconds.data(), seconds.size(), "%.1f", m_end->seconds);
    const std::string quote = lastLine(m_output);
    return m_name + " ended with " + (m_end->bySignal ? "signal " : "status ") +
           std::to_string(m_end->number) + " after " + seconds.data() + " s" +
           (quote.empty() ? "" : ": " + quote);
}

Usage ChildProcess::usage() const
{
    return groupUsage(m_pid);
}

void ChildProcess::terminate()
{
    if (m_watcher.joinable())
        ::kill(-m_pid, SIGTERM);
}

void ChildProcess::stop()
{
    if (!m_watcher.joinable())
        return; // done before
    terminate();
    waitForEnd(StopDeadline);
    // Also what it has left behind: a master that was killed leaves its workers.
    ::kill(-m_pid, SIGKILL);
    siginfo_t info{};
    while (::waitid(P_PID, id_t(m_pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(m_wake, &one, sizeof one);
    m_watcher.join();
    if (!m_end)
        noteEnd();
    ::waitpid(m_pid, nullptr, 0);
}

std::vector<std::string> cleanEnvironment(const std::string &home)
{
    std::vector<std::string> result{"HOME=" + home, "TMPDIR=" + home, "LC_ALL=C.UTF-8"};
    for (const char *name :
         {"PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
        if (const char *value = std::getenv(name))
            result.push_back(std::string(name) + '=' + value);
    }
    return result;
}

std::string findProgram(const std::string &name)
{
    const char *path = std::getenv("PATH");
    std::istringstream folders(std::string(path ? path : "") + ":/usr/sbin:/usr/local/sbin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        const std::string file = folder + '/' + name;
        if (!folder.empty() && ::access(file.c_str(), X_OK) == 0)
            return file;
    }
    return {};
}

} // namespace weir::subjects
