// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/command_line.h"
#include "app/demo_session.h"
#include "app/signal_watcher.h"
#include "app/tray_icon.h"
#include "engine/engine_host.h"
#include "ui/main_window.h"
#include <memory>

namespace weir::app {

/// The desktop program: engine, window and tray, and what each wants of the others. Needs a ui::Theme.
class Application : public QObject
{
    Q_OBJECT
public:
    /// How long the user's "wait for them" waits; then what still runs is cut.
    static constexpr int WaitMaxMs = 10 * 60 * 1000;

    explicit Application(Invocation invocation);
    ~Application() override;

    /// Starts the engine, or the demo in its place, and shows the window.
    void run();
    void showWindow();
    /// Shows the demo beside whatever the engine does.
    void startDemo();

    const engine::EngineHost &host() const { return m_host; }
    ui::MainWindow &window() { return m_window; }

Q_SIGNALS:
    /// Nothing begins any more; the process ends when what still runs has.
    void quitting();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void wireWindow();
    void wireTray();
    void start();
    void startOnPort(int port);
    void leaveDemo();
    void endDemo();
    void quit();
    void quitWithin(int drainMaxMs);

    const Invocation m_invocation;
    std::shared_ptr<const config::Config> m_config; // what the next start uses
    engine::EngineHost m_host;
    ui::MainWindow m_window;
    TrayIcon m_tray;
    SignalWatcher m_signals;
    std::unique_ptr<DemoSession> m_demo;
    bool m_startsAfterDemo = false; // the demo stands in the engine's place
    bool m_isQuitting = false;
};

} // namespace weir::app
