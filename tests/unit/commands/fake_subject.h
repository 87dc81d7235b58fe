// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "commands/figures.h"

/// A subject that is what the test says.
class FakeSubject : public weir::subjects::Subject
{
public:
    const std::string &name() const override { return m_name; }
    const std::string &host() const override { return m_host; }
    std::uint16_t port() const override { return 8080; }
    const std::string &basePath() const override { return m_basePath; }
    const std::vector<std::pair<std::string, std::string>> &headers() const override { return m_headers; }
    const std::string &version() const override { return m_version; }
    weir::subjects::Usage usage() const override { return {}; }
    std::string troubles() override { return m_troubles; }

    std::string m_name = "weir";
    std::string m_host = "127.0.0.1";
    std::string m_basePath;
    std::vector<std::pair<std::string, std::string>> m_headers;
    std::string m_version;
    std::string m_troubles;
};
