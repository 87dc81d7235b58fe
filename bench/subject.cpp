// SPDX-License-Identifier: GPL-3.0-or-later
#include "subject.h"
#include <QCoreApplication>
#include <QFile>
#include <QProcessEnvironment>
#include <QRegularExpression>
#include <unistd.h>

namespace weir::bench {

namespace {

constexpr int StartMs = 10'000;
constexpr int StopMs = 12'000;

} // namespace

Subject::Subject() = default;

Subject::~Subject()
{
    for (const auto &process : m_processes)
        process->terminate();
    for (const auto &process : m_processes) {
        if (!process->waitForFinished(StopMs))
            process->kill();
    }
}

base::Result<std::uint16_t> Subject::launch(const QString &program, const QStringList &arguments)
{
    auto process = std::make_unique<QProcess>();
    QProcessEnvironment environment;
    environment.insert(QStringLiteral("HOME"), m_folder.path());
    process->setProcessEnvironment(environment);
    process->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process->start(program, arguments);
    QByteArray line;
    while (!line.contains('\n')) {
        if (!process->waitForReadyRead(StartMs))
            return base::unexpected(base::Errc::Internal, program.toStdString() + " did not start: " +
                                                              process->errorString().toStdString());
        line += process->readAllStandardOutput();
    }
    m_processes.push_back(std::move(process));
    static const QRegularExpression port(QStringLiteral(":(\\d+)\\s"));
    const auto match = port.match(QString::fromUtf8(line));
    return std::uint16_t(match.captured(1).toUInt());
}

base::Result<void> Subject::start(const QString &weirHeadless)
{
    const QString self = QCoreApplication::applicationFilePath();
    const QString certificate = m_folder.filePath(QStringLiteral("ca.pem"));
    const auto direct = launch(self, {QStringLiteral("simulate")});
    if (!direct)
        return base::Unexpected{direct.error()};
    const auto upstream = launch(self, {QStringLiteral("simulate"), QStringLiteral("--tls"),
                                        QStringLiteral("--cert-out"), certificate});
    if (!upstream)
        return base::Unexpected{upstream.error()};
    const QString origin = QStringLiteral("https://127.0.0.1:%1").arg(*upstream);
    const auto set = [](const QString &assignment) {
        return QStringList{QStringLiteral("--set"), assignment};
    };
    const auto weir =
        launch(weirHeadless, QStringList{QStringLiteral("--port"), QStringLiteral("0")} +
                                 set(QStringLiteral("provider.sim.anthropic_base=") + origin) +
                                 set(QStringLiteral("provider.sim.openai_base=%1/v1").arg(origin)) +
                                 set(QStringLiteral("provider.sim.ca_file=") + certificate) +
                                 set(QStringLiteral("route.anthropic=sim")) +
                                 set(QStringLiteral("route.openai=sim")));
    if (!weir)
        return base::Unexpected{weir.error()};
    m_directPort = *direct;
    m_weirPort = *weir;
    return {};
}

double Subject::weirCpuSeconds() const
{
    QFile file(QStringLiteral("/proc/%1/stat").arg(m_processes.back()->processId()));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    // proc(5): utime and stime are the fields 14 and 15; the name in field 2 may hold blanks, so count from
    // its end.
    const QByteArray text = file.readAll();
    const QList<QByteArray> fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    return double(fields.value(11).toLongLong() + fields.value(12).toLongLong()) /
           double(::sysconf(_SC_CLK_TCK));
}

std::int64_t Subject::weirRssBytes() const
{
    QFile file(QStringLiteral("/proc/%1/statm").arg(m_processes.back()->processId()));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').value(1).toLongLong() * ::sysconf(_SC_PAGESIZE);
}

} // namespace weir::bench
