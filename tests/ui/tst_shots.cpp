// temporary
#include "engine/live_feed.h"
#include "ui/dialogs/config_problems_dialog.h"
#include "ui/dialogs/quit_question.h"
#include "ui/main_window.h"
#include "ui/ui_fixture.h"
#include <QApplication>
#include <QDir>
#include <QLabel>
#include <QTableView>
#include <QTest>
using namespace weir;
using namespace weir::ui;
class TestShots : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void shoot();
};
void TestShots::shoot()
{
    Theme theme;
    const QString out = qEnvironmentVariable("SHOTS", QStringLiteral("/tmp/shots"));
    const QString tag = qEnvironmentVariable("TAG");
    QDir().mkpath(out);
    QFont font = QApplication::font();
    font.setPointSizeF(font.pointSizeF() * qEnvironmentVariable("FONT", QStringLiteral("1")).toDouble());
    QApplication::setFont(font);
    for (const bool dark : {false, true}) {
        theme.setChoice(dark ? Theme::Choice::Dark : Theme::Choice::Light);
        for (const int requests : {0, 1, 300}) {
            engine::EngineHost host;
            engine::EngineHost demo;
            MainWindow window(host);
            window.show();
            QVERIFY(QTest::qWaitForWindowExposed(&window));
            auto feed = [&](engine::EngineHost &h) {
                for (int s = 0; s < (requests > 1 ? 200 : 1) && requests; ++s)
                    test::feedRecords(*h.liveFeed(), requests > 1 && s < 298 ? 2 : 1, 1'700'000'000'000 + s * 1000);
                if (requests > 1) {
                    metrics::RecordBatch batch;
                    auto put = [&](std::optional<std::int64_t> cost, int status, metrics::Outcome o) {
                        auto r = test::sampleRecord(int(batch.size()) + 1);
                        r.costMicros = cost;
                        r.status = status;
                        r.outcome = o;
                        batch.push_back(r);
                    };
                    put(12'345, 200, metrics::Outcome::Completed);
                    put(12, 200, metrics::Outcome::Completed);
                    put(0, 429, metrics::Outcome::Completed);
                    put(std::nullopt, 200, metrics::Outcome::Completed);
                    put(1'234'567, 200, metrics::Outcome::Completed);
                    h.liveFeed()->accept(test::sampleSnapshot(1'700'000'300'000, 300), std::move(batch));
                }
            };
            feed(host);
            auto shot = [&](QWidget &w, const QString &name) {
                QTest::qWait(50);
                w.grab().save(QStringLiteral("%1/%2-%3-%4-%5.png").arg(out, name, QLatin1String(dark ? "dark" : "light")).arg(requests).arg(tag));
            };
            for (const char *id : {"overview", "requests", "get-started", "pool"}) {
                window.showPage(QLatin1String(id));
                if (QByteArray(id) == "requests") {
                    for (auto *t : window.findChildren<QTableView *>())
                        if (t->isVisible() && t->accessibleName() == QLatin1String("Requests"))
                            t->selectRow(0);
                }
                shot(window, QLatin1String(id));
            }
            if (requests == 300) {
                window.setNotices({QStringLiteral("/home/u/.config/weir/weir.toml:3: there is no setting 'listen.prot' (did you mean 'listen.port'?); it is ignored"), QStringLiteral("/home/u/.config/weir/weir.toml: other users of this machine can change this file and so send your keys elsewhere; chmod 600 it")}, QStringLiteral("/etc/hostname"));
                window.setDemo(&demo);
                feed(demo);
                shot(window, QStringLiteral("demo"));
                { auto s = std::make_shared<metrics::Snapshot>(*test::sampleSnapshot(1, 3)); s->active = 2; host.liveFeed()->accept(s, {}); } window.askToQuit();
                shot(*window.findChild<QuitQuestion *>(), QStringLiteral("quit"));
                window.setQuitting();
                window.setDemo(nullptr);
                shot(window, QStringLiteral("quitting"));
            }
        }
        ConfigProblemsDialog dialog(QStringLiteral("/etc/hostname"), {{"/etc/hostname:2", "'pool.max' must be between 1 and 64, not 0"}, {"/etc/hostname:14", "'listen.port' must be a whole number, not 'x', and this is a long sentence that goes on so that it has to be wrapped somewhere in the middle"}, {"--set pool.warm", "'pool.warm' must be true or false, not '<maybe>'"}});
        dialog.show();
        QTest::qWait(50);
        dialog.grab().save(QStringLiteral("%1/config-%2-0-%3.png").arg(out, QLatin1String(dark ? "dark" : "light"), tag));
    }
}
QTEST_MAIN(TestShots)
#include "tst_shots.moc"
