// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/demo_session.h"

namespace weir::app {

base::Result<void> DemoSession::start(const config::Config &config, int port)
{
    auto simulated = m_demo.start(config, port);
    if (!simulated)
        return base::Unexpected{simulated.error()};
    connect(&m_host, &engine::EngineHost::started, &m_demo, &Demo::startTraffic);
    connect(&m_host, &engine::EngineHost::failed, this, &DemoSession::failed);
    m_host.start(std::make_shared<const config::Config>(std::move(*simulated)));
    return {};
}

} // namespace weir::app
