// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/generator_thread.h"
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <sys/prctl.h>
#include <thread>

namespace weir::load {

namespace {

constexpr std::chrono::milliseconds PollEvery(50);

} // namespace

void runInThread(const Control &control, const std::function<void(Reins &)> &generate)
{
    Reins reins;
    std::mutex mutex;
    std::condition_variable ended;
    bool hasEnded = false;
    std::thread thread([&] {
        // By default the kernel may wake a thread 50 µs late, as long as a whole request takes.
        ::prctl(PR_SET_TIMERSLACK, 1UL);
        generate(reins);
        const std::lock_guard lock(mutex);
        hasEnded = true;
        ended.notify_one();
    });
    for (std::unique_lock lock(mutex); !ended.wait_for(lock, PollEvery, [&] { return hasEnded; });) {
        lock.unlock();
        if (control.progress)
            control.progress(reins.share());
        if (control.shouldStop && control.shouldStop())
            reins.stop();
        lock.lock();
    }
    thread.join();
    if (control.progress)
        control.progress(1);
}

} // namespace weir::load
