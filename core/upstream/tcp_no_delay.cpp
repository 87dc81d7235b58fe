// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/tcp_no_delay.h"

#include <cstdlib>
#include <dirent.h>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace weir::upstream {

namespace {

void disableNagle(int descriptor)
{
    int value = 0;
    socklen_t size = sizeof value;
    // Fails for whatever is not a TCP socket, and that is the whole test.
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &value, &size) != 0 || value != 0)
        return;
    value = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &value, sizeof value);
}

} // namespace

void disableNagleEverywhere()
{
    const auto close = [](DIR *folder) { ::closedir(folder); };
    const std::unique_ptr<DIR, decltype(close)> folder(::opendir("/proc/self/fd"), close);
    if (!folder)
        return;
    while (const dirent *entry =
               ::readdir(folder.get())) { // NOLINT(concurrency-mt-unsafe): the stream is ours
        char *end = nullptr;
        const long descriptor = std::strtol(entry->d_name, &end, 10);
        if (end != entry->d_name && *end == '\0')
            disableNagle(int(descriptor));
    }
}

} // namespace weir::upstream
