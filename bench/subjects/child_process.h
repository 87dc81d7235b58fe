// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "subjects/subject.h"
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace weir::subjects {

struct Launch
{
    std::string name;    ///< for sentences: "nginx"
    std::string program; ///< a path; not searched for
    std::vector<std::string> arguments;
    std::vector<std::string> environment; ///< "NAME=value", the whole of it
    /// Sent to it when the starting thread ends, however that comes about. A program whose own children have
    /// to go with it needs one that it can act on (SIGTERM).
    int deathSignal = SIGKILL;
};

/// A program that the tool has started and that does not outlive it. In a process group of its own, so that
/// Ctrl-C reaches only the tool and everything that the program starts can be ended and counted with it.
/// Standard input is empty; what it prints, on both channels, is read all the time (a full pipe would stop
/// it) and the last OutputMax bytes are kept. To be used from one thread; that thread must live on
/// (deathSignal).
class ChildProcess
{
public:
    using Milliseconds = std::chrono::milliseconds;
    using ShouldStop = std::function<bool()>;

    static constexpr std::size_t OutputMax = 16 * 1024;
    /// From SIGTERM to SIGKILL.
    static constexpr Milliseconds StopDeadline{3000};

    /// Returns when the program runs; fails with a sentence if it cannot be run.
    static base::Result<std::unique_ptr<ChildProcess>> start(const Launch &launch);
    /// Runs it to its end; what it printed, or why that failed: not started, a status other than 0, or still
    /// running after `deadline` (it is killed then).
    static base::Result<std::string> run(const Launch &launch, Milliseconds deadline);
    /// stop().
    ~ChildProcess();
    ChildProcess(const ChildProcess &) = delete;
    ChildProcess &operator=(const ChildProcess &) = delete;

    pid_t pid() const { return m_pid; }
    std::string output() const;

    /// Waits until `accept` likes what it has printed. Empty then; else why not, as troubles() says it or
    /// that `deadline` has passed.
    std::string waitForOutput(const std::function<bool(const std::string &)> &accept, Milliseconds deadline);
    /// Whether it has ended within `deadline`.
    bool waitForEnd(Milliseconds deadline);

    /// Empty while it runs; else "nginx ended with signal 9 after 1.2 s", with the last line it printed.
    std::string troubles() const;
    /// Of it and everything in its group.
    Usage usage() const;

    /// Asks it to end, without waiting: several end at the same time so.
    void terminate();
    /// Asks it to end, waits StopDeadline, kills what is left of its group. Returns when it is gone.
    void stop();

private:
    struct End
    {
        bool bySignal = false;
        int number = 0;     ///< of the signal, or the exit status
        double seconds = 0; ///< since the start
    };

    ChildProcess(std::string name, pid_t pid, int output);
    void watch();
    void noteEnd();

    const std::string m_name;
    const pid_t m_pid;
    const std::chrono::steady_clock::time_point m_started = std::chrono::steady_clock::now();
    const int m_outputEnd;      // of the pipe that it prints to
    const int m_pidDescriptor;  // readable when it has ended
    const int m_wake;           // ends the watcher
    mutable std::mutex m_mutex; // of the two below
    std::string m_output;
    std::optional<End> m_end;
    std::condition_variable m_changed;
    std::thread m_watcher;
};

/// The environment of a program that must not see the user's: `home` as home and temporary folder, and of the
/// tool's own only what finding libraries and sanitizers takes.
std::vector<std::string> cleanEnvironment(const std::string &home);

/// Where a program is; "" if it is not installed. Looks in PATH and where Debian has its servers.
std::string findProgram(const std::string &name);

} // namespace weir::subjects
