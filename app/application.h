// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/command_line.h"
#include "app/demo.h"
#include "app/signal_watcher.h"
#include "app/tray_icon.h"
#include "engine/engine_host.h"
#include "ui/main_window.h"
#include "ui/theme.h"
#include <memory>

namespace weir::app {

/// The desktop program: engine, window and tray, and what each wants of the others.
class Application : public QObject
{
    Q_OBJECT
public:
    explicit Application(Invocation invocation);
    ~Application() override;

    /// Starts the engine and shows the window.
    void run();
    void showWindow();

private:
    void wireWindow();
    void wireTray();
    void start();
    void startOnPort(int port);
    void startDemo();
    void engineStarted(quint16 port);
    void quit();
    void restoreGeometry();
    void saveGeometry() const;

    Invocation m_invocation;
    std::shared_ptr<const config::Config> m_config; // what the next start uses
    ui::Theme m_theme;
    engine::EngineHost m_host;
    ui::MainWindow m_window;
    TrayIcon m_tray;
    SignalWatcher m_signals;
    std::unique_ptr<Demo> m_demo;
    bool m_quitting = false;
    bool m_restarting = false;
};

} // namespace weir::app
