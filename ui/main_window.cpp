// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window.h"

#include "engine/engine_host.h"
#include "engine/live_feed.h"
#include "ui/banner.h"
#include "ui/dialogs/quit_question.h"
#include "ui/format.h"
#include "ui/host_view.h"
#include "ui/icons.h"
#include "ui/open_file.h"
#include "ui/theme.h"
#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QFileInfo>
#include <QInputDialog>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QStackedWidget>
#include <QStatusBar>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>
#include <utility>

namespace weir::ui {

using engine::EngineHost;

namespace {

constexpr int MessageMs = 3000;

} // namespace

MainWindow::MainWindow(EngineHost &host, QWidget *parent)
    : QMainWindow(parent), m_host(host), m_views(new QStackedWidget(this)), m_own(makeView(host))
{
    setWindowIcon(icons::application());
    setMinimumSize(880, 560);
    resize(1240, 780);
    makeCenter();
    makeMenus();
    makeStatusBar();
    connect(&host, &EngineHost::stateChanged, this, &MainWindow::showState);
    connect(&Theme::instance(), &Theme::changed, this, &MainWindow::showState);
    connect(&host, &EngineHost::failed, this, &MainWindow::showFailure);
    connect(&host, &EngineHost::started, this, &MainWindow::showSaving);
    connect(&host, &EngineHost::savingChanged, this, &MainWindow::showSaving);
    showView();
}

HostView *MainWindow::makeView(EngineHost &shown)
{
    auto *view = new HostView(shown, m_host, m_views);
    m_views->addWidget(view);
    connect(view, &HostView::demoWanted, this, &MainWindow::demoWanted);
    connect(view, &HostView::copied, this, [this](const QString &what) { tell(tr("Copied: %1").arg(what)); });
    connect(shown.liveFeed(), &engine::LiveFeed::updated, view, [this] { refresh(); });
    return view;
}

void MainWindow::makeCenter()
{
    m_demoMark = new Banner(QStyle::SP_MessageBoxInformation, this);
    m_demoMark->setBackgroundRole(QPalette::Highlight); // it must not be overlooked
    m_notices = new Banner(QStyle::SP_MessageBoxWarning, this);
    m_banner = new Banner(QStyle::SP_MessageBoxWarning, this);
    m_quitting = new Banner(QStyle::SP_MessageBoxInformation, this);
    auto *center = new QWidget(this);
    auto *layout = new QVBoxLayout(center);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    for (Banner *banner : {m_quitting, m_demoMark, m_banner, m_notices}) {
        layout->addWidget(banner);
        connect(banner, &Banner::actionChosen, this, &MainWindow::handleBanner);
    }
    layout->addWidget(m_views, 1);
    setCentralWidget(center);
}

void MainWindow::makeMenus()
{
    QMenu *file = menuBar()->addMenu(tr("&File"));
    file->addAction(tr("&Close window"), QKeySequence(Qt::CTRL | Qt::Key_W), this, &QWidget::close);
    file->addAction(tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), this, &MainWindow::quitWanted);

    QMenu *edit = menuBar()->addMenu(tr("&Edit"));
    edit->addAction(tr("&Find"), QKeySequence(Qt::CTRL | Qt::Key_F), this, &MainWindow::find);

    QMenu *view = menuBar()->addMenu(tr("&View"));
    for (const PageEntry &entry : m_own->pages()) {
        view->addAction(entry.title, QKeySequence(Qt::CTRL | Qt::Key(Qt::Key_0 + entry.digit)), this,
                        [this, id = entry.id] { showPage(id); });
    }
    view->addSeparator();
    QMenu *themes = view->addMenu(tr("&Theme"));
    auto *choices = new QActionGroup(this);
    const auto addTheme = [&](const QString &text, Theme::Choice choice) {
        QAction *action = themes->addAction(text, this, [choice] { Theme::instance().setChoice(choice); });
        action->setCheckable(true);
        action->setChecked(Theme::instance().choice() == choice);
        choices->addAction(action);
    };
    addTheme(tr("As the &system"), Theme::Choice::System);
    addTheme(tr("&Light"), Theme::Choice::Light);
    addTheme(tr("&Dark"), Theme::Choice::Dark);

    QMenu *proxy = menuBar()->addMenu(tr("&Proxy"));
    m_startStop = proxy->addAction(tr("&Stop"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), this, [this] {
        if (m_host.state() == EngineHost::State::Running)
            Q_EMIT stopWanted();
        else
            Q_EMIT startWanted();
    });
    proxy->addAction(tr("Copy base URL (&Anthropic)"), this, [this] { copyAddress(m_host, QString()); });
    proxy->addAction(tr("Copy base URL (&OpenAI, /v1)"), this,
                     [this] { copyAddress(m_host, QStringLiteral("/v1")); });

    QMenu *help = menuBar()->addMenu(tr("&Help"));
    help->addAction(tr("&Get started"), QKeySequence(Qt::Key_F1), this,
                    [this] { showPage(QStringLiteral("get-started")); });
    help->addAction(tr("&About Weir"), this, &MainWindow::showAbout);
}

void MainWindow::makeStatusBar()
{
    m_state = new QLabel(this);
    m_state->setContentsMargins(fontMetrics().height() / 2, 0, 0, 0);
    m_copy = new QToolButton(this);
    m_copy->setIcon(icons::themed(QStringLiteral("copy")));
    m_copy->setAutoRaise(true);
    m_copy->setToolTip(tr("Copy the address"));
    m_copy->setAccessibleName(tr("Copy the address"));
    connect(m_copy, &QToolButton::clicked, this, [this] { copyAddress(view().host(), QString()); });
    m_figures = new QLabel(this);
    m_figures->setContentsMargins(0, 0, fontMetrics().height() / 2, 0);
    statusBar()->addWidget(m_state);
    statusBar()->addWidget(m_copy);
    statusBar()->addPermanentWidget(m_figures);
    statusBar()->setSizeGripEnabled(false);
}

HostView &MainWindow::view() const
{
    return m_demo ? *m_demo : *m_own;
}

void MainWindow::showPage(const QString &id)
{
    view().showPage(id);
}

void MainWindow::find()
{
    view().find();
}

void MainWindow::setDemo(EngineHost *demo)
{
    delete std::exchange(m_demo, nullptr);
    if (demo) {
        m_demo = makeView(*demo);
        connect(demo, &EngineHost::stateChanged, m_demo, [this] { showState(); });
        m_demoMark->show(
            tr("Demo: every answer and every figure here comes from a simulated provider inside Weir. "
               "Your tools and your own figures are not touched."),
            {{QStringLiteral("leave-demo"), tr("&Leave the demo")}});
    } else {
        m_demoMark->hide();
    }
    showView();
}

void MainWindow::showView()
{
    m_views->setCurrentWidget(&view());
    setWindowTitle(m_demo ? tr("Weir – Demo") : QStringLiteral("Weir"));
    showState();
    refresh();
}

void MainWindow::showDemoFailure(const base::Error &error)
{
    m_banner->show(tr("The demo cannot run: %1.").arg(QString::fromStdString(base::describe(error))),
                   {{QStringLiteral("dismiss"), tr("&Dismiss")}});
}

void MainWindow::setNotices(const QStringList &notices, const QString &configFile)
{
    m_configFile = configFile;
    if (notices.isEmpty())
        return;
    std::vector<Banner::Action> actions;
    if (QFileInfo::exists(configFile))
        actions.push_back({QStringLiteral("open-settings"), tr("&Open file")});
    actions.push_back({QStringLiteral("dismiss-notices"), tr("D&ismiss")});
    m_notices->show(notices.join(QLatin1Char('\n')), actions);
}

void MainWindow::askToQuit()
{
    if (m_quitQuestion) {
        m_quitQuestion->raise();
        return;
    }
    m_quitQuestion = new QuitQuestion(this);
    connect(m_quitQuestion, &QuitQuestion::waitChosen, this, &MainWindow::quitWhenDoneWanted);
    connect(m_quitQuestion, &QuitQuestion::nowChosen, this, &MainWindow::quitNowWanted);
    m_quitQuestion->setActive(m_host.liveFeed()->snapshot().active);
    m_quitQuestion->open();
}

void MainWindow::setQuitting()
{
    m_isQuitting = true;
    if (m_quitQuestion)
        m_quitQuestion->close(); // it may be what has led here
    m_startStop->setEnabled(false);
    showQuitting();
}

void MainWindow::showQuitting()
{
    const int active = m_host.liveFeed()->snapshot().active;
    if (m_quitQuestion)
        m_quitQuestion->setActive(active);
    if (!m_isQuitting || active == m_toldActive)
        return;
    m_toldActive = active;
    m_quitting->show(active == 0 ? tr("Weir is quitting…")
                     : active == 1
                         ? tr("Waiting for 1 request, then Weir quits. It takes no new ones.")
                         : tr("Waiting for %1 requests, then Weir quits. It takes no new ones.").arg(active),
                     {{QStringLiteral("quit-now"), tr("Quit &now")}});
}

void MainWindow::refresh()
{
    showQuitting();
    if (!isVisible() || isMinimized())
        return; // what is not seen is not drawn
    view().refresh();
    const metrics::Snapshot &snapshot = view().host().liveFeed()->snapshot();
    QString figures =
        tr("%1 active  ·  %2 req/min").arg(snapshot.active).arg(format::rate(snapshot.requestsPerMinute));
    if (snapshot.recordsLost > 0)
        figures += tr("  ·  lost %1").arg(format::count(snapshot.recordsLost));
    if (m_host.saving().isTrouble())
        figures += tr("  ·  usage not saved");
    m_figures->setText(figures);
}

void MainWindow::showState()
{
    QString word;
    Tone tone = Tone::Neutral;
    const EngineHost &shown = view().host();
    switch (shown.state()) {
    case EngineHost::State::Running: {
        const QString address = shown.address().mid(int(qstrlen("http://")));
        word = m_demo ? tr("● Demo on %1").arg(address) : tr("● Running on %1").arg(address);
        tone = Tone::Ok;
        break;
    }
    case EngineHost::State::Starting:
        word = tr("○ Starting…");
        break;
    case EngineHost::State::Stopping:
        word = tr("○ Finishing running requests…");
        break;
    case EngineHost::State::Stopped:
        word = m_demo ? tr("■ The demo is stopped") : tr("■ Stopped: connected tools will fail");
        tone = Tone::Error;
        break;
    }
    QPalette colored = palette();
    colored.setColor(QPalette::WindowText, Theme::instance().color(tone));
    m_state->setPalette(colored);
    m_state->setText(word);
    m_copy->setEnabled(shown.state() == EngineHost::State::Running);
    // The menu is about Weir itself, also while the demo is looked at.
    m_startStop->setText(m_host.state() == EngineHost::State::Running ? tr("&Stop") : tr("&Start"));
}

void MainWindow::showFailure()
{
    const base::Error &error = m_host.lastError();
    const QString text = QString::fromStdString(base::describe(error));
    if (error.code == base::Errc::AddressInUse) {
        m_banner->show(tr("Weir is not running: %1.").arg(text),
                       {{QStringLiteral("retry"), tr("&Retry")},
                        {QStringLiteral("port"), tr("&Choose another port…")},
                        {QStringLiteral("quit"), tr("&Quit")}});
        return;
    }
    m_banner->show(tr("Weir is not running: %1.").arg(text), {{QStringLiteral("retry"), tr("&Retry")}});
}

void MainWindow::showSaving()
{
    if (m_host.state() != EngineHost::State::Running)
        return; // that it does not run is the greater trouble
    const metrics::Saving &saving = m_host.saving();
    if (saving.isTrouble()) {
        m_banner->show(
            tr("Usage is not being saved: %1. Requests go on.").arg(QString::fromStdString(saving.reason)),
            {});
    } else {
        m_banner->hide();
    }
    refresh();
}

void MainWindow::handleBanner(const QString &action)
{
    if (action == QLatin1String("retry")) {
        Q_EMIT startWanted();
    } else if (action == QLatin1String("quit")) {
        Q_EMIT quitWanted();
    } else if (action == QLatin1String("quit-now")) {
        Q_EMIT quitNowWanted();
    } else if (action == QLatin1String("leave-demo")) {
        Q_EMIT leaveDemoWanted();
    } else if (action == QLatin1String("open-settings")) {
        tell(openFile(m_configFile));
    } else if (action == QLatin1String("dismiss-notices")) {
        m_notices->hide();
    } else if (action == QLatin1String("dismiss")) {
        m_banner->hide();
    } else if (action == QLatin1String("port")) {
        auto *dialog = new QInputDialog(this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setInputMode(QInputDialog::IntInput);
        dialog->setIntRange(1024, 65535);
        dialog->setIntValue(m_host.config().listen.port + 1);
        dialog->setWindowTitle(tr("Choose another port"));
        dialog->setLabelText(tr("Tools that point at the old port have to be changed.\nPort:"));
        connect(dialog, &QInputDialog::intValueSelected, this, &MainWindow::startOnPortWanted);
        dialog->open();
    }
}

void MainWindow::copyAddress(const EngineHost &host, const QString &suffix)
{
    if (host.address().isEmpty())
        return;
    QApplication::clipboard()->setText(host.address() + suffix);
    tell(tr("Copied: %1").arg(host.address() + suffix));
}

void MainWindow::tell(const QString &message)
{
    statusBar()->showMessage(message, MessageMs);
}

void MainWindow::showAbout()
{
    auto *box = new QMessageBox(QMessageBox::NoIcon, tr("About Weir"),
                                tr("<h3>Weir %1</h3><p>A local, low-latency proxy for LLM APIs.</p>"
                                   "<p>Qt %2. Free software under the GNU GPL, version 3 or later.</p>")
                                    .arg(QStringLiteral(WEIR_VERSION), QString::fromLatin1(qVersion())),
                                QMessageBox::Close, this);
    box->setIconPixmap(icons::application().pixmap(fontMetrics().height() * 4));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    event->ignore(); // it goes when the program does: until then there is something to see
    if (m_closesToTray || m_isQuitting)
        hide();
    else
        Q_EMIT quitWanted();
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    refresh();
}

} // namespace weir::ui
