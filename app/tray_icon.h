// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QMenu>
#include <QSystemTrayIcon>
#include <QTimer>

namespace weir::engine {
class EngineHost;
}

namespace weir::app {

/// The icon in the tray: state by shape, a menu, nothing that moves. Waits a while for a tray to appear.
class TrayIcon : public QObject
{
    Q_OBJECT
public:
    /// `host` is borrowed for the icon's life.
    explicit TrayIcon(engine::EngineHost &host, QObject *parent = nullptr);

    bool isVisible() const { return m_icon.isVisible(); }

Q_SIGNALS:
    /// The icon has appeared: closing the window may now hide it.
    void appeared();
    void windowWanted();
    void toggleWanted();
    void getStartedWanted();
    void startWanted();
    void stopWanted();
    void quitWanted();

private:
    /// Early in a session the tray may not be there yet.
    static constexpr int Tries = 5;
    static constexpr int RetryMs = 5000;
    static constexpr int TooltipMs = 5000;

    void tryToShow();
    void makeMenu();
    void showState();
    void showFigures();

    engine::EngineHost &m_host;
    QSystemTrayIcon m_icon;
    QMenu m_menu;
    QAction *m_stateLine = nullptr;
    QAction *m_figuresLine = nullptr;
    QAction *m_startStop = nullptr;
    QTimer m_retry;
    QTimer m_tooltip;
    int m_triesLeft = Tries;
};

} // namespace weir::app
