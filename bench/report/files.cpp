// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/files.h"
#include "report/json.h"
#include <memory>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

namespace weir::report {

base::Result<Report> readReport(const QString &fileName)
{
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly))
        return base::unexpected(base::Errc::FileUnreadable,
                                (fileName + QStringLiteral(": ") + file.errorString()).toStdString());
    // One byte more than is allowed tells a file that is too large, and ends with a device that has no end.
    base::Result<Report> report = fromJson(file.read(JsonBytesMax + 1));
    if (!report)
        return base::unexpected(base::Errc::FileUnreadable,
                                fileName.toStdString() + ": " + report.error().detail);
    return report;
}

std::optional<std::string> writeFile(const QString &fileName, const QByteArray &content)
{
    const QFileInfo info(fileName);
    const bool isDevice = info.exists() && !info.isFile() && !info.isDir();
    std::unique_ptr<QFileDevice> file;
    if (isDevice)
        file = std::make_unique<QFile>(fileName);
    else
        file = std::make_unique<QSaveFile>(fileName);
    bool isWritten = file->open(QIODevice::WriteOnly) && file->write(content) == content.size();
    if (isWritten)
        isWritten = isDevice ? file->flush() : static_cast<QSaveFile &>(*file).commit();
    if (!isWritten)
        return (QStringLiteral("cannot write ") + fileName + QStringLiteral(": ") + file->errorString())
            .toStdString();
    return std::nullopt;
}

} // namespace weir::report
