// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "integration/kept_usage.h"
#include "integration/proxy_fixture.h"
#include <functional>
#include <memory>
#include <QProcess>
#include <QTemporaryDir>

namespace weir::test {

inline constexpr int ProgramWaitMs = 20'000;
inline const QString Program = QStringLiteral(WEIR_BIN "/weir-headless");
inline const QByteArray Small = R"({"model":"sim-ok","max_tokens":5,"messages":[]})";

struct Outcome
{
    int exitCode = -1;
    QByteArray out;
    QByteArray err;
};

inline Outcome run(const QString &program, const QStringList &arguments, const QByteArray &input = {})
{
    QProcess process;
    process.start(program, arguments);
    process.write(input);
    process.closeWriteChannel();
    const bool ended =
        QTest::qWaitFor([&] { return process.state() == QProcess::NotRunning; }, ProgramWaitMs);
    if (!ended || process.exitStatus() != QProcess::NormalExit)
        return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

inline Outcome secret(const QStringList &arguments, const QByteArray &input = {})
{
    return run(Program, QStringList{QStringLiteral("secret")} + arguments, input);
}

/// weir-headless in front of the simulated provider of `provider`; what it says is in a file.
class Headless
{
public:
    Headless(const ProxyFixture &provider, const QString &log, bool isStored = true,
             const std::function<void()> &inTheChild = {})
    {
        process.setChildProcessModifier(inTheChild);
        const QString base = QString::fromStdString(provider.host.config().providers.front().anthropicBase);
        const QString of = QStringLiteral("provider.sim.");
        process.setStandardErrorFile(log, QIODevice::Append);
        process.start(Program, {QStringLiteral("--port"), QStringLiteral("0"), QStringLiteral("--set"),
                                of + QStringLiteral("anthropic_base=") + base, QStringLiteral("--set"),
                                of + QStringLiteral("openai_base=") + base + QStringLiteral("/v1"),
                                QStringLiteral("--set"),
                                of + (isStored ? QStringLiteral("auth=stored") : QStringLiteral("auth=none")),
                                QStringLiteral("--set"), QStringLiteral("route.anthropic=sim"),
                                QStringLiteral("--set"), QStringLiteral("route.openai=sim")});
        QByteArray line;
        while (!line.endsWith('\n') && process.waitForReadyRead(ProgramWaitMs))
            line += process.readAllStandardOutput();
        port = line.mid(line.lastIndexOf(':') + 1).trimmed().toUShort();
    }
    ~Headless()
    {
        process.kill();
        process.waitForFinished(ProgramWaitMs);
    }
    bool stop()
    {
        process.terminate();
        return QTest::qWaitFor([&] { return process.state() == QProcess::NotRunning; }, ProgramWaitMs);
    }

    QProcess process;
    quint16 port = 0;
};

inline QByteArray ask(quint16 port, const QByteArray &key, const QByteArray &body = Small,
                      const QByteArray &path = "/v1/messages")
{
    RawClient client(port);
    client.send("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" +
                "x-api-key: " + key + "\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" +
                body);
    return client.takeResponse();
}

/// Folders of a test's own for all that the program keeps, no session bus, and a simulated provider.
struct SecretHome
{
    SecretHome()
    {
        for (const char *variable : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "HOME"})
            qputenv(variable, QFile::encodeName(folder.path()));
        // Nobody's own keychain is touched.
        qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    }
    QString log() const { return folder.filePath(QStringLiteral("log")); }

    QTemporaryDir folder;
    KeptUsage kept;
    ProxyFixture provider;
};

} // namespace weir::test
