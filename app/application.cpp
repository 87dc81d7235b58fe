// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/application.h"

#include <QApplication>
#include <QDir>
#include <QSettings>
#include <QStandardPaths>

namespace weir::app {

using engine::EngineHost;

namespace {

/// $XDG_STATE_HOME/weir/window.ini; Qt 6.4 does not know that folder.
QString stateFile()
{
    QString folder = qEnvironmentVariable("XDG_STATE_HOME");
    if (folder.isEmpty())
        folder = QDir::homePath() + QStringLiteral("/.local/state");
    return folder + QStringLiteral("/weir/window.ini");
}

} // namespace

Application::Application(Invocation invocation)
    : m_invocation(std::move(invocation)), m_config(m_invocation.config), m_window(m_host), m_tray(m_host)
{
    restoreGeometry();
    wireWindow();
    wireTray();
    connect(&m_host, &EngineHost::started, this, &Application::engineStarted);
    connect(&m_host, &EngineHost::stopped, this, [this] {
        if (m_quitting)
            QApplication::quit();
        else if (std::exchange(m_restarting, false))
            start();
    });
    connect(&m_host, &EngineHost::failed, this, &Application::showWindow); // the banner must be seen
    connect(&m_signals, &SignalWatcher::terminationRequested, this, &Application::quit);
}

Application::~Application()
{
    saveGeometry();
}

void Application::wireWindow()
{
    connect(&m_window, &ui::MainWindow::startWanted, this, &Application::start);
    connect(&m_window, &ui::MainWindow::startOnPortWanted, this, &Application::startOnPort);
    connect(&m_window, &ui::MainWindow::stopWanted, &m_host, &EngineHost::stop);
    connect(&m_window, &ui::MainWindow::demoWanted, this, &Application::startDemo);
    connect(&m_window, &ui::MainWindow::quitWanted, this, &Application::quit);
}

void Application::wireTray()
{
    connect(&m_tray, &TrayIcon::appeared, this, [this] { m_window.setClosesToTray(true); });
    m_window.setClosesToTray(m_tray.isVisible());
    connect(&m_tray, &TrayIcon::windowWanted, this, &Application::showWindow);
    connect(&m_tray, &TrayIcon::toggleWanted, this, [this] {
        if (m_window.isVisible())
            m_window.hide();
        else
            showWindow();
    });
    connect(&m_tray, &TrayIcon::getStartedWanted, this, [this] {
        m_window.showPage(QStringLiteral("get-started"));
        showWindow();
    });
    connect(&m_tray, &TrayIcon::startWanted, this, &Application::start);
    connect(&m_tray, &TrayIcon::stopWanted, &m_host, &EngineHost::stop);
    connect(&m_tray, &TrayIcon::quitWanted, this, &Application::quit);
}

void Application::run()
{
    if (m_invocation.demo)
        startDemo();
    else
        start();
    // Without a tray a minimized start would be a program nobody can reach.
    if (!m_invocation.minimized || !m_tray.isVisible())
        m_window.show();
}

void Application::showWindow()
{
    m_window.show();
    m_window.setWindowState(m_window.windowState() & ~Qt::WindowMinimized);
    m_window.raise();
    m_window.activateWindow();
}

void Application::start()
{
    if (m_host.state() == EngineHost::State::Stopped)
        m_host.start(m_config);
}

void Application::startOnPort(int port)
{
    config::Config changed = *m_config;
    changed.listen.port = port;
    m_config = std::make_shared<const config::Config>(std::move(changed));
    start();
}

void Application::startDemo()
{
    if (m_demo)
        return;
    m_demo = std::make_unique<Demo>();
    auto simulated = m_demo->start(*m_config);
    if (!simulated) { // no free port on loopback, no temporary folder: the demo is off, the rest goes on
        m_demo.reset();
        start();
        return;
    }
    m_config = std::make_shared<const config::Config>(std::move(*simulated));
    m_window.setDemo(true);
    if (m_host.state() == EngineHost::State::Running) {
        m_restarting = true;
        m_host.stop();
    } else {
        start();
    }
}

void Application::engineStarted(quint16 port)
{
    if (m_demo)
        m_demo->startTraffic(port);
}

void Application::quit()
{
    if (std::exchange(m_quitting, true))
        return;
    if (m_demo)
        m_demo->stopTraffic();
    m_window.hide();
    if (m_host.state() == EngineHost::State::Running || m_host.state() == EngineHost::State::Starting)
        m_host.stop(); // stopped() quits
    else if (m_host.state() == EngineHost::State::Stopped)
        QApplication::quit();
}

void Application::restoreGeometry()
{
    const QSettings settings(stateFile(), QSettings::IniFormat);
    // Qt moves what would lie on a vanished screen back to one that is there.
    m_window.restoreGeometry(settings.value(QStringLiteral("geometry")).toByteArray());
    m_theme.setChoice(static_cast<ui::Theme::Choice>(settings.value(QStringLiteral("theme"), 0).toInt()));
}

void Application::saveGeometry() const
{
    QSettings settings(stateFile(), QSettings::IniFormat);
    settings.setValue(QStringLiteral("geometry"), m_window.saveGeometry());
    settings.setValue(QStringLiteral("theme"), int(m_theme.choice()));
}

} // namespace weir::app
