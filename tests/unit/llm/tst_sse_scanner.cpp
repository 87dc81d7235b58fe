// SPDX-License-Identifier: GPL-3.0-or-later
// Every stream is also fed byte by byte and cut at each position: the events must be the same.
#include "llm/sse_scanner.h"
#include <QTest>

using weir::llm::SseScanner;

namespace {

constexpr std::size_t EventMax = 64;
constexpr std::size_t CondensedFrom = 40;

class Collector final : public SseScanner::Events
{
public:
    void onEvent(std::string_view event, std::string_view data, std::size_t /*size*/) override
    {
        events += "[" + QByteArray(event.data(), qsizetype(event.size())) + "|" +
                  QByteArray(data.data(), qsizetype(data.size())) + "]";
    }
    QByteArray events;
};

QByteArray scan(const std::vector<QByteArray> &pieces)
{
    Collector collector;
    SseScanner scanner(collector, EventMax, CondensedFrom);
    for (const QByteArray &piece : pieces) {
        // A copy that goes at once: a view kept beyond feed() would show under the sanitizer.
        const std::string once = piece.toStdString();
        scanner.feed(once);
    }
    return collector.events;
}

} // namespace

class TestSseScanner : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsEvents_data();
    void findsEvents();
    void finishingEndsTheOpenEvent_data();
    void finishingEndsTheOpenEvent();
    void lineEndsOfCrAloneCostNoMore();
};

void TestSseScanner::findsEvents_data()
{
    QTest::addColumn<QByteArray>("stream");
    QTest::addColumn<QByteArray>("events");
    const auto row = [](const char *name, const QByteArray &stream, const QByteArray &events) {
        QTest::newRow(name) << stream << events;
    };
    row("one", "data: a\n\n", "[|a]");
    row("named", "event: e\ndata: a\n\n", "[e|a]");
    row("the name does not last", "event: e\ndata: a\n\ndata: b\n\n", "[e|a][|b]");
    row("CRLF", "event: e\r\ndata: a\r\n\r\ndata: b\r\n\r\n", "[e|a][|b]");
    row("CR", "event: e\rdata: a\r\rdata: b\r\r", "[e|a][|b]");
    row("line ends mixed", "data: a\r\n\ndata: b\r\r\ndata: c\n\r\n", "[|a][|b][|c]");
    row("several data lines", "data: a\ndata: b\ndata\ndata: c\n\n", "[|a\nb\n\nc]");
    row("only one blank is dropped", "data:  a\n\ndata:b\n\n", "[| a][|b]");
    row("a colon in the data", "data: a:b: c\n\n", "[|a:b: c]");
    row("comments, ids and retries", ": ping\n\nid: 1\nretry: 5\ndata: a\n: more\n\n", "[|a]");
    row("a name without data is nothing", "event: e\n\ndata: a\n\n", "[|a]");
    row("byte order mark",
        "\xEF\xBB\xBF"
        "data: a\n\n",
        "[|a]");
    row("no end, no event", "data: a\n\ndata: b\n", "[|a]");
    row("empty data", "data:\n\n", "[|]");
    row("UTF-8", "data: gr\xC3\xBC\xC3\x9F \xF0\x9F\x8C\x8A\n\n", "[|gr\xC3\xBC\xC3\x9F \xF0\x9F\x8C\x8A]");
    row("an invalid byte passes", "data: \xFF\xFE\n\n", "[|\xFF\xFE]");
    row("a long line is skipped", "data: a\n\ndata: " + QByteArray(200, 'x') + "\n\ndata: b\n\n", "[|a][|b]");
    row("just not too long in sum",
        "data: " + QByteArray(32, 'x') + "\ndata: " + QByteArray(31, 'y') + "\n\n",
        "[|" + QByteArray(32, 'x') + "\n" + QByteArray(31, 'y') + "]");
    row("one byte too long in sum",
        "data: " + QByteArray(32, 'x') + "\ndata: " + QByteArray(32, 'y') + "\n\n", "");
    row("long in sum is skipped", QByteArray("data: 0123456789\n").repeated(20) + "\ndata: b\n\n", "[|b]");
    row("a long line amid others", "data: a\ndata: " + QByteArray(200, 'x') + "\ndata: c\n\ndata: b\n\n",
        "[|b]");
    row("large data is condensed",
        R"(data: {"image":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24],)"
        "\ndata:  \"usage\":{\"output\":7}}\n\ndata: b\n\n",
        "[|{\"image\":[1],\n\"usage\":{\"output\":7}}][|b]");
    row("large data behind a byte order mark",
        "\xEF\xBB\xBF"
        R"(data:[[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24]])"
        "\n\n",
        "[|[[1]]]");
    row("a long name hides its event", "event: " + QByteArray(200, 'x') + "\ndata: a\n\ndata: b\n\n", "[|b]");
    row("a long comment hides nothing after it", ": " + QByteArray(200, 'x') + "\n\ndata: b\n\n", "[|b]");
}

void TestSseScanner::findsEvents()
{
    QFETCH(QByteArray, stream);
    QFETCH(QByteArray, events);
    QCOMPARE(scan({stream}), events);
    std::vector<QByteArray> single;
    for (const char byte : stream)
        single.push_back(QByteArray(1, byte));
    QCOMPARE(scan(single), events);
    for (qsizetype at = 1; at < stream.size(); ++at) {
        const QByteArray cut = scan({stream.left(at), stream.mid(at)});
        QVERIFY2(cut == events, (QByteArray::number(at) + ": " + cut).constData());
    }
}

void TestSseScanner::finishingEndsTheOpenEvent_data()
{
    QTest::addColumn<QByteArray>("stream");
    QTest::addColumn<QByteArray>("events");
    QTest::newRow("nothing open") << QByteArray("data: a\n\n") << QByteArray("[|a]");
    QTest::newRow("no blank line") << QByteArray("event: e\ndata: a\n") << QByteArray("[e|a]");
    QTest::newRow("no line end") << QByteArray("event: e\ndata: a") << QByteArray("[e|a]");
    QTest::newRow("half a field name") << QByteArray("event: e\nda") << QByteArray();
    QTest::newRow("a skipped event") << "data: " + QByteArray(200, 'x') << QByteArray();
    QTest::newRow("a skipped event, line ended") << "data: " + QByteArray(200, 'x') + "\n" << QByteArray();
    QTest::newRow("nothing") << QByteArray() << QByteArray();
}

void TestSseScanner::finishingEndsTheOpenEvent()
{
    QFETCH(QByteArray, stream);
    QFETCH(QByteArray, events);
    for (qsizetype at = 0; at <= stream.size(); ++at) {
        Collector collector;
        SseScanner scanner(collector, EventMax, CondensedFrom);
        for (const QByteArray &piece : {stream.left(at), stream.mid(at)}) {
            const std::string once = piece.toStdString();
            scanner.feed(once);
        }
        scanner.finish();
        QCOMPARE(collector.events, events);
    }
}

void TestSseScanner::lineEndsOfCrAloneCostNoMore()
{
    // 4 MiB of them: minutes if each line searched the rest of the chunk for an LF, milliseconds else. The
    // test's own time limit tells.
    Collector collector;
    SseScanner scanner(collector, EventMax, CondensedFrom);
    scanner.feed(std::string(4 * 1024 * 1024, '\r'));
    scanner.feed("data: a\r\r");
    QCOMPARE(collector.events, QByteArray("[|a]"));
}

QTEST_GUILESS_MAIN(TestSseScanner)
#include "tst_sse_scanner.moc"
