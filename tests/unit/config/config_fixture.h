// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config_source.h"
#include <QStringList>
#include <string>
#include <vector>

namespace weir::test {

/// A file that sets every setting, each to something that is not its default where that is allowed.
inline const char *const WholeFile = R"(default_model = "glm-4.6"
[listen]
address = "::1"
port = 9000
allow_remote = false
allow_hosts = []
allow_origins = ["http://tauri.localhost"]
connections_max = 10
[limits]
exchanges_max = 11
body_max = 12000
body_hold = 1300
memory_budget = 14000
[timeouts]
head_ms = 101
body_idle_ms = 102
body_ms = 109
body_rate = 110
keepalive_ms = 103
write_stall_ms = 104
connect_ms = 105
first_byte_ms = 106
idle_ms = 107
[pool]
min = 3
max = 4
max_http1 = 7
warm = true
health_s = 6
queue_max = 5
queue_wait_ms = 108
[route]
anthropic = "zai"
openai = "local"
[profiling]
enabled = false
keep = 14
[upstream]
use_system_proxy = true
[[provider]]
name = "local"
openai_base = "http://127.0.0.1:11434/v1"
auth = "none"
ca_file = "/etc/ca.pem"
transport = "qnam"
[[provider]]
name = "lan"
anthropic_base = "http://10.0.0.2"
allow_plain_http = true
[[alias]]
match = "claude-*"
model = "glm-4.6"
provider = "zai"
[[alias]]
match = "fast"
model = "qwen"
)";

inline config::Sources builtIns()
{
    config::Sources sources;
    sources.builtIns = {{"zai", "https://api.z.ai/v4", "https://api.z.ai/anthropic", "ZAI_API_BASE"},
                        {"anthropic", "", "https://api.anthropic.com", "ANTHROPIC_API_BASE"},
                        {"openai", "https://api.openai.com/v1", "", "OPENAI_API_BASE"}};
    sources.fileName = "weir.toml";
    return sources;
}

inline config::Assignment given(const std::string &key, const std::string &text)
{
    return {"--set " + key, key, text};
}

/// "where: what" lines, for comparing.
inline QString told(const std::vector<config::Problem> &problems)
{
    QStringList lines;
    for (const config::Problem &problem : problems)
        lines += QString::fromStdString(problem.where + ": " + problem.what);
    return lines.join(QLatin1Char('\n'));
}

} // namespace weir::test
