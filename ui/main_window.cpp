// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window.h"

#include "engine/engine_host.h"
#include "engine/live_feed.h"
#include "ui/banner.h"
#include "ui/format.h"
#include "ui/icons.h"
#include "ui/pages/page.h"
#include "ui/theme.h"
#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QLabel>
#include <QListWidget>
#include <QMenuBar>
#include <QMessageBox>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolButton>
#include <QVBoxLayout>

namespace weir::ui {

using engine::EngineHost;

namespace {

constexpr int MessageMs = 3000;

} // namespace

MainWindow::MainWindow(EngineHost &host, QWidget *parent) : QMainWindow(parent), m_host(host)
{
    setWindowTitle(QStringLiteral("Weir"));
    setWindowIcon(icons::application());
    setMinimumSize(880, 560);
    resize(1240, 780);
    makePagesAndNavigation();
    makeMenus();
    makeStatusBar();
    connect(host.liveFeed(), &engine::LiveFeed::updated, this, &MainWindow::refresh);
    connect(&host, &EngineHost::stateChanged, this, &MainWindow::showState);
    connect(&Theme::instance(), &Theme::changed, this, &MainWindow::showState);
    connect(&host, &EngineHost::failed, this, &MainWindow::showFailure);
    connect(&host, &EngineHost::started, this, &MainWindow::showSaving);
    connect(&host, &EngineHost::savingChanged, this, &MainWindow::showSaving);
    connect(m_banner, &Banner::actionChosen, this, &MainWindow::handleBanner);
    showState();
    showPage(QStringLiteral("overview"));
}

void MainWindow::makePagesAndNavigation()
{
    m_navigation = new QListWidget(this);
    m_navigation->setAccessibleName(tr("Pages"));
    m_navigation->setFrameShape(QFrame::NoFrame);
    m_navigation->setIconSize(QSize(fontMetrics().height() * 5 / 4, fontMetrics().height() * 5 / 4));
    m_navigation->setFixedWidth(fontMetrics().averageCharWidth() * 22);
    m_navigation->viewport()->setAutoFillBackground(false);
    m_navigation->setSpacing(2);
    m_stack = new QStackedWidget(this);
    m_pages = makePages(m_host, m_stack);
    for (const PageEntry &entry : m_pages) {
        auto *item = new QListWidgetItem(icons::themed(entry.icon), entry.title, m_navigation);
        item->setSizeHint(QSize(0, fontMetrics().height() * 2));
        m_stack->addWidget(entry.page);
        connect(entry.page, &Page::pageWanted, this, &MainWindow::showPage);
        connect(entry.page, &Page::demoWanted, this, &MainWindow::demoWanted);
        connect(entry.page, &Page::copied, this,
                [this](const QString &what) { tell(tr("Copied: %1").arg(what)); });
    }
    // A click between two entries takes the selection away; the page stays, and so does its mark.
    connect(m_navigation, &QListWidget::itemSelectionChanged, this, [this] {
        if (m_navigation->selectedItems().isEmpty() && m_navigation->currentItem())
            m_navigation->currentItem()->setSelected(true);
    });
    connect(m_navigation, &QListWidget::currentRowChanged, this, [this](int row) {
        m_stack->setCurrentIndex(row);
        refresh();
    });

    m_banner = new Banner(this);
    m_demoMark = new QLabel(
        tr("Simulated provider: every answer and every figure here comes from the built-in demo."), this);
    m_demoMark->setAutoFillBackground(true);
    m_demoMark->setBackgroundRole(QPalette::ToolTipBase);
    m_demoMark->setMargin(fontMetrics().height() / 3);
    m_demoMark->setAlignment(Qt::AlignCenter);
    m_demoMark->hide();

    auto *right = new QVBoxLayout;
    right->setSpacing(0);
    right->addWidget(m_demoMark);
    right->addWidget(m_banner);
    right->addWidget(m_stack, 1);
    auto *center = new QWidget(this);
    auto *layout = new QHBoxLayout(center);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_navigation);
    layout->addLayout(right, 1);
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
    for (const PageEntry &entry : m_pages) {
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
    proxy->addAction(tr("Copy base URL (&Anthropic)"), this, [this] { copyAddress(QString()); });
    proxy->addAction(tr("Copy base URL (&OpenAI, /v1)"), this,
                     [this] { copyAddress(QStringLiteral("/v1")); });

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
    connect(m_copy, &QToolButton::clicked, this, [this] { copyAddress(QString()); });
    m_figures = new QLabel(this);
    m_figures->setContentsMargins(0, 0, fontMetrics().height() / 2, 0);
    statusBar()->addWidget(m_state);
    statusBar()->addWidget(m_copy);
    statusBar()->addPermanentWidget(m_figures);
    statusBar()->setSizeGripEnabled(false);
}

void MainWindow::showPage(const QString &id)
{
    for (std::size_t index = 0; index < m_pages.size(); ++index) {
        if (m_pages[index].id == id)
            m_navigation->setCurrentRow(int(index));
    }
}

void MainWindow::find()
{
    // On the page in front, if it has anything to search; else on the first that has.
    QWidget *field = m_pages[std::size_t(m_stack->currentIndex())].page->searchField();
    for (std::size_t index = 0; !field && index < m_pages.size(); ++index) {
        field = m_pages[index].page->searchField();
        if (field)
            showPage(m_pages[index].id);
    }
    if (field)
        field->setFocus(Qt::ShortcutFocusReason);
}

void MainWindow::setDemo(bool isDemo)
{
    m_demoMark->setVisible(isDemo);
}

void MainWindow::refresh()
{
    if (!isVisible() || isMinimized() || m_stack->currentIndex() < 0)
        return; // what is not seen is not drawn
    m_pages[std::size_t(m_stack->currentIndex())].page->refresh();
    const metrics::Snapshot &snapshot = m_host.liveFeed()->snapshot();
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
    switch (m_host.state()) {
    case EngineHost::State::Running:
        word = tr("● Running on %1").arg(m_host.address().mid(int(qstrlen("http://"))));
        tone = Tone::Ok;
        break;
    case EngineHost::State::Starting:
        word = tr("○ Starting…");
        break;
    case EngineHost::State::Stopping:
        word = tr("○ Finishing running requests…");
        break;
    case EngineHost::State::Stopped:
        word = tr("■ Stopped: connected tools will fail");
        tone = Tone::Error;
        break;
    }
    QPalette colored = palette();
    colored.setColor(QPalette::WindowText, Theme::instance().color(tone));
    m_state->setPalette(colored);
    m_state->setText(word);
    m_copy->setEnabled(m_host.state() == EngineHost::State::Running);
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

void MainWindow::copyAddress(const QString &suffix)
{
    if (m_host.address().isEmpty())
        return;
    QApplication::clipboard()->setText(m_host.address() + suffix);
    tell(tr("Copied: %1").arg(m_host.address() + suffix));
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
    if (m_closesToTray) {
        hide();
        event->ignore();
        return;
    }
    event->accept();
    Q_EMIT quitWanted();
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    refresh();
}

} // namespace weir::ui
