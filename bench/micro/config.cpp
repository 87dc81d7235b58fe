// SPDX-License-Identifier: GPL-3.0-or-later
#include "micro/builtin_config.h"
#include "micro/cases.h"

namespace weir::micro {

namespace {

constexpr const char *UsualFile = R"([listen]
port = 8484
connections_max = 512

[timeouts]
first_byte_ms = 900000

[pool]
min = 4
max = 16

[route]
openai = "local"

[[provider]]
name = "local"
openai_base = "http://127.0.0.1:11434/v1"
auth = "none"

[[provider]]
name = "zai"
openai_base = "https://api.z.ai/api/paas/v4"
)";

void load(benchmark::State &state, const config::Sources &sources)
{
    for (auto _ : state) {
        const config::Loaded loaded = config::load(sources);
        if (!loaded.config) {
            state.SkipWithError("the configuration was refused");
            return;
        }
    }
}

} // namespace

void addConfigCases(Cases &cases)
{
    cases.push_back(
        {"config", "load the defaults", [](benchmark::State &state) { load(state, builtInSources()); }});
    cases.push_back({"config", "load a file of 20 lines", [](benchmark::State &state) {
                         config::Sources sources = builtInSources();
                         sources.fileName = "weir.toml";
                         sources.fileText = UsualFile;
                         sources.environment = {{"WEIR_PORT", "8585"}};
                         load(state, sources);
                     }});
}

} // namespace weir::micro
