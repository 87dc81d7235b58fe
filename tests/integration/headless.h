// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "integration/proxy_fixture.h"
#include <QProcess>

namespace weir::test {

/// For a program to start or end, on a busy machine.
inline constexpr int StartMaxMs = 20'000;

/// weir-headless in front of the simulated provider of `provider`.
class Headless
{
public:
    /// `shellBefore` is what the shell does first, `options` are of the program.
    explicit Headless(const ProxyFixture &provider, const QString &shellBefore = {},
                      const QString &options = {})
    {
        const QString base = QString::fromStdString(provider.host.config().providers.front().anthropicBase);
        const QString command =
            shellBefore +
            QStringLiteral("exec '" WEIR_BIN "/weir-headless' --port 0 --set route.anthropic=sim "
                           "--set provider.sim.anthropic_base=") +
            base + QLatin1Char(' ') + options;
        process.start(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), command});
        QByteArray line;
        while (!line.endsWith('\n') && process.waitForReadyRead(StartMaxMs))
            line += process.readAllStandardOutput();
        port = line.mid(line.lastIndexOf(':') + 1).trimmed().toUShort();
    }

    QProcess process;
    quint16 port = 0;
};

} // namespace weir::test
