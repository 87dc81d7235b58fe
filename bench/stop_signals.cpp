// SPDX-License-Identifier: GPL-3.0-or-later
#include "stop_signals.h"

#include <csignal>
#include <QSocketNotifier>
#include <unistd.h>

namespace weir::bench {

namespace {

// A signal handler may do next to nothing; it wakes the event loop through a pipe.
volatile std::sig_atomic_t writeEnd = -1;

void onSignal(int)
{
    const char byte = 0;
    // If it fails, the pipe is full: the event loop has been woken already.
    [[maybe_unused]] const auto written = ::write(int(writeEnd), &byte, 1);
}

} // namespace

StopSignals::StopSignals()
{
    if (::pipe(m_pipe.data()) != 0)
        return; // the signals end the program at once then
    writeEnd = m_pipe[1];
    m_notifier = std::make_unique<QSocketNotifier>(m_pipe[0], QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] {
        m_notifier->setEnabled(false);
        Q_EMIT received();
    });
    std::signal(SIGTERM, onSignal);
    std::signal(SIGINT, onSignal);
}

StopSignals::~StopSignals()
{
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGINT, SIG_DFL);
    m_notifier.reset();
    for (const int end : m_pipe) {
        if (end >= 0)
            ::close(end);
    }
}

} // namespace weir::bench
