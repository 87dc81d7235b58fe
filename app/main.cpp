// SPDX-License-Identifier: GPL-3.0-or-later
// weir: the desktop program.
#include "app/application.h"
#include "app/commands.h"
#include "app/memory_guard.h"
#include "app/open_files.h"
#include "app/single_instance.h"
#include <cstdio>
#include <QApplication>

using namespace weir;

int main(int argc, char *argv[])
{
    if (app::isCommand(argc > 1 ? argv[1] : nullptr)) {
        QCoreApplication application(argc, argv);
        return app::runCommand(QStringLiteral("weir"), QCoreApplication::arguments().mid(1));
    }
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("weir"));
    QApplication::setApplicationVersion(QStringLiteral(WEIR_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("weir"));
    // The window may be hidden in the tray; quitting is always said (Application::quit).
    QApplication::setQuitOnLastWindowClosed(false);

    app::Invocation invocation = app::readCommandLine(app::Program::Desktop, QApplication::arguments());
    if (invocation.action == app::Invocation::Action::Exit) {
        std::fprintf(invocation.exitCode == 0 ? stdout : stderr, "%s\n", qUtf8Printable(invocation.output));
        return invocation.exitCode;
    }
    app::guardMemory(*invocation.config);
    invocation.notices += app::raiseOpenFiles(*invocation.config);
    for (const QString &notice : invocation.notices)
        std::fprintf(stderr, "weir: %s\n", qUtf8Printable(notice));

    // Before the port is touched: a second start must not show an error, but the window of the first.
    app::SingleInstance instance(invocation.demo ? QStringLiteral("weir-demo") : QStringLiteral("weir"));
    if (!instance.claim())
        return 0;
    app::Application program(std::move(invocation));
    QObject::connect(&instance, &app::SingleInstance::windowWanted, &program, &app::Application::showWindow);
    program.run();
    return QApplication::exec();
}
