// SPDX-License-Identifier: GPL-3.0-or-later
// The desktop program as a whole: the demo beside the real engine, and how it quits.
#include "app/application.h"

#include "engine/live_feed.h"
#include "simulator/simulator.h"
#include "support/raw_client.h"
#include "ui/banner.h"
#include "ui/dialogs/quit_question.h"
#include "ui/find_widgets.h"
#include "ui/theme.h"
#include <csignal>
#include <QApplication>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace weir;
using engine::EngineHost;
using test::button;
using test::RawClient;

namespace {

constexpr int WaitMs = 20'000; // sanitizer builds on a busy machine

const QByteArray ShortRequest =
    test::postRequest("/v1/messages", R"({"model":"sim-ok","max_tokens":5,"messages":[]})");
/// Goes on for minutes, until its client leaves or it is cut.
const QByteArray EndlessRequest = test::postRequest(
    "/v1/messages", R"({"model":"sim-chunks-9000+gap-20","stream":true,"max_tokens":5,"messages":[]})");

} // namespace

class TestApplication : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void theDemoTouchesNothing();
    void theDemoAtTheStartStandsAlone();
    void tellsThatTheDemoCannotRun();
    void quitsAtOnceWhenNothingRuns();
    void asksBeforeItCutsRequests();
    void waitsForRequestsIfToldTo();
    void cutsThemIfToldTo();
    void signalsDoNotAsk();
    void theEndOfTheSessionDoesNotAsk();

private:
    app::Invocation invocation() const;
    /// Starts the program and waits for its engine.
    void run();
    EngineHost::State state() const { return m_program->host().state(); }
    /// An endless request that runs, as the window knows.
    std::unique_ptr<RawClient> busy();
    ui::QuitQuestion *question() { return m_program->window().findChild<ui::QuitQuestion *>(); }
    void choose(const char *text);

    QTemporaryDir m_folder;
    ui::Theme m_theme;
    simulator::Simulator m_provider{simulator::Options()};
    quint16 m_providerPort = 0;
    std::unique_ptr<app::Application> m_program;
};

void TestApplication::initTestCase()
{
    // Nothing of the user's own is read or written.
    for (const char *variable : {"HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"})
        qputenv(variable, QFile::encodeName(m_folder.path()));
    QApplication::setQuitOnLastWindowClosed(false);
    const auto port = m_provider.listen();
    QVERIFY(port);
    m_providerPort = *port;
}

app::Invocation TestApplication::invocation() const
{
    config::Config config;
    config.listen.port = 0;
    config::Provider provider;
    provider.name = "real";
    provider.anthropicBase = "http://127.0.0.1:" + std::to_string(m_providerPort);
    provider.auth = config::Auth::None;
    config.providers.push_back(provider);
    config.route.anthropic = config.route.openai = "real";
    config.store.enabled = false;
    app::Invocation made;
    made.config = std::make_shared<const config::Config>(config);
    return made;
}

void TestApplication::init()
{
    m_program = std::make_unique<app::Application>(invocation());
}

void TestApplication::cleanup()
{
    m_program.reset();
}

void TestApplication::run()
{
    m_program->run();
    QTRY_COMPARE_WITH_TIMEOUT(state(), EngineHost::State::Running, WaitMs);
}

std::unique_ptr<RawClient> TestApplication::busy()
{
    auto client = std::make_unique<RawClient>(m_program->host().port());
    client->send(EndlessRequest);
    const auto isKnown = [&] { return m_program->host().liveFeed()->snapshot().active == 1; };
    return client->waitFor("content_block_delta") && QTest::qWaitFor(isKnown, WaitMs) ? std::move(client)
                                                                                      : nullptr;
}

void TestApplication::choose(const char *text)
{
    QPushButton *chosen = question() ? button(*question(), text) : nullptr;
    QVERIFY2(chosen, text);
    chosen->click();
}

void TestApplication::theDemoTouchesNothing()
{
    run();
    const quint16 port = m_program->host().port();
    const auto running = busy();
    QVERIFY(running);
    ui::MainWindow &window = m_program->window();
    QPushButton *start = button(window, "Start the &demo");
    QVERIFY(start);
    start->click();
    QTRY_VERIFY_WITH_TIMEOUT(button(window, "&Leave the demo"), WaitMs);
    QVERIFY(window.windowTitle().contains(QStringLiteral("Demo")));
    const auto isTold = [&](const QString &text) {
        const auto labels = window.findChildren<QLabel *>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel *label) {
            return label->isVisible() && label->text().contains(text);
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(isTold(QStringLiteral("Demo on 127.0.0.1:")), WaitMs);
    QVERIFY(!isTold(QStringLiteral("Demo on 127.0.0.1:%1").arg(port))); // it has a port of its own

    // The real engine is where it was, what ran runs, and who asks is answered by the real provider.
    QCOMPARE(state(), EngineHost::State::Running);
    QCOMPARE(m_program->host().port(), port);
    QVERIFY(running->waitFor("content_block_delta"));
    QSignalSpy served(&m_provider, &simulator::Simulator::served);
    RawClient client(port);
    client.send(ShortRequest);
    QVERIFY(client.takeResponse().startsWith("HTTP/1.1 200 "));
    QTRY_COMPARE_WITH_TIMEOUT(served.count(), 1, WaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(m_program->host().liveFeed()->records().size(), std::size_t(1), WaitMs);
    QCOMPARE(m_program->host().liveFeed()->records().newest().provider, std::string("real"));

    button(window, "&Leave the demo")->click();
    QTRY_VERIFY_WITH_TIMEOUT(isTold(QStringLiteral("Running on 127.0.0.1:%1").arg(port)), WaitMs);
    QVERIFY(!window.windowTitle().contains(QStringLiteral("Demo")));
    QVERIFY(running->waitFor("content_block_delta"));
    QCOMPARE(m_program->host().liveFeed()->records().size(), std::size_t(1)); // nothing of the demo's
}

void TestApplication::theDemoAtTheStartStandsAlone()
{
    app::Invocation demo = invocation();
    demo.demo = true;
    m_program = std::make_unique<app::Application>(demo);
    m_program->run();
    QTRY_VERIFY_WITH_TIMEOUT(button(m_program->window(), "&Leave the demo"), WaitMs);
    QCOMPARE(state(), EngineHost::State::Stopped); // nobody listens where tools look for Weir
    button(m_program->window(), "&Leave the demo")->click();
    QTRY_COMPARE_WITH_TIMEOUT(state(), EngineHost::State::Running, WaitMs);
}

void TestApplication::tellsThatTheDemoCannotRun()
{
    run();
    app::Invocation demo = invocation();
    config::Config taken = *demo.config;
    taken.listen.port = m_program->host().port();
    demo.config = std::make_shared<const config::Config>(taken);
    demo.demo = demo.isPortTyped = true;
    app::Application second(demo);
    second.run();
    const auto isTold = [&] {
        const auto banners = second.window().findChildren<ui::Banner *>();
        return std::any_of(banners.begin(), banners.end(), [](const ui::Banner *banner) {
            return banner->isVisible() &&
                   banner->accessibleName().startsWith(QStringLiteral("The demo cannot run: "));
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(isTold(), WaitMs);
    QVERIFY(!second.window().windowTitle().contains(QStringLiteral("Demo")));
}

void TestApplication::quitsAtOnceWhenNothingRuns()
{
    run();
    QSignalSpy quitting(m_program.get(), &app::Application::quitting);
    m_program->window().close();
    QCOMPARE(quitting.count(), 1);
    QVERIFY(!question());
    QTRY_COMPARE_WITH_TIMEOUT(state(), EngineHost::State::Stopped, WaitMs);
}

void TestApplication::asksBeforeItCutsRequests()
{
    run();
    const auto running = busy();
    QVERIFY(running);
    Q_EMIT m_program->window().quitWanted();
    QVERIFY(question() && question()->isVisible());
    QCOMPARE(question()->text(), QStringLiteral("1 request is running."));
    Q_EMIT m_program->window().quitWanted(); // once is enough
    QCOMPARE(m_program->window().findChildren<ui::QuitQuestion *>().size(), 1);
    QTest::keyClick(question(), Qt::Key_Escape);
    QTRY_VERIFY(!question());
    QCOMPARE(state(), EngineHost::State::Running);
    QVERIFY(m_program->window().isVisible());

    Q_EMIT m_program->window().quitWanted();
    choose("&Keep running");
    QTRY_VERIFY(!question());
    QCOMPARE(state(), EngineHost::State::Running);
    QVERIFY(running->waitFor("content_block_delta"));
}

void TestApplication::waitsForRequestsIfToldTo()
{
    run();
    const quint16 port = m_program->host().port();
    const auto running = busy();
    QVERIFY(running);
    Q_EMIT m_program->window().quitWanted();
    choose("&Wait for it");
    QCOMPARE(state(), EngineHost::State::Stopping);
    // The window stays and says what it waits for.
    QVERIFY(m_program->window().isVisible());
    QPushButton *now = button(m_program->window(), "Quit &now");
    QVERIFY(now && now->isVisible());
    const auto isRefused = [port] {
        QTcpSocket late;
        late.connectToHost(QHostAddress::LocalHost, port);
        return !late.waitForConnected(WaitMs);
    };
    QTRY_VERIFY_WITH_TIMEOUT(isRefused(), WaitMs);
    QVERIFY(running->waitFor("content_block_delta"));
    QCOMPARE(state(), EngineHost::State::Stopping);
    running->close(); // it ends
    QTRY_COMPARE_WITH_TIMEOUT(state(), EngineHost::State::Stopped, WaitMs);
}

void TestApplication::cutsThemIfToldTo()
{
    run();
    const auto running = busy();
    QVERIFY(running);
    Q_EMIT m_program->window().quitWanted();
    choose("&Wait for it"); // and then changes one's mind
    QPushButton *now = button(m_program->window(), "Quit &now");
    QVERIFY(now);
    now->click();
    QVERIFY(running->waitForClose());
    QTRY_COMPARE_WITH_TIMEOUT(state(), EngineHost::State::Stopped, WaitMs);
}

void TestApplication::signalsDoNotAsk()
{
    run();
    const auto running = busy();
    QVERIFY(running);
    QSignalSpy quitting(m_program.get(), &app::Application::quitting);
    QCOMPARE(std::raise(SIGTERM), 0);
    QTRY_COMPARE_WITH_TIMEOUT(quitting.count(), 1, WaitMs);
    QVERIFY(!question());
    QCOMPARE(state(), EngineHost::State::Stopping);
}

void TestApplication::theEndOfTheSessionDoesNotAsk()
{
    run();
    const auto running = busy();
    QVERIFY(running);
    QEvent end(QEvent::Quit); // as the platform sends it
    QApplication::sendEvent(qApp, &end);
    QVERIFY(!question());
    QCOMPARE(state(), EngineHost::State::Stopping);
}

QTEST_MAIN(TestApplication)
#include "tst_application.moc"
