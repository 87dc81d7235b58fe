// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QProcess>
#include <QStringList>
#include <QTest>

namespace weir::test {

/// How a program has ended, and what it has printed.
struct Outcome
{
    int exitCode = -1;
    QByteArray out;
    QByteArray err;
};

/// `weir-headless …`, which has no chance to end before a proxy in this thread has answered it.
inline Outcome runHeadless(const QStringList &arguments)
{
    constexpr int EndMaxMs = 20'000;
    QProcess process;
    process.start(QStringLiteral(WEIR_BIN "/weir-headless"), arguments);
    const bool ended = QTest::qWaitFor([&] { return process.state() == QProcess::NotRunning; }, EndMaxMs);
    if (!ended || process.exitStatus() != QProcess::NormalExit)
        return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

} // namespace weir::test
