// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/open_files.h"

#include "engine/descriptors.h"
#include <algorithm>
#include <limits>
#include <sys/resource.h>

namespace weir::app {

QStringList raiseOpenFiles(const config::Config &config)
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit); // up to the hard one everybody may
    const auto most = std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<int>::max());
    const auto notice = engine::descriptorNotice(config, std::int64_t(most));
    return notice ? QStringList{QString::fromStdString(*notice)} : QStringList();
}

} // namespace weir::app
