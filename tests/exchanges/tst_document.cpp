// SPDX-License-Identifier: GPL-3.0-or-later
// What a document may say, and that what cannot be meant is refused with its line.
#include "exchanges/document.h"
#include <QTest>

using namespace weir::exchanges;

namespace {

const QByteArray Ask = R"(client sends
    GET /v1/models HTTP/1.1
    Host: 127.0.0.1

)";
const QByteArray Arrives = "upstream gets\n    GET /v1/models\n\n";
const QByteArray Nothing = "nothing reaches the upstream\n";

/// The step that `text` adds to a document that ends well.
QByteArray with(const QByteArray &text)
{
    return "It works.\n\n" + text;
}

} // namespace

class TestDocument : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsAll();
    void readsEndings_data();
    void readsEndings();
    void choosesTransports_data();
    void choosesTransports();
    void numbersRequests();
    void refuses_data();
    void refuses();
};

void TestDocument::readsAll()
{
    const auto read = readDocument(R"(A title
in two lines.

on: h2 qnam-h2
upstreams: backup
key: {"limits":{"concurrent":1}}
settings:
    [limits]

    body_max = 10
    # a comment of TOML

# A comment.
client sends
    POST /v1/messages HTTP/1.1
    X-Empty:

    {"a":1}
    \n
backup gets

    POST /v1/messages
    no x-gone
    X-Is: a b
    x-has has b
    x-like ~ ^a\d+ $
    body.a.0.B: 1
backup sends
    200 chunked
    A: b

    one
    (more)
backup resets CANCEL
client gets
    200

    one
    (cut)
)");
    const auto *problem = std::get_if<Problem>(&read);
    QVERIFY2(!problem, problem ? problem->what.constData() : "");
    const Document &document = std::get<Document>(read);
    QCOMPARE(document.title, QByteArray("A title in two lines."));
    QCOMPARE(document.transports, (std::vector{Transport::H2, Transport::QnamH2}));
    QCOMPARE(document.upstreams, (std::vector<QByteArray>{"upstream", "backup"}));
    QCOMPARE(document.keys.size(), std::size_t(1));
    QCOMPARE(document.keys.front().json, QByteArray(R"({"limits":{"concurrent":1}})"));
    QCOMPARE(document.settingsLine, 8);
    QCOMPARE(document.settings.bytes({}), QByteArray("[limits]\n\nbody_max = 10\n# a comment of TOML\n"));

    QCOMPARE(document.steps.size(), std::size_t(5));
    const Step &sends = document.steps[0];
    QCOMPARE(sends.line, 14);
    QCOMPARE(sends.who, TheClient);
    QCOMPARE(sends.number, 1);
    QCOMPARE(sends.sending.head.size(), std::size_t(2));
    QCOMPARE(sends.sending.body.size(), std::size_t(2));
    QVERIFY(sends.sending.isWhole);
    const Step &gets = document.steps[1];
    QCOMPARE(gets.who, 1);
    QCOMPARE(gets.expectation.start.bytes({}), QByteArray("POST /v1/messages"));
    QVERIFY(!gets.expectation.body);
    const auto &statements = gets.expectation.statements;
    using Relation = Statement::Relation;
    QCOMPARE(statements.size(), std::size_t(5));
    QCOMPARE(statements[0].relation, Relation::IsAbsent);
    QCOMPARE(statements[1].subject, QByteArray("x-is"));
    QCOMPARE(statements[1].text.bytes({}), QByteArray("a b"));
    QCOMPARE(statements[2].relation, Relation::Has);
    QCOMPARE(statements[3].pattern.pattern(), QStringLiteral("^a\\d+ $"));
    QCOMPARE(statements[4].subject, QByteArray("body.a.0.B"));
    const Sending &answer = document.steps[2].sending;
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.framing, Framing::Chunked);
    QVERIFY(!answer.isWhole);
    QCOMPARE(*document.steps[3].code, 8U);
    QCOMPARE(document.steps[4].expectation.ending, Ending::Cut);
    QCOMPARE(document.steps[4].expectation.body->bytes({}), QByteArray("one"));
}

void TestDocument::readsEndings_data()
{
    QTest::addColumn<QByteArray>("block");
    QTest::addColumn<Ending>("ending");
    QTest::addColumn<QByteArray>("body"); // null: nothing is said of it
    QTest::newRow("none") << QByteArray("    200\n") << Ending::Whole << QByteArray();
    QTest::newRow("an empty line only") << QByteArray("    200\n\n") << Ending::Whole << QByteArray();
    QTest::newRow("closed, without a body")
        << QByteArray("    200\n    (closed)\n") << Ending::Closed << QByteArray();
    QTest::newRow("cut, below an empty line")
        << QByteArray("    200\n    body has x\n\n    (cut)\n") << Ending::Cut << QByteArray();
    QTest::newRow("more") << QByteArray("    200\n\n    a\n    (more)\n") << Ending::More << QByteArray("a");
    QTest::newRow("a bracket of the body")
        << QByteArray("    200\n\n    \\x28more)\n") << Ending::Whole << QByteArray("(more)");
    QTest::newRow("a bracket that is no word")
        << QByteArray("    200\n\n    (a b)\n") << Ending::Whole << QByteArray("(a b)");
}

void TestDocument::readsEndings()
{
    QFETCH(QByteArray, block);
    QFETCH(Ending, ending);
    QFETCH(QByteArray, body);
    const auto read = readDocument(with(Ask + Nothing + "client gets\n" + block));
    QVERIFY(std::holds_alternative<Document>(read));
    const Expectation &expected = std::get<Document>(read).steps.back().expectation;
    QCOMPARE(expected.ending, ending);
    QCOMPARE(expected.body.has_value(), !body.isNull());
    if (expected.body)
        QCOMPARE(expected.body->bytes({}), body);
}

void TestDocument::choosesTransports_data()
{
    QTest::addColumn<QByteArray>("steps");
    QTest::addColumn<QByteArray>("names");
    QTest::newRow("all") << Ask + Arrives << QByteArray("h1 h2 qnam-h1 qnam-h2");
    QTest::newRow("bytes of HTTP/1.1") << Ask + Arrives + "upstream sends raw\n    x\n"
                                       << QByteArray("h1 qnam-h1");
    QTest::newRow("GOAWAY") << Ask + Arrives + "upstream goes away NO_ERROR last 0\n"
                            << QByteArray("h2 qnam-h2");
    QTest::newRow("RST_STREAM") << Ask + Arrives + "upstream resets 99\n" << QByteArray("h2 qnam-h2");
    QTest::newRow("RST of TCP") << Ask + Arrives + "upstream resets\n" << QByteArray("h1 h2 qnam-h1 qnam-h2");
    QTest::newRow("none is reached") << Ask + Nothing << QByteArray("h1");
    QTest::newRow("named") << "on: qnam-h1 h1\n" + Ask + Arrives << QByteArray("qnam-h1 h1");
}

void TestDocument::choosesTransports()
{
    QFETCH(QByteArray, steps);
    QFETCH(QByteArray, names);
    const auto read = readDocument(with(steps));
    QVERIFY(std::holds_alternative<Document>(read));
    QByteArrayList chosen;
    for (const Transport transport : std::get<Document>(read).transports)
        chosen += name(transport);
    QCOMPARE(chosen.join(' '), names);
}

void TestDocument::numbersRequests()
{
    const QByteArray answer = "upstream sends\n    200\n";
    const QByteArray first = "upstream 1 sends\n    200\n";
    const auto read = readDocument(with(Ask + Arrives + Ask + Arrives + answer + first));
    QVERIFY(std::holds_alternative<Document>(read));
    std::vector<int> numbers;
    for (const Step &step : std::get<Document>(read).steps)
        numbers.push_back(step.number);
    QCOMPARE(numbers, (std::vector{1, 1, 1, 2, 2, 1}));
}

void TestDocument::refuses_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("line");
    QTest::addColumn<QByteArray>("why");
    const auto row = [](const char *name, const QByteArray &text, int line, const QByteArray &why) {
        QTest::newRow(name) << text << line << why;
    };
    // The page
    row("nothing", "", 1, "a sentence");
    row("no full stop", "It works\n\n" + Ask, 1, "a sentence");
    row("no title", Ask, 1, "a sentence");
    row("a tab", with("client sends\n\tx"), 4, "control character");
    row("ends of lines of others", "It works.\r\n", 1, "control character");
    row("an invisible space", with("client sends "), 3, R"(\x20)");
    row("two spaces", with("client sends\n  x"), 4, "four spaces");
    row("a block of nobody", with("    x\n"), 3, "no line at the margin");
    row("nothing happens", with("# only this\n"), 3, "no client sends anything");
    row("the upstream is forgotten", with(Ask + "client gets\n    200\n"), 8, "nothing reaches the upstream");
    // Settings
    row("an unknown transport", with("on: h3\n"), 3, "h1, h2, qnam-h1, qnam-h2");
    row("no transport", with("on:\n"), 3, "is no transport");
    row("a transport twice", with("on: h1 h1\n"), 3, "twice");
    row("transports twice", with("on: h1\non: h2\n"), 4, "already");
    row("transports in a block", with("on: h1\n    h2\n"), 4, "no step");
    row("an upstream's name", with("upstreams: B\n"), 3, "'B' cannot be");
    row("an upstream twice", with("upstreams: upstream\n"), 3, "'upstream' cannot be");
    row("an upstream called client", with("upstreams: client\n"), 3, "'client' cannot be");
    row("a key without JSON", with("key: 5\n"), 3, "JSON");
    row("settings without a block", with("settings:\n"), 3, "in a block below");
    row("settings on the line", with("settings: a = 1\n"), 3, "in a block below");
    row("settings twice", with("settings:\n    a = 1\nsettings:\n    b = 1\n"), 5, "once");
    row("settings that are no TOML", with("settings:\n    a = 1\n\n    b = \n"), 6, R"(\x20)");
    row("broken TOML", with("settings:\n    a = 1\n\n    b =\n"), 6, "");
    row("settings too late", with(Ask + "on: h1\n"), 7, "before the first step");
    // Steps
    row("an unknown actor", with("server gets\n"), 3, "'server' is unknown");
    row("an unknown verb", with("client says\n"), 3, "'says' is nothing that client can do");
    row("a verb of the other side", with("client goes away NO_ERROR last 0\n"), 3,
        "nothing that client can do");
    row("nothing said", with("client\n"), 3, "sends, gets more");
    row("number 0", with("client 0 sends\n    x\n"), 3, "begin with 1");
    row("no block", with("client sends\n\n" + Arrives), 3, "a block is expected");
    row("a block too many", with(Ask + "client closes\n    x\n"), 7, "no block");
    row("words too many", with(Ask + "client resets CANCEL\n"), 7, "'CANCEL' is too much");
    row("an unknown code", with(Ask + Arrives + "upstream resets SOON\n"), 10, "CANCEL or NO_ERROR");
    row("GOAWAY without a last", with(Ask + Arrives + "upstream goes away NO_ERROR\n"), 10, "last N");
    row("GOAWAY without a code", with(Ask + Arrives + "upstream goes away\n"), 10, "last N");
    // Blocks
    row("no request", with("client sends\n    hello\n"), 4, "sent raw");
    row("no field", with("client sends\n    GET / HTTP/1.1\n    Host\n"), 5, "'Name: value'");
    row("the body in the head", with("client sends\n    GET / HTTP/1.1\n    {\"a\": 1}\n"), 5,
        "below an empty line");
    row("an empty line in a body", with("client sends\n    GET / HTTP/1.1\n\n    a\n\n    b\n"), 7, R"(\n)");
    row("a wrong escape", with("client sends\n    GET / HTTP/1.1\n\n    \\u00fc\n"), 6, "no escape");
    row("an unknown name", with("client sends\n    GET /{kye} HTTP/1.1\n"), 4, "there is no {kye}");
    row("a key that is not made", with("client sends\n    GET / HTTP/1.1\n    K: {key}\n"), 5,
        "there is no {key}");
    row("an unknown name in settings", with("settings:\n    a = \"{b}\"\n"), 4, "there is no {b}");
    row("an unknown ending", with("client sends\n    GET / HTTP/1.1\n    (end)\n"), 5,
        "(more), (cut), (closed)");
    row("a request that is cut", with("client sends\n    GET / HTTP/1.1\n    (cut)\n"), 5,
        "a step of its own");
    row("no status", with(Ask + Arrives + "upstream sends\n    OK\n"), 11, "a status is expected");
    row("a status with a word", with(Ask + Arrives + "upstream sends\n    200 OK\n"), 11, "'chunked'");
    row("a 204 with a body", with(Ask + Arrives + "upstream sends\n    204\n\n    x\n"), 11, "has no body");
    row("an interim head that is open", with(Ask + Arrives + "upstream sends\n    103\n    (more)\n"), 11,
        "has no body");
    row("a reply without a status", with(Ask + "client gets\n    HTTP/1.1 200\n"), 8, "a status is expected");
    row("no target", with(Ask + "upstream gets\n    GET\n"), 8, "'METHOD TARGET'");
    row("a closed request", with(Ask + "upstream gets\n    GET /\n    (closed)\n"), 9, "may be (cut)");
    row("no statement", with(Ask + "client gets\n    200\n    what is this\n"), 9, "'name has text'");
    row("a broken pattern", with(Ask + "client gets\n    200\n    a ~ (\n"), 9, "no regular expression");
    row("the body as a statement", with(Ask + "client gets\n    200\n    body: x\n"), 9,
        "below an empty line");
    row("no body as a statement", with(Ask + "client gets\n    200\n    no body\n"), 9, "nothing is said");
    row("the body twice", with(Ask + "client gets\n    200\n    body has x\n\n    x\n"), 9, "as a whole");
    row("part of a part", with(Ask + "client gets\n    200\n    body has x\n    (more)\n"), 10,
        "write its bytes");
    // Order
    row("nobody has asked", with("client gets\n    200\n"), 3, "no connection with this number");
    row("a connection left out", with(Ask + "client 3 sends\n    GET / HTTP/1.1\n"), 7,
        "the next new one is 2");
    row("nothing has come", with(Ask + "upstream sends\n    200\n"), 7, "has got 0 requests");
    row("a request left out", with(Ask + "upstream 2 gets\n    GET /\n"), 7, "has got 0 requests");
    row("a request got twice", with(Ask + Arrives + "upstream 1 gets\n    GET /\n"), 10, "is 2");
    row("answered twice", with(Ask + Arrives + "upstream sends\n    200\nupstream sends\n    200\n"), 12,
        "has been answered");
    row("more of a whole answer",
        with(Ask + Arrives + "upstream sends\n    200\nupstream sends more\n    x\n"), 12,
        "ends with (more)");
    row("trailers of a whole answer",
        with(Ask + Arrives + "upstream sends\n    200\nupstream sends trailers\n    a: b\n"), 12,
        "ends with (more)");
    row("more after an interim head",
        with(Ask + Arrives + "upstream sends\n    103\nupstream sends more\n    x\n"), 12,
        "ends with (more)");
    row("a request within another", with("client sends\n    GET / HTTP/1.1\n    (more)\n" + Ask), 6,
        "'sends more'");
    row("more of a whole reply", with(Ask + "client gets\n    200\nclient gets more\n    x\n"), 9,
        "ends with (more)");
    row("a reply within another", with(Ask + "client gets\n    200\n    (more)\nclient gets\n    200\n"), 10,
        "'gets more'");
    row("after the end", with(Ask + "client closes\nclient sends\n    GET / HTTP/1.1\n"), 8,
        "ended in line 7");
    row("after (closed)", with(Ask + "client gets\n    200\n    (closed)\nclient gets\n    200\n"), 10,
        "ended in line 7");
    row("after a reset", with(Ask + Arrives + "upstream resets\nupstream sends\n    200\n"), 11,
        "ended in line 10");
    // Transports
    row("raw over HTTP/2", with("on: h1 h2\n" + Ask + Arrives + "upstream sends raw\n    x\n"), 3,
        "line 11 cannot be over h2");
    row("GOAWAY over HTTP/1.1",
        with("on: qnam-h1\n" + Ask + Arrives + "upstream goes away NO_ERROR last 0\n"), 3, "over qnam-h1");
    row("no transport has both",
        with(Ask + Arrives + "upstream resets CANCEL\n" + Ask + Arrives + "upstream sends raw\n    x\n"), 18,
        "of HTTP/2");
}

void TestDocument::refuses()
{
    QFETCH(QByteArray, text);
    QFETCH(int, line);
    QFETCH(QByteArray, why);
    const auto read = readDocument(text);
    const auto *problem = std::get_if<Problem>(&read);
    QVERIFY(problem);
    QVERIFY2(problem->what.contains(why), problem->what.constData());
    QVERIFY2(problem->line == line, (QByteArray::number(problem->line) + ": " + problem->what).constData());
}

QTEST_APPLESS_MAIN(TestDocument)
#include "tst_document.moc"
