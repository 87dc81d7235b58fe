// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/stop_flag.h"

#include <csignal>

namespace weir::bench {

namespace {

volatile std::sig_atomic_t raised = 0;

void onSignal(int signal)
{
    if (raised != 0) { // asked twice
        std::signal(signal, SIG_DFL);
        std::raise(signal);
    }
    raised = 1;
}

} // namespace

StopFlag::StopFlag()
{
    raised = 0;
    std::signal(SIGINT, onSignal);
    std::signal(SIGTERM, onSignal);
}

StopFlag::~StopFlag()
{
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

bool StopFlag::isRaised()
{
    return raised != 0;
}

} // namespace weir::bench
