// SPDX-License-Identifier: GPL-3.0-or-later
// weir-headless: the engine without a window. Links no GUI library.
#include "app/command_line.h"
#include "app/commands.h"
#include "app/demo.h"
#include "app/memory_guard.h"
#include "app/open_files.h"
#include "app/signal_watcher.h"
#include "engine/engine_host.h"
#include <cstdio>
#include <QCoreApplication>

using namespace weir;

namespace {

void print(std::FILE *stream, const QString &line)
{
    std::fprintf(stream, "%s\n", qUtf8Printable(line));
    std::fflush(stream);
}

void complain(const base::Error &error)
{
    print(stderr, QStringLiteral("weir-headless: ") + QString::fromStdString(base::describe(error)));
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("weir"));
    QCoreApplication::setApplicationVersion(QStringLiteral(WEIR_VERSION));

    const QStringList arguments = QCoreApplication::arguments();
    if (app::isCommand(argc > 1 ? argv[1] : nullptr))
        return app::runCommand(QStringLiteral("weir-headless"), arguments.mid(1));
    app::Invocation invocation = app::readCommandLine(app::Program::Headless, arguments);
    if (invocation.action == app::Invocation::Action::Exit) {
        print(invocation.exitCode == 0 ? stdout : stderr, invocation.output);
        return invocation.exitCode;
    }
    app::guardMemory(*invocation.config);
    invocation.notices += app::raiseOpenFiles(*invocation.config);
    for (const QString &notice : invocation.notices)
        print(stderr, QStringLiteral("weir-headless: ") + notice);

    app::Demo demo;
    if (invocation.demo) {
        auto simulated = demo.start(
            *invocation.config, invocation.isPortTyped ? invocation.config->listen.port : app::Demo::AnyPort);
        if (!simulated) {
            complain(simulated.error());
            return 1;
        }
        invocation.config = std::make_shared<const config::Config>(std::move(*simulated));
        print(stderr,
              QStringLiteral("weir-headless: demo: every answer comes from a built-in simulated provider"));
    }

    engine::EngineHost host;
    QObject::connect(&host, &engine::EngineHost::started, &application,
                     [&host] { print(stdout, QStringLiteral("listening on ") + host.address()); });
    QObject::connect(&host, &engine::EngineHost::failed, &application, [](const base::Error &error) {
        complain(error);
        QCoreApplication::exit(1);
    });
    QObject::connect(&host, &engine::EngineHost::stopped, &application, [] { QCoreApplication::exit(0); });
    app::SignalWatcher signalWatcher;
    QObject::connect(&signalWatcher, &app::SignalWatcher::terminationRequested, &host, [&host] {
        switch (host.state()) {
        case engine::EngineHost::State::Running:
            host.stop();
            break;
        case engine::EngineHost::State::Stopping: // asked once more: whoever asks does not want to wait
            host.stopWithin(0);
            break;
        case engine::EngineHost::State::Starting:
            QCoreApplication::exit(0); // nothing runs yet that could be drained
            break;
        case engine::EngineHost::State::Stopped: // about to exit, with its code
            break;
        }
    });
    host.start(invocation.config);
    return QCoreApplication::exec();
}
