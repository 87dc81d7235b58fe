// SPDX-License-Identifier: GPL-3.0-or-later
// Request heads. Every row is fed in one piece, byte by byte, and cut at each position: the outcome must be
// the same.
#include "http/limits.h"
#include "request_outcome.h"
#include <QTest>

using namespace weir::http;
using weir::base::Errc;

namespace {

/// A request without a body, `size` bytes long in all.
QByteArray ofSize(const QByteArray &before, std::size_t size)
{
    const QByteArray start = before + "GET / HTTP/1.1\r\n" + Host + "X: ";
    const QByteArray end = "\r\n\r\n";
    return start + QByteArray(qsizetype(size) - start.size() - end.size(), 'a') + end;
}

} // namespace

class TestRequestParser : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void accepts_data();
    void accepts();
    void refuses_data();
    void refuses();
    void refusesEachControlByte();
    void readsTheHead();
    void stopsAtTheEndOfAMessage();
    void staysFailed();
    void tellsTheMethodOfWhatIsNoRequest_data();
    void tellsTheMethodOfWhatIsNoRequest();
};

void TestRequestParser::accepts_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("keepAlive");
    const auto row = [](const char *name, const QByteArray &bytes, const QByteArray &body = {},
                        bool keep = true) { QTest::newRow(name) << bytes << body << keep; };
    row("no body", "GET /health HTTP/1.1\r\n" + Host + "\r\n");
    row("body with a length", post("Content-Length: 5\r\n", "hello"), "hello");
    row("empty body", post("Content-Length: 0\r\n"));
    row("the coding's name in capitals", post("Transfer-Encoding: Chunked\r\n", "0\r\n\r\n"));
    row("empty line before the request", "\r\nGET / HTTP/1.1\r\n" + Host + "\r\n");
    row("empty lines before the request", "\r\n\r\n\r\nGET / HTTP/1.1\r\n" + Host + "\r\n");
    row("largest head", ofSize({}, HeadMax));
    row("largest head, with an empty line", ofSize("\r\n", HeadMax));
    row("closing asked for", post("Connection: close\r\nContent-Length: 0\r\n"), {}, false);
    row("closing among others", post("Connection: x-a, Close\r\nContent-Length: 0\r\n"), {}, false);
    row("HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\n", {}, false);
    row("HTTP/1.0 told both", "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", {}, false);
    row("HTTP/1.0 may stay", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    row("an upgrade is ignored",
        "GET / HTTP/1.1\r\n" + Host + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    row("an upgrade with a body too",
        post("Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n", "hi"), "hi");
    row("asterisk for OPTIONS", "OPTIONS * HTTP/1.1\r\n" + Host + "\r\n");
    row("own authority in the target", "GET http://LOCALHOST/a?b HTTP/1.1\r\n" + Host + "\r\n");
    row("empty value", post("X:\r\nContent-Length: 0\r\n"));
    row("bytes above ASCII in a value", post("X: gr\xC3\xBC\xC3\x9F\r\nContent-Length: 0\r\n"));
    row("200 fields", "GET / HTTP/1.1\r\n" + Host + QByteArray("X: y\r\n").repeated(199) + "\r\n");
}

void TestRequestParser::accepts()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, body);
    QFETCH(bool, keepAlive);
    const Outcome outcome = parseEachWay(bytes);
    QVERIFY2(outcome.error == Errc::None, outcome.detail.c_str());
    QCOMPARE(outcome.ended, 1);
    QCOMPARE(QByteArray::fromStdString(outcome.bodies.front()), body);
    QCOMPARE(outcome.heads.front().keepAlive, keepAlive);
}

void TestRequestParser::refuses_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("code");
    const auto row = [](const char *name, const QByteArray &bytes, Errc code = Errc::MalformedRequest) {
        QTest::newRow(name) << bytes << int(code);
    };
    // The head's lines.
    row("LF ends the request line", "GET / HTTP/1.1\n" + Host + "\r\n");
    row("LF ends a field", "GET / HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n");
    row("LF ends the head", "GET / HTTP/1.1\r\n" + Host + "\n");
    row("CR in a value", post("X: a\rb\r\n"));
    row("CR before the end", post("X: a\r\r\n"));
    row("folded line", post("X: a\r\n b\r\n"));
    row("folded length", post("Content-Length:\r\n 5\r\n", "hello"));
    row("blank before the colon", post("Content-Length : 5\r\n", "hello"));
    row("no name", post(": x\r\n"));
    row("no colon", post("nocolon\r\n"));
    row("blank in a name", post("no colon: x\r\n"));
    row("byte above ASCII in a name", post("H\xE9: x\r\n"));
    row("blank before the first field", "GET / HTTP/1.1\r\n " + Host + "\r\n");
    row("no Host", "GET / HTTP/1.1\r\n\r\n");
    row("two Hosts", "GET / HTTP/1.1\r\n" + Host + Host + "\r\n");
    // The request line.
    row("HTTP/0.9", "GET /\r\n\r\n");
    row("HTTP/2.0", "GET / HTTP/2.0\r\n" + Host + "\r\n");
    row("HTTP/1.2", "GET / HTTP/1.2\r\n" + Host + "\r\n");
    row("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    row("TLS", QByteArray::fromHex("16030100a5010000a10303"));
    row("ssh", "SSH-2.0-OpenSSH_9.2\r\n\r\n");
    row("unknown method", "BREW / HTTP/1.1\r\n" + Host + "\r\n");
    row("long method", QByteArray(5000, 'A') + " / HTTP/1.1\r\n" + Host + "\r\n");
    row("method in small letters", "get / HTTP/1.1\r\n" + Host + "\r\n");
    row("two blanks", "GET  / HTTP/1.1\r\n" + Host + "\r\n");
    row("blank before the method", " GET / HTTP/1.1\r\n" + Host + "\r\n");
    row("blank after the version", "GET / HTTP/1.1 \r\n" + Host + "\r\n");
    row("text after the version", "GET / HTTP/1.1 x\r\n" + Host + "\r\n");
    row("version in small letters", "GET / http/1.1\r\n" + Host + "\r\n");
    row("version with a zero", "GET / HTTP/1.01\r\n" + Host + "\r\n");
    row("version without a part", "GET / HTTP/1\r\n" + Host + "\r\n");
    row("another protocol", "GET / RTSP/1.1\r\n" + Host + "\r\n");
    row("ICE, which llhttp knows", "SOURCE / ICE/1.1\r\n" + Host + "\r\n");
    row("RTSP's method", "DESCRIBE / RTSP/1.1\r\n" + Host + "\r\n");
    row("no target", "GET HTTP/1.1\r\n" + Host + "\r\n");
    row("tab for a blank", "GET\t/ HTTP/1.1\r\n" + Host + "\r\n");
    row("fragment", "GET /a#b HTTP/1.1\r\n" + Host + "\r\n");
    row("backslash", "GET /a\\b HTTP/1.1\r\n" + Host + "\r\n");
    row("blank in the target", "GET /a b HTTP/1.1\r\n" + Host + "\r\n");
    row("byte above ASCII in the target", "GET /\xFF HTTP/1.1\r\n" + Host + "\r\n");
    row("asterisk for GET", "GET * HTTP/1.1\r\n" + Host + "\r\n");
    row("another scheme", "GET ftp://localhost/ HTTP/1.1\r\n" + Host + "\r\n");
    row("foreign authority", "GET http://evil.example/ HTTP/1.1\r\n" + Host + "\r\n", Errc::HostNotAllowed);
    row("authority with user", "GET http://a@localhost/ HTTP/1.1\r\n" + Host + "\r\n", Errc::HostNotAllowed);
    row("CONNECT", "CONNECT localhost:443 HTTP/1.1\r\n" + Host + "\r\n", Errc::MethodNotAllowed);
    row("TRACE", "TRACE /v1/models HTTP/1.1\r\n" + Host + "\r\n", Errc::MethodNotAllowed);
    row("strange expectation", post("Expect: nonsense\r\nContent-Length: 2\r\n", "hi"),
        Errc::ExpectationFailed);
    row("strange expectation after a good one",
        post("Expect: 100-continue\r\nExpect: nonsense\r\nContent-Length: 2\r\n", "hi"),
        Errc::ExpectationFailed);
    // Too much.
    row("largest head and a byte", ofSize({}, HeadMax + 1), Errc::HeadTooLarge);
    row("largest head and a byte, with an empty line", ofSize("\r\n", HeadMax + 1), Errc::HeadTooLarge);
    row("endless empty lines", QByteArray("\r\n").repeated(40'000), Errc::HeadTooLarge);
    row("endless method", QByteArray(100'000, 'A'));
    row("endless head", "GET / HTTP/1.1\r\nX: " + QByteArray(100'000, 'a'), Errc::HeadTooLarge);
    row("long target", "GET /" + QByteArray(9000, 'a') + " HTTP/1.1\r\n" + Host + "\r\n",
        Errc::TargetTooLong);
    row("endless target", "GET /" + QByteArray(100'000, 'a'), Errc::TargetTooLong);
    row("large head", post("X: " + QByteArray(66'000, 'a') + "\r\n"), Errc::HeadTooLarge);
    row("201 fields", "GET / HTTP/1.1\r\n" + Host + QByteArray("X: y\r\n").repeated(200) + "\r\n",
        Errc::HeadTooLarge);
}

void TestRequestParser::refuses()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, code);
    const Outcome outcome = parseEachWay(bytes);
    QCOMPARE(outcome.text().split('=').last(),
             QByteArray::fromStdString(std::string(weir::base::identifier(Errc(code)))));
    QCOMPARE(outcome.ended, 0);
}

void TestRequestParser::refusesEachControlByte()
{
    for (int byte = 0; byte <= 0x7F; ++byte) {
        if ((byte >= 0x20 && byte < 0x7F) || byte == '\t' || byte == '\r' || byte == '\n')
            continue;
        const QByteArray control(1, char(byte));
        const QByteArray name = QByteArray::number(byte, 16);
        QVERIFY2(parseEachWay(post("X: a" + control + "b\r\n")).error == Errc::MalformedRequest,
                 name.constData());
        QVERIFY2(parseEachWay(post("X" + control + "Y: a\r\n")).error == Errc::MalformedRequest,
                 name.constData());
        QVERIFY2(parseEachWay("GET /" + control + " HTTP/1.1\r\n" + Host + "\r\n").error ==
                     Errc::MalformedRequest,
                 name.constData());
    }
}

void TestRequestParser::readsTheHead()
{
    const Outcome outcome =
        parseEachWay("POST /v1/messages?beta=true HTTP/1.1\r\nHost: localhost\r\nX-A:  padded \t\r\n"
                     "x-a: again\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi");
    const RequestHead &head = outcome.heads.front();
    QCOMPARE(head.method, std::string("POST"));
    QCOMPARE(head.path(), std::string_view("/v1/messages"));
    QCOMPARE(head.query(), std::string_view("?beta=true"));
    QCOMPARE(head.contentLength, std::optional<std::int64_t>(2));
    QVERIFY(head.expectsContinue);
    QVERIFY(!head.chunked);
    QCOMPARE(head.minorVersion, 1);
    QCOMPARE(head.headers.find("X-a"), std::optional<std::string_view>("padded"));
    QCOMPARE(head.headers.count("x-a"), std::size_t(2));
    QCOMPARE(head.headers.at(1).name, std::string_view("X-A")); // as it was spelled
    const Outcome absolute = parseEachWay("GET http://localhost?q HTTP/1.1\r\nHost: localhost\r\n\r\n");
    QCOMPARE(absolute.heads.front().target, std::string("/?q"));
}

void TestRequestParser::stopsAtTheEndOfAMessage()
{
    const QByteArray one = post("Content-Length: 2\r\n", "hi");
    const QByteArray two = chunked("1\r\na\r\n0\r\n\r\n");
    const QByteArray three = "GET /health HTTP/1.1\r\n" + Host + "\r\n";
    const Outcome outcome = parseEachWay(one + two + three + "garbage\r\n\r\n");
    QCOMPARE(outcome.ended, 3);
    QCOMPARE(outcome.bodies[0], std::string("hi"));
    QCOMPARE(outcome.bodies[1], std::string("a"));
    QCOMPARE(outcome.heads[2].target, std::string("/health"));
    QCOMPARE(outcome.error, Errc::MalformedRequest);

    Collector collector;
    RequestParser parser(collector, BodyMax);
    QVERIFY(parser.isIdle());
    const QByteArray both = one + two;
    std::string_view data(both.constData(), std::size_t(both.size()));
    for (int feeds = 0; feeds < 5 && !parser.isComplete(); ++feeds) {
        const auto used = parser.feed(data);
        QVERIFY(used);
        data.remove_prefix(*used);
    }
    QCOMPARE(data.size(), std::size_t(two.size()));
    QCOMPARE(*parser.feed(data), std::size_t(0)); // nothing more until next()
}

void TestRequestParser::staysFailed()
{
    Collector collector;
    RequestParser parser(collector, BodyMax);
    QVERIFY(!parser.feed("GET / HTTP/9.9\r\nHost: localhost\r\n\r\n"));
    QVERIFY(!parser.feed("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    QVERIFY(collector.outcome.heads.empty());
}

void TestRequestParser::tellsTheMethodOfWhatIsNoRequest_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("method");
    const auto row = [](const char *name, const QByteArray &bytes, const QByteArray &method) {
        QTest::newRow(name) << bytes << method;
    };
    row("nothing", {}, {});
    row("a part of it", "HEA", {});
    row("all of it, perhaps", "HEAD", {});
    row("all of it", "HEAD ", "HEAD");
    row("the beginning of a head", "HEAD / HTTP/1.1\r\nHost: loc", "HEAD");
    row("behind empty lines", "\r\n\r\nHEAD /", "HEAD");
    row("a control byte in the target", "HEAD /\x01", "HEAD");
    row("a control byte in a field", "HEAD / HTTP/1.1\r\nX: \x01", "HEAD");
    row("no Host", "HEAD / HTTP/1.1\r\n\r\n", "HEAD");
    row("an unknown version", "HEAD / HTTP/9.9\r\nHost: localhost\r\n\r\n", "HEAD");
    row("a field that is none", "HEAD / HTTP/1.1\r\nHost: localhost\r\na b: c\r\n\r\n", "HEAD");
    row("the next request", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /\x01", "HEAD");
    row("a line that begins with a blank", " HEAD / HTTP/1.1\r\n\r\n", {});
}

void TestRequestParser::tellsTheMethodOfWhatIsNoRequest()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, method);
    for (qsizetype cut = 0; cut <= bytes.size(); ++cut) {
        Collector collector;
        RequestParser parser(collector, BodyMax);
        bool hasFailed = false;
        for (const QByteArray &piece : {bytes.left(cut), bytes.mid(cut)}) {
            std::string_view data(piece.constData(), std::size_t(piece.size()));
            while (!data.empty() && !hasFailed) {
                const auto used = parser.feed(data);
                hasFailed = !used;
                data.remove_prefix(used ? *used : 0);
                if (parser.isComplete())
                    parser.next();
            }
        }
        QCOMPARE(QByteArray::fromStdString(std::string(parser.method())), method);
    }
}

QTEST_GUILESS_MAIN(TestRequestParser)
#include "tst_request_parser.moc"
