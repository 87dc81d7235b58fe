// SPDX-License-Identifier: GPL-3.0-or-later
#include "micro/builtin_config.h"

#include "llm/providers.h"

namespace weir::micro {

config::Sources builtInSources()
{
    config::Sources sources;
    for (const llm::BuiltInProvider &provider : llm::builtInProviders()) {
        sources.builtIns.push_back({std::string(provider.name), std::string(provider.openAiBase),
                                    std::string(provider.anthropicBase),
                                    std::string(provider.baseEnvironment)});
    }
    return sources;
}

} // namespace weir::micro
