// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <cstdint>
#include <memory>
#include <QProcess>
#include <QTemporaryDir>
#include <vector>

namespace weir::bench {

/// What a comparison is made of, each in a process of its own: the simulated provider in cleartext (for the
/// direct arm), the same over TLS and HTTP/2, and weir-headless in front of that. All end with this object.
class Subject
{
public:
    Subject();
    ~Subject();

    /// Starts all three; `weirHeadless` is the program's path.
    base::Result<void> start(const QString &weirHeadless);

    std::uint16_t directPort() const { return m_directPort; }
    std::uint16_t weirPort() const { return m_weirPort; }
    /// User and system time of weir-headless so far, in seconds.
    double weirCpuSeconds() const;
    /// Resident memory of weir-headless in bytes.
    std::int64_t weirRssBytes() const;

private:
    base::Result<std::uint16_t> launch(const QString &program, const QStringList &arguments);

    QTemporaryDir m_folder; // the programs' home: nothing of the user's is read or written
    std::vector<std::unique_ptr<QProcess>> m_processes;
    std::uint16_t m_directPort = 0;
    std::uint16_t m_weirPort = 0;
};

} // namespace weir::bench
