// SPDX-License-Identifier: GPL-3.0-or-later
// weir: the desktop program.
#include "app/application.h"
#include "app/commands.h"
#include "app/display.h"
#include "app/memory_guard.h"
#include "app/open_files.h"
#include "app/single_instance.h"
#include "app/window_state.h"
#include "ui/dialogs/config_problems_dialog.h"
#include "ui/theme.h"
#include <cstdio>
#include <cstdlib>
#include <QApplication>
#include <utility>

using namespace weir;
using app::DisplayState;
using app::Invocation;
using app::SingleInstance;

namespace {

constexpr int ExitFailure = 1;

void print(std::FILE *stream, const QString &line)
{
    std::fprintf(stream, "%s\n", qUtf8Printable(line));
    std::fflush(stream);
}

void describeProgram()
{
    QCoreApplication::setApplicationName(QStringLiteral("weir"));
    QCoreApplication::setApplicationVersion(QStringLiteral(WEIR_VERSION));
}

/// Qt aborts where it cannot reach the display, which looks like a crash and leaves a core dump.
void exitInsteadOfAborting(QtMsgType type, const QMessageLogContext &, const QString &message)
{
    print(stderr, QStringLiteral("weir: ") + message.trimmed());
    if (type == QtFatalMsg)
        std::_Exit(ExitFailure);
}

/// What to do about a configuration that cannot be used, as the user decides. Without problems nothing is
/// asked.
Invocation askAboutProblems(Invocation invocation, const QStringList &arguments)
{
    while (!invocation.problems.empty()) {
        ui::ConfigProblemsDialog dialog(invocation.configFile, invocation.problems);
        switch (dialog.exec()) {
        case ui::ConfigProblemsDialog::StartWithDefaults:
            return *invocation.fallback;
        case ui::ConfigProblemsDialog::ReadAgain:
            invocation = app::readCommandLine(app::Program::Desktop, arguments);
            break;
        default:
            return invocation;
        }
    }
    return invocation;
}

int runDesktop(Invocation invocation, const QStringList &arguments)
{
    // The window may be hidden in the tray; quitting is always said (Application::quit).
    QApplication::setQuitOnLastWindowClosed(false);
    QApplication::setDesktopFileName(QStringLiteral("weir"));

    // Before anything is asked and before the port is touched: a second start must not show an error, but the
    // window of the first.
    SingleInstance instance;
    switch (instance.claim(invocation.demo ? SingleInstance::Wish::Demo : SingleInstance::Wish::Window)) {
    case SingleInstance::Claim::First:
        break;
    case SingleInstance::Claim::HandedOver:
        print(stdout, QStringLiteral("weir: it runs already; its window was brought to the front"));
        return 0;
    case SingleInstance::Claim::Refused:
        print(stderr, QStringLiteral("weir: it runs already, but does not answer"));
        return ExitFailure;
    }
    ui::Theme theme;
    app::restoreTheme();
    invocation = askAboutProblems(std::move(invocation), arguments);
    if (invocation.action == Invocation::Action::Exit)
        return invocation.exitCode;
    app::guardMemory(*invocation.config);
    for (const QString &notice : app::raiseOpenFiles(*invocation.config)) {
        print(stderr, QStringLiteral("weir: ") + notice);
        invocation.notices += notice;
    }

    app::Application program(std::move(invocation));
    QObject::connect(&instance, &SingleInstance::wanted, &program, [&program](SingleInstance::Wish wish) {
        if (wish == SingleInstance::Wish::Demo)
            program.startDemo();
        program.showWindow();
    });
    QObject::connect(&program, &app::Application::quitting, &instance, &SingleInstance::beginQuitting);
    program.run();
    return QApplication::exec();
}

} // namespace

int main(int argc, char *argv[])
{
    Invocation invocation;
    QStringList arguments;
    {
        // Nothing of this needs a display.
        QCoreApplication reader(argc, argv);
        describeProgram();
        arguments = QCoreApplication::arguments();
        if (app::isCommand(argc > 1 ? argv[1] : nullptr))
            return app::runCommand(QStringLiteral("weir"), arguments.mid(1));
        invocation = app::readCommandLine(app::Program::Desktop, arguments);
    }
    const DisplayState display = app::findDisplay(arguments);
    if (invocation.action == Invocation::Action::Exit) {
        print(invocation.exitCode == 0 ? stdout : stderr, invocation.output);
        // From a menu nobody reads that.
        if (invocation.problems.empty() || display != DisplayState::Seen)
            return invocation.exitCode;
    }
    for (const QString &notice : invocation.notices)
        print(stderr, QStringLiteral("weir: ") + notice);
    if (display == DisplayState::None) {
        print(stderr, QStringLiteral("weir: there is no display for its window; weir-headless needs none"));
        return ExitFailure;
    }
    const QtMessageHandler before = qInstallMessageHandler(exitInsteadOfAborting);
    QApplication application(argc, argv);
    qInstallMessageHandler(before);
    return runDesktop(std::move(invocation), arguments);
}
