// SPDX-License-Identifier: GPL-3.0-or-later
// That a document which is not true fails, and says where and why.
#include "exchanges/script.h"
#include <QTest>

using namespace weir::exchanges;

namespace {

const QByteArray Ask = R"(client sends
    POST /v1/messages HTTP/1.1
    Host: 127.0.0.1
    x-api-key: k
    Content-Type: application/json

    {}
)";
const QByteArray Arrives = "upstream gets\n    POST /v1/messages\n    x-api-key: k\n\n    {}\n";
const QByteArray Answer = "upstream sends\n    200\n\n    ok\n";
const QByteArray Reply = "client gets\n    200\n\n    ok\n";

} // namespace

class TestScript : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhatIsWrong_data();
    void tellsWhatIsWrong();
};

void TestScript::tellsWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("place");
    QTest::addColumn<QByteArray>("why");
    const auto row = [](const char *name, const QByteArray &text, const QByteArray &place,
                        const QByteArray &why) { QTest::newRow(name) << text << place << why; };
    row("nothing", Ask + Arrives + Answer + Reply, "", "");
    row("the request", Ask + "upstream gets\n    POST /v1/messages\n    x-api-key: other\n\n    {}\n",
        "doc.txt:10, over h1: upstream gets\n", "expected  x-api-key: other\n  got       x-api-key: k\n");
    row("the reply", Ask + Arrives + Answer + "client gets\n    200\n\n    no\n",
        "doc.txt:19, over h1: client gets\n", "expected  no\n  got       ok\n");
    const QByteArray silence = "settings:\n    [timeouts]\n    first_byte_ms = 100\n";
    const QByteArray late = "client gets\n    504\n    body ~ .\n";
    row("a request that nobody expects", silence + Ask + "nothing reaches the upstream\n" + late,
        "after the last step", "a request that no step tells of has come:\n    POST /v1/messages");
    row("one request too many", silence + Ask + Arrives + Answer + Reply + Ask + late, "after the last step",
        "a request that no step tells of has come:\n    POST /v1/messages");
    row("a reply that nobody waits for", Ask + Arrives + Answer, "after the last step",
        "has not got all its replies");
    const QByteArray health = "client 2 sends\n    GET /health HTTP/1.1\n    Host: 127.0.0.1\n";
    const QByteArray isHealthy = "client 2 gets\n    200\n    body ~ .\n";
    row("a connection that is said to end",
        Ask + Arrives + Answer + Reply + health + "    Connection: close\n" + isHealthy, "client 2 gets",
        "this reply says that its connection closes");
    // Idle for as long as the other waits.
    row("a connection that ends",
        "settings:\n    [timeouts]\n    first_byte_ms = 1000\n    keepalive_ms = 10\n" + Ask + Arrives +
            health + isHealthy + late,
        "after the last step", "does not serve any more");
    row("no end where a cut is due", Ask + Arrives + Answer + "client gets\n    200\n\n    ok\n    (cut)\n",
        "client gets", "expected  (cut)\n  got       a whole message");
    row("a setting", "settings:\n    [limits]\n    body_max = \"a\"\n" + Ask + Arrives, "doc.txt:1",
        "doc.txt:5: 'limits.body_max'");
    row("an unknown setting", "settings:\n    [limits]\n    body_mx = 1\n" + Ask + Arrives, "doc.txt:1",
        "doc.txt:5: there is no setting");
    row("an access key", "key: {\"limit\":1}\n" + Ask + Arrives, "doc.txt:1",
        "line 3: a value cannot be accepted");
}

void TestScript::tellsWhatIsWrong()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, place);
    QFETCH(QByteArray, why);
    const auto read = readDocument("It works.\n\n" + text);
    QVERIFY(std::holds_alternative<Document>(read));
    const QByteArray problem = Script(std::get<Document>(read), "doc.txt", Transport::H1).play();
    QCOMPARE(problem.isEmpty(), why.isEmpty());
    QVERIFY2(problem.contains(place) && problem.contains(why), problem.constData());
}

QTEST_GUILESS_MAIN(TestScript)
#include "tst_script.moc"
