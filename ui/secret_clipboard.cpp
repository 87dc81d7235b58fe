// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/secret_clipboard.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMimeData>
#include <QPointer>
#include <QTimer>

namespace weir::ui::secret_clipboard {

namespace {

constexpr QLatin1String Mark("x-kde-passwordManagerHint");
/// What was put there last; the clipboard deletes it when something else comes.
QPointer<QMimeData> g_copied;

} // namespace

void copy(const QString &secret)
{
    auto *data = new QMimeData; // the clipboard's from now on
    data->setText(secret);
    data->setData(Mark, QByteArrayLiteral("secret"));
    g_copied = data;
    QGuiApplication::clipboard()->setMimeData(data);
}

bool holdsSecret()
{
    return g_copied && QGuiApplication::clipboard()->mimeData()->hasFormat(Mark);
}

void clearLater()
{
    QTimer::singleShot(ClearAfterMs, qGuiApp, [] {
        if (holdsSecret())
            QGuiApplication::clipboard()->clear();
    });
}

} // namespace weir::ui::secret_clipboard
