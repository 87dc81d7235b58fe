// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/signal_watcher.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::app {

namespace {

constexpr std::array Watched{SIGTERM, SIGINT, SIGHUP};

// A signal handler may touch little more than this: [0] is written by it, [1] watched by the event loop.
int g_sockets[2] = {-1, -1};

void onSignal(int number)
{
    const int savedErrno = errno; // of whatever the signal interrupted
    const char byte = char(number);
    // Lost only if hundreds wait to be read already.
    [[maybe_unused]] const ssize_t written = ::write(g_sockets[0], &byte, 1);
    errno = savedErrno;
}

/// nohup(1) starts a program with SIGHUP ignored, and means it.
bool isToBeIgnored(int number)
{
    struct sigaction current = {};
    ::sigaction(number, nullptr, &current);
    return number == SIGHUP && current.sa_handler == SIG_IGN;
}

} // namespace

SignalWatcher::SignalWatcher(QObject *parent) : QObject(parent)
{
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, g_sockets) != 0)
        return; // the default action remains: the process ends
    m_notifier = new QSocketNotifier(g_sockets[1], QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, &SignalWatcher::readSignals);
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    for (const int number : Watched) {
        if (!isToBeIgnored(number))
            ::sigaction(number, &action, nullptr);
    }
}

SignalWatcher::~SignalWatcher()
{
    // Not the default action: everything is saved by now, and the exit code says so.
    for (const int number : Watched)
        std::signal(number, SIG_IGN);
    for (int &socket : g_sockets) {
        if (socket >= 0)
            ::close(socket);
        socket = -1;
    }
}

void SignalWatcher::readSignals()
{
    std::array<char, 64> numbers;
    const ssize_t count = ::read(g_sockets[1], numbers.data(), numbers.size());
    for (ssize_t at = 0; at < count; ++at)
        told(numbers[std::size_t(at)]);
}

void SignalWatcher::told(int signal)
{
    switch (signal) {
    case SIGTERM:
    case SIGINT:
    case SIGHUP: // the terminal has gone
        Q_EMIT terminationRequested();
        break;
    }
}

} // namespace weir::app
