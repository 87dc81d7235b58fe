// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/pages/page_list.h"
#include <QMainWindow>
#include <vector>

class QLabel;
class QListWidget;
class QStackedWidget;
class QToolButton;

namespace weir::engine {
class EngineHost;
}

namespace weir::ui {

class Banner;

/// The window: navigation, pages, status bar. Shows what the engine sends and emits what the user wants;
/// starts and stops nothing itself.
class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    /// `host` is borrowed for the window's life.
    explicit MainWindow(engine::EngineHost &host, QWidget *parent = nullptr);

    void showPage(const QString &id);
    /// Marks the window as showing simulated answers.
    void setDemo(bool isDemo);
    /// With a tray icon closing hides; without one it quits.
    void setClosesToTray(bool closesToTray) { m_closesToTray = closesToTray; }

Q_SIGNALS:
    void startWanted();
    void startOnPortWanted(int port);
    void stopWanted();
    void demoWanted();
    void quitWanted();

protected:
    void closeEvent(QCloseEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void makePagesAndNavigation();
    void makeMenus();
    void makeStatusBar();
    void find();
    void refresh();
    void showState();
    void showFailure();
    void showSaving();
    void handleBanner(const QString &action);
    void copyAddress(const QString &suffix);
    void tell(const QString &message);
    void showAbout();

    engine::EngineHost &m_host;
    std::vector<PageEntry> m_pages;
    QListWidget *m_navigation = nullptr;
    QStackedWidget *m_stack = nullptr;
    Banner *m_banner = nullptr;
    QLabel *m_demoMark = nullptr;
    QLabel *m_state = nullptr;
    QLabel *m_figures = nullptr;
    QToolButton *m_copy = nullptr;
    QAction *m_startStop = nullptr;
    bool m_closesToTray = false;
};

} // namespace weir::ui
