// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/tray_icon.h"

#include "engine/engine_host.h"
#include "engine/live_feed.h"
#include "ui/format.h"
#include "ui/icons.h"
#include <QApplication>
#include <QClipboard>

namespace weir::app {

using engine::EngineHost;

TrayIcon::TrayIcon(EngineHost &host, QObject *parent) : QObject(parent), m_host(host)
{
    makeMenu();
    m_icon.setContextMenu(&m_menu);
    connect(&m_icon, &QSystemTrayIcon::activated, this, [this](QSystemTrayIcon::ActivationReason reason) {
        if (reason == QSystemTrayIcon::Trigger)
            Q_EMIT toggleWanted();
    });
    connect(&host, &EngineHost::stateChanged, this, &TrayIcon::showState);
    m_tooltip.setTimerType(Qt::VeryCoarseTimer);
    m_tooltip.setInterval(TooltipMs);
    connect(&m_tooltip, &QTimer::timeout, this, &TrayIcon::showFigures);
    m_retry.setInterval(RetryMs);
    connect(&m_retry, &QTimer::timeout, this, &TrayIcon::tryToShow);
    showState();
    tryToShow();
}

void TrayIcon::tryToShow()
{
    if (QSystemTrayIcon::isSystemTrayAvailable()) {
        m_retry.stop();
        m_icon.show();
        m_tooltip.start();
        Q_EMIT appeared();
    } else if (--m_triesLeft > 0) {
        m_retry.start();
    } else {
        m_retry.stop();
    }
}

void TrayIcon::makeMenu()
{
    m_stateLine = m_menu.addAction(QString());
    m_stateLine->setEnabled(false);
    m_figuresLine = m_menu.addAction(QString());
    m_figuresLine->setEnabled(false);
    m_menu.addSeparator();
    QAction *open = m_menu.addAction(tr("Open Weir"), this, &TrayIcon::windowWanted);
    m_menu.setDefaultAction(open);
    m_menu.addAction(tr("Connect a tool…"), this, &TrayIcon::getStartedWanted);
    QMenu *copy = m_menu.addMenu(tr("Copy"));
    copy->addAction(tr("Base URL (Anthropic)"), this,
                    [this] { QApplication::clipboard()->setText(m_host.address()); });
    copy->addAction(tr("Base URL (OpenAI, /v1)"), this,
                    [this] { QApplication::clipboard()->setText(m_host.address() + QStringLiteral("/v1")); });
    m_menu.addSeparator();
    m_startStop = m_menu.addAction(QString(), this, [this] {
        if (m_host.state() == EngineHost::State::Running)
            Q_EMIT stopWanted();
        else
            Q_EMIT startWanted();
    });
    m_menu.addSeparator();
    m_menu.addAction(tr("Quit Weir"), this, &TrayIcon::quitWanted);
    connect(&m_menu, &QMenu::aboutToShow, this, &TrayIcon::showFigures);
}

void TrayIcon::showState()
{
    const bool isRunning = m_host.state() == EngineHost::State::Running;
    const bool isBroken =
        m_host.state() == EngineHost::State::Stopped && m_host.lastError().code != base::Errc::None;
    m_icon.setIcon(ui::icons::themed(isRunning  ? QStringLiteral("tray-running")
                                     : isBroken ? QStringLiteral("tray-problem")
                                                : QStringLiteral("tray-stopped")));
    m_stateLine->setText(isRunning
                             ? tr("Weir: running on %1").arg(m_host.address().mid(int(qstrlen("http://"))))
                             : tr("Weir: stopped"));
    m_startStop->setText(isRunning ? tr("Stop proxy") : tr("Start proxy"));
    showFigures();
}

void TrayIcon::showFigures()
{
    const metrics::Snapshot &snapshot = m_host.liveFeed()->snapshot();
    const QString figures = tr("p50 %1 · %2 req/min · %3 active")
                                .arg(ui::format::durationUs(snapshot.firstToken.p50Us),
                                     ui::format::rate(snapshot.requestsPerMinute))
                                .arg(snapshot.active);
    m_figuresLine->setText(figures);
    m_icon.setToolTip(m_stateLine->text() + QLatin1Char('\n') + figures);
}

} // namespace weir::app
