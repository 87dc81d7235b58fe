// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/application.h"

#include "app/window_state.h"
#include "engine/live_feed.h"
#include <QApplication>
#include <QEvent>

namespace weir::app {

using engine::EngineHost;

Application::Application(Invocation invocation)
    : m_invocation(std::move(invocation)), m_config(m_invocation.config), m_window(m_host), m_tray(m_host)
{
    restoreTheme();
    restoreGeometry(m_window);
    m_window.setNotices(m_invocation.notices, m_invocation.configFile);
    wireWindow();
    wireTray();
    connect(&m_host, &EngineHost::stateChanged, this, [this] {
        if (m_isQuitting && m_host.state() == EngineHost::State::Stopped)
            QCoreApplication::exit(0); // not quit(): that would ask the windows
    });
    connect(&m_host, &EngineHost::failed, this, &Application::showWindow); // the banner must be seen
    // Neither a signal nor the end of the session leaves time for questions. Asked once more: whoever asks does
    // not want to wait.
    connect(&m_signals, &SignalWatcher::terminationRequested, this, [this] {
        quitWithin(m_host.state() == EngineHost::State::Stopping ? 0 : EngineHost::DrainMaxMs);
    });
    qApp->installEventFilter(this);
}

Application::~Application()
{
    saveWindowState(m_window);
    endDemo();
}

bool Application::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != qApp || event->type() != QEvent::Quit)
        return QObject::eventFilter(watched, event);
    quitWithin(EngineHost::DrainMaxMs);
    return true;
}

void Application::wireWindow()
{
    connect(&m_window, &ui::MainWindow::startWanted, this, &Application::start);
    connect(&m_window, &ui::MainWindow::startOnPortWanted, this, &Application::startOnPort);
    connect(&m_window, &ui::MainWindow::stopWanted, &m_host, &EngineHost::stop);
    connect(&m_window, &ui::MainWindow::demoWanted, this, &Application::startDemo);
    connect(&m_window, &ui::MainWindow::leaveDemoWanted, this, &Application::leaveDemo);
    connect(&m_window, &ui::MainWindow::quitWanted, this, &Application::quit);
    connect(&m_window, &ui::MainWindow::quitWhenDoneWanted, this, [this] { quitWithin(WaitMaxMs); });
    connect(&m_window, &ui::MainWindow::quitNowWanted, this, [this] { quitWithin(0); });
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
    m_startsAfterDemo = m_invocation.demo;
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
    if (m_host.state() == EngineHost::State::Stopped && !m_isQuitting)
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
    if (m_demo || m_isQuitting)
        return;
    const bool isPortMeant = m_invocation.demo && m_invocation.isPortTyped;
    m_demo = std::make_unique<DemoSession>();
    const auto fail = [this](const base::Error &error) {
        endDemo();
        m_window.showDemoFailure(error);
        showWindow();
    };
    // Later: it comes from the middle of what ends with it.
    connect(m_demo.get(), &DemoSession::failed, this, fail, Qt::QueuedConnection);
    const auto started = m_demo->start(*m_config, isPortMeant ? m_config->listen.port : Demo::AnyPort);
    if (started)
        m_window.setDemo(&m_demo->host());
    else
        fail(started.error());
}

void Application::leaveDemo()
{
    endDemo();
    if (std::exchange(m_startsAfterDemo, false))
        start();
}

void Application::endDemo()
{
    m_window.setDemo(nullptr); // first: it shows what goes
    m_demo.reset();
}

/// Somebody has asked for it.
void Application::quit()
{
    const bool isBusy =
        m_host.state() == EngineHost::State::Running && m_host.liveFeed()->snapshot().active > 0;
    if (isBusy || m_isQuitting)
        showWindow(); // with the question, or with what is waited for
    if (m_isQuitting)
        return;
    if (isBusy)
        m_window.askToQuit();
    else
        quitWithin(EngineHost::DrainMaxMs);
}

void Application::quitWithin(int drainMaxMs)
{
    if (!std::exchange(m_isQuitting, true)) {
        Q_EMIT quitting();
        endDemo();
        m_window.setQuitting();
    }
    if (m_host.state() == EngineHost::State::Stopped)
        QCoreApplication::exit(0);
    else
        m_host.stopWithin(drainMaxMs); // its end quits
}

} // namespace weir::app
