// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/this_run.h"
#include "report/build_info.h"
#include <QDateTime>
#include <QFile>
#include <QRegularExpression>
#include <QSysInfo>
#include <thread>
#include <unistd.h>

namespace weir::report {

namespace {

constexpr qint64 CpuinfoBytesMax = 64 * 1024; // the first processor's entry is enough

std::string cpuName()
{
    QFile file(QStringLiteral("/proc/cpuinfo"));
    std::string name;
    if (file.open(QIODevice::ReadOnly))
        name = cpuModel(file.read(CpuinfoBytesMax).toStdString());
    return name.empty() ? QSysInfo::currentCpuArchitecture().toStdString() : name;
}

std::int64_t memoryBytes()
{
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long pageBytes = ::sysconf(_SC_PAGESIZE);
    return pages > 0 && pageBytes > 0 ? std::int64_t(pages) * pageBytes : 0;
}

QString withoutSecrets(QString argument, bool isHeader)
{
    if (isHeader) {
        const qsizetype colon = argument.indexOf(u':');
        return colon < 0 ? argument : argument.left(colon + 1) + QStringLiteral(" …");
    }
    static const QRegularExpression userInfo(QStringLiteral("://[^/@]*@"));
    return argument.replace(userInfo, QStringLiteral("://…@"));
}

QString quoted(QString argument)
{
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_@%+=:,./…-]+$"));
    if (plain.match(argument).hasMatch())
        return argument;
    argument.replace(QLatin1Char('\''), QStringLiteral("'\\''"));
    return QLatin1Char('\'') + argument + QLatin1Char('\'');
}

} // namespace

std::string cpuModel(std::string_view cpuinfo)
{
    constexpr std::string_view Key = "model name";
    std::size_t start = 0;
    while (start < cpuinfo.size()) {
        const std::size_t end = std::min(cpuinfo.find('\n', start), cpuinfo.size());
        const std::string_view line = cpuinfo.substr(start, end - start);
        const std::size_t colon = line.find(':');
        if (line.starts_with(Key) && colon != std::string_view::npos) {
            // Vendors pad the name with spaces.
            return QByteArray(line.substr(colon + 1).data(), qsizetype(line.size() - colon - 1))
                .simplified()
                .toStdString();
        }
        start = end + 1;
    }
    return {};
}

std::string commandLine(const QStringList &arguments)
{
    QStringList words;
    bool isHeader = false;
    for (const QString &argument : arguments) {
        if (words.isEmpty()) {
            words += quoted(argument.section(u'/', -1));
            continue;
        }
        const qsizetype equals = argument.startsWith(QLatin1String("--")) ? argument.indexOf(u'=') : -1;
        const QString option = argument.left(equals);
        if (equals > 0 && option.endsWith(QLatin1String("header")))
            words += quoted(argument.left(equals + 1) + withoutSecrets(argument.mid(equals + 1), true));
        else
            words += quoted(withoutSecrets(argument, isHeader));
        isHeader = equals < 0 && option.startsWith(u'-') && option.endsWith(QLatin1String("header"));
    }
    return words.join(u' ').toStdString();
}

Report describeRun(const QStringList &arguments)
{
    const BuildInfo build = buildInfo();
    Report report;
    report.command = commandLine(arguments);
    report.date = QDateTime::currentDateTimeUtc().toString(Qt::ISODate).toStdString();
    report.version = WEIR_VERSION;
    report.commit = build.commit;
    report.buildType = build.buildType;
    report.compiler = build.compiler;
    report.os = QSysInfo::prettyProductName().toStdString();
    report.kernel = QSysInfo::kernelVersion().toStdString();
    report.cpu = cpuName();
    report.threads = int(std::thread::hardware_concurrency());
    report.memoryBytes = memoryBytes();
    return report;
}

} // namespace weir::report
