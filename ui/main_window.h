// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/error.h"
#include <QMainWindow>
#include <QPointer>

class QLabel;
class QStackedWidget;
class QToolButton;

namespace weir::engine {
class EngineHost;
}

namespace weir::ui {

class Banner;
class HostView;
class QuitQuestion;

/// The window: navigation and pages, banners, status bar. Shows what the engine sends and emits what the user
/// wants; starts and stops nothing itself.
class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    /// `host` is borrowed for the window's life.
    explicit MainWindow(engine::EngineHost &host, QWidget *parent = nullptr);

    void showPage(const QString &id);
    /// Shows the figures of `demo` in place of the engine's own, and says so; null: back to its own. Borrowed
    /// until then.
    void setDemo(engine::EngineHost *demo);
    void showDemoFailure(const base::Error &error);
    /// What was noticed at the start, one line each; stays until it is dismissed.
    void setNotices(const QStringList &notices, const QString &configFile);
    /// Asks what becomes of the requests that run; answered by quitWhenDoneWanted(), quitNowWanted() or
    /// nothing.
    void askToQuit();
    /// From now on Weir only waits for what still runs, and the window says so.
    void setQuitting();
    /// With a tray icon closing hides; without one it quits.
    void setClosesToTray(bool closesToTray) { m_closesToTray = closesToTray; }

Q_SIGNALS:
    void startWanted();
    void startOnPortWanted(int port);
    void stopWanted();
    void demoWanted();
    void leaveDemoWanted();
    void quitWanted();
    void quitWhenDoneWanted();
    void quitNowWanted();

protected:
    void closeEvent(QCloseEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    HostView *makeView(engine::EngineHost &shown);
    void makeCenter();
    void makeMenus();
    void makeStatusBar();
    HostView &view() const;
    void showView();
    void find();
    void refresh();
    void showState();
    void showFailure();
    void showSaving();
    void showQuitting();
    void handleBanner(const QString &action);
    void copyAddress(const engine::EngineHost &host, const QString &suffix);
    void tell(const QString &message);
    void showAbout();

    engine::EngineHost &m_host;
    QStackedWidget *m_views;
    HostView *m_own;
    HostView *m_demo = nullptr; // in front while there is one
    Banner *m_banner = nullptr;
    Banner *m_demoMark = nullptr;
    Banner *m_notices = nullptr;
    Banner *m_quitting = nullptr;
    QPointer<QuitQuestion> m_quitQuestion;
    QString m_configFile;
    QLabel *m_state = nullptr;
    QLabel *m_figures = nullptr;
    QToolButton *m_copy = nullptr;
    QAction *m_startStop = nullptr;
    bool m_closesToTray = false;
    bool m_isQuitting = false;
    int m_toldActive = -1; // while quitting
};

} // namespace weir::ui
