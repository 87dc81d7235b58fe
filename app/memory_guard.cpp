// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/memory_guard.h"

#include "config/config.h"
#include <algorithm>
#include <sys/prctl.h>

namespace weir::app {

void guardMemory()
{
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // cannot fail with these arguments
}

void guardMemory(const config::Config &config)
{
    if (std::any_of(config.providers.begin(), config.providers.end(),
                    [](const config::Provider &provider) { return provider.auth == config::Auth::Stored; }))
        guardMemory();
}

} // namespace weir::app
