// SPDX-License-Identifier: GPL-3.0-or-later
// Every row is fed in one piece, byte by byte, and cut at each position: the outcome must be the same.
#include "http/limits.h"
#include "http/request_parser.h"
#include <QTest>

using namespace weir;
using base::Errc;
using http::RequestHead;
using http::RequestParser;

namespace {

/// What came of some bytes: all requests with their bodies, and the error that ended it.
struct Outcome
{
    std::vector<RequestHead> heads;
    std::vector<std::string> bodies;
    int ended = 0;
    Errc error = Errc::None;
    std::string detail;

    /// In a form that can be compared and read.
    QByteArray text() const
    {
        QByteArray out;
        for (std::size_t index = 0; index < heads.size(); ++index) {
            const RequestHead &head = heads[index];
            out += QByteArray::fromStdString(head.method + " " + head.target + " {");
            for (const auto field : head.headers)
                out +=
                    QByteArray::fromStdString(std::string(field.name) + "=" + std::string(field.value) + ";");
            out += head.keepAlive ? "} keep " : "} close ";
            out += "body=" + QByteArray::fromStdString(bodies[index]) + "\n";
        }
        return out + "ended=" + QByteArray::number(ended) +
               " error=" + QByteArray::fromStdString(std::string(base::identifier(error)));
    }
};

class Collector final : public RequestParser::Events
{
public:
    void onHead(RequestHead head) override
    {
        outcome.heads.push_back(std::move(head));
        outcome.bodies.emplace_back();
    }
    void onBody(std::string_view bytes) override { outcome.bodies.back() += bytes; }
    void onEnd() override { ++outcome.ended; }

    Outcome outcome;
};

constexpr std::int64_t BodyMax = 1000;

/// Feeds `pieces` as a connection does: until all is used, taking up the next message where one ends.
Outcome parse(const std::vector<QByteArray> &pieces)
{
    Collector collector;
    RequestParser parser(collector, BodyMax);
    for (const QByteArray &piece : pieces) {
        std::string_view data(piece.constData(), std::size_t(piece.size()));
        while (!data.empty()) {
            const auto used = parser.feed(data);
            if (!used) {
                collector.outcome.error = used.error().code;
                collector.outcome.detail = used.error().detail;
                return collector.outcome;
            }
            data.remove_prefix(*used);
            if (parser.isComplete())
                parser.next();
        }
    }
    return collector.outcome;
}

Outcome parseEachWay(const QByteArray &bytes)
{
    const Outcome whole = parse({bytes});
    std::vector<QByteArray> single;
    for (const char byte : bytes)
        single.push_back(QByteArray(1, byte));
    if (const Outcome each = parse(single); each.text() != whole.text())
        qFatal("byte by byte differs:\n%s\n%s", whole.text().constData(), each.text().constData());
    // Every cut of short inputs, some of long ones.
    const qsizetype step = std::max<qsizetype>(1, bytes.size() / 200);
    for (qsizetype at = 1; at < bytes.size(); at += step) {
        const Outcome cut = parse({bytes.left(at), bytes.mid(at)});
        if (cut.text() != whole.text())
            qFatal("cut at %d differs:\n%s\n%s", int(at), whole.text().constData(), cut.text().constData());
    }
    return whole;
}

const QByteArray Host = "Host: localhost\r\n";

QByteArray post(const QByteArray &headers, const QByteArray &body = {})
{
    return "POST /v1/messages HTTP/1.1\r\n" + Host + headers + "\r\n" + body;
}

QByteArray chunked(const QByteArray &body)
{
    return post("Transfer-Encoding: chunked\r\n", body);
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
    void tellsTheHeadOfABodyThatIsTooLarge();
    void stopsAtTheEndOfAMessage();
    void staysFailed();
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
    row("chunks", chunked("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"), "hello world");
    row("chunk sizes in either case, with zeros",
        chunked("00a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"), "01234567890123456789");
    row("chunk extension is dropped", chunked("5;a=b\r\nhello\r\n0\r\n\r\n"), "hello");
    row("last chunk of many zeros", chunked("5\r\nhello\r\n0000000000\r\n\r\n"), "hello");
    row("some padding", chunked("5;a=\"b c\"\r\nhello\r\n00000000000000000001\r\n!\r\n0\r\n\r\n"), "hello!");
    row("small chunks", chunked(QByteArray("1\r\nx\r\n").repeated(900) + "0\r\n\r\n"), QByteArray(900, 'x'));
    row("trailer is dropped", chunked("5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"), "hello");
    row("the coding's name in capitals", post("Transfer-Encoding: Chunked\r\n", "0\r\n\r\n"));
    row("empty line before the request", "\r\nGET / HTTP/1.1\r\n" + Host + "\r\n");
    row("closing asked for", post("Connection: close\r\nContent-Length: 0\r\n"), {}, false);
    row("closing among others", post("Connection: x-a, Close\r\nContent-Length: 0\r\n"), {}, false);
    row("HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\n", {}, false);
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
    // RFC 9112 §6: what two programs could cut differently.
    for (const char *coding : {"chunked", "Chunked", "xchunked", "chunked, identity", "identity",
                               "gzip, chunked", "\"chunked\"", "chunked\t", ", chunked", "chunked;q=1",
                               "\x0b"
                               "chunked"}) {
        const QByteArray field = "Transfer-Encoding: " + QByteArray(coding) + "\r\n";
        QTest::addRow("length, then %s", coding)
            << post("Content-Length: 5\r\n" + field, "0\r\n\r\n") << int(Errc::MalformedRequest);
        QTest::addRow("%s, then length", coding)
            << post(field + "Content-Length: 5\r\n", "0\r\n\r\n") << int(Errc::MalformedRequest);
        if (QByteArray(coding).trimmed().toLower() != "chunked")
            QTest::addRow("only %s", coding) << post(field, "0\r\n\r\n") << int(Errc::MalformedRequest);
    }
    row("two codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
    row("chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    for (const char *length : {"2,2", "+2", "-2", "0x2", "2 2", "", "18446744073709551618",
                               "9223372036854775808", "\xD9\xA2", "2a", "1e1"})
        QTest::addRow("length '%s'", length)
            << post("Content-Length: " + QByteArray(length) + "\r\n", "hi") << int(Errc::MalformedRequest);
    row("two lengths", post("Content-Length: 2\r\nContent-Length: 2\r\n", "hi"));
    for (const char *size : {"ffffffffffffffff1",
                             "-2",
                             "+2",
                             "0x2",
                             "2_",
                             "",
                             " 2",
                             "2 ",
                             "2;",
                             "2 ;a=b",
                             "g",
                             "2\n",
                             "2\r\r",
                             "8000000000000000",
                             "10000000000000002",
                             "ffffffffffffffff",
                             "7fffffffffffffff2",
                             "\t2",
                             "2\t",
                             "2,2",
                             "2; a",
                             "0x",
                             "2h",
                             "\xEF\xBC\x92",
                             "2\r\r;"})
        QTest::addRow("chunk size '%s'", size)
            << chunked(QByteArray(size) + "\r\nhi\r\n0\r\n\r\n") << int(Errc::MalformedRequest);
    row("chunk longer than said", chunked("2\r\nhiXX\r\n0\r\n\r\n"));
    row("chunk ended by LF", chunked("2\r\nhi\n0\r\n\r\n"));
    row("endless extension", chunked("2;" + QByteArray(5000, 'a') + "\r\nhi\r\n0\r\n\r\n"));
    row("endless trailer", chunked("0\r\nX: " + QByteArray(5000, 'a') + "\r\n\r\n"));
    row("endless zeros before a size", chunked(QByteArray(5000, '0') + "2\r\nhi\r\n0\r\n\r\n"));
    row("endless zeros after a body", chunked("2\r\nhi\r\n" + QByteArray(5000, '0')));
    row("padding in sum", chunked(("1;" + QByteArray(200, 'a') + "\r\nx\r\n").repeated(30) + "0\r\n\r\n"));
    row("many small trailers", chunked("0\r\n" + QByteArray("a: b\r\n").repeated(1000) + "\r\n"));
    row("CR in an extension", chunked("2;a\rb\r\nhi\r\n0\r\n\r\n"));
    row("LF in an extension", chunked("2;a\nb\r\nhi\r\n0\r\n\r\n"));
    row("NUL in an extension", chunked("2;a" + QByteArray(1, '\0') + "\r\nhi\r\n0\r\n\r\n"));
    row("LF after an extension", chunked("2;a=b\nhi\r\n0\r\n\r\n"));
    row("LF ends the last chunk", chunked("0\r\n\n"));
    row("LF ends a trailer", chunked("0\r\nX: y\n\r\n"));
    row("CR in a trailer", chunked("0\r\nX: a\rb\r\n\r\n"));
    row("folded trailer", chunked("0\r\nX: a\r\n b\r\n\r\n"));
    row("NUL in a trailer", chunked("0\r\nX: a" + QByteArray(1, '\0') + "\r\n\r\n"));
    row("control byte in a trailer", chunked("0\r\nX: a\x01\r\n\r\n"));
    row("blank before the colon in a trailer", chunked("0\r\nX : a\r\n\r\n"));
    row("trailer without a name", chunked("0\r\n: a\r\n\r\n"));
    row("trailer without a colon", chunked("0\r\nnocolon\r\n\r\n"));
    row("Host in the trailer", chunked("0\r\nhOST: evil.example\r\n\r\n"));
    row("coding in the trailer", chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"));
    row("length in the trailer", chunked("0\r\nContent-Length: 5\r\n\r\n"));
    row("length in the trailer, after an empty field", chunked("0\r\nX:\r\ncontent-length:\r\n\r\n"));
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
    row("strange expectation", post("Expect: nonsense\r\nContent-Length: 2\r\n", "hi"),
        Errc::ExpectationFailed);
    // Too much.
    row("endless method", QByteArray(100'000, 'A'));
    row("endless head", "GET / HTTP/1.1\r\nX: " + QByteArray(100'000, 'a'), Errc::HeadTooLarge);
    row("long target", "GET /" + QByteArray(9000, 'a') + " HTTP/1.1\r\n" + Host + "\r\n",
        Errc::TargetTooLong);
    row("endless target", "GET /" + QByteArray(100'000, 'a'), Errc::TargetTooLong);
    row("large head", post("X: " + QByteArray(66'000, 'a') + "\r\n"), Errc::HeadTooLarge);
    row("201 fields", "GET / HTTP/1.1\r\n" + Host + QByteArray("X: y\r\n").repeated(200) + "\r\n",
        Errc::HeadTooLarge);
    row("announced body", post("Content-Length: 1001\r\n"), Errc::BodyTooLarge);
    row("huge announced body", post("Content-Length: 1099511627776\r\n"), Errc::BodyTooLarge);
    row("chunked body", chunked("3e8\r\n" + QByteArray(1000, 'a') + "\r\n1\r\na\r\n0\r\n\r\n"),
        Errc::BodyTooLarge);
}

void TestRequestParser::refuses()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, code);
    const Outcome outcome = parseEachWay(bytes);
    QCOMPARE(outcome.text().split('=').last(),
             QByteArray::fromStdString(std::string(base::identifier(Errc(code)))));
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

void TestRequestParser::tellsTheHeadOfABodyThatIsTooLarge()
{
    // So that the refusal can speak the client's dialect.
    const Outcome outcome = parseEachWay(post("Content-Length: 5000\r\n"));
    QCOMPARE(outcome.heads.size(), std::size_t(1));
    QCOMPARE(outcome.error, Errc::BodyTooLarge);
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

QTEST_GUILESS_MAIN(TestRequestParser)
#include "tst_request_parser.moc"
