// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "subjects/child_process.h"
#include "subjects/subject.h"

namespace weir::subjects {

/// A subject that the tool has started itself, on a port of 127.0.0.1.
class RunningProgram : public Subject
{
public:
    RunningProgram(std::string name, std::string version, std::uint16_t port,
                   std::unique_ptr<ChildProcess> process)
        : m_name(std::move(name)), m_version(std::move(version)), m_port(port), m_process(std::move(process))
    {
    }

    const std::string &name() const override { return m_name; }
    const std::string &host() const override { return m_host; }
    std::uint16_t port() const override { return m_port; }
    const std::string &basePath() const override { return m_basePath; }
    const std::vector<std::pair<std::string, std::string>> &headers() const override { return m_headers; }
    const std::string &version() const override { return m_version; }
    Usage usage() const override { return m_process->usage(); }
    std::string troubles() override { return m_process->troubles(); }

    ChildProcess &process() { return *m_process; }

private:
    const std::string m_name;
    const std::string m_host = "127.0.0.1";
    const std::string m_basePath;
    const std::vector<std::pair<std::string, std::string>> m_headers;
    const std::string m_version;
    const std::uint16_t m_port;
    const std::unique_ptr<ChildProcess> m_process;
};

} // namespace weir::subjects
