// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/open_file.h"

#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QUrl>

namespace weir::ui {

QString openFile(const QString &path)
{
    const auto tr = [](const char *text) { return QCoreApplication::translate("openFile", text); };
    if (QDesktopServices::openUrl(QUrl::fromLocalFile(path)))
        return tr("The file is being opened. Save it, then start Weir again or have it read again.");
    QApplication::clipboard()->setText(path);
    return tr("This desktop has no program for this file. Its path has been copied: open it in an editor.");
}

} // namespace weir::ui
