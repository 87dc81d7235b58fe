// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/event_scanner.h"
#include <QTest>

using weir::load::EventScanner;

namespace {

struct Seen
{
    std::vector<std::int64_t> stamps;
    bool hasEnded = false;
    bool isMalformed = false;
    bool operator==(const Seen &) const = default;
};

Seen scan(EventScanner &scanner, std::string_view text, std::vector<std::size_t> cuts)
{
    Seen seen;
    scanner.reset();
    cuts.push_back(text.size());
    std::size_t begin = 0;
    for (const std::size_t cut : cuts) {
        std::string_view input = text.substr(begin, cut - begin);
        while (const auto stamp = scanner.take(input))
            seen.stamps.push_back(*stamp);
        begin = cut;
    }
    seen.hasEnded = scanner.hasEnded();
    seen.isMalformed = scanner.isMalformed();
    return seen;
}

} // namespace

class TestEventScanner : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsStampsAndTheEndHoweverCut_data();
    void findsStampsAndTheEndHoweverCut();
    void tellsAnEventOnlyWhenItIsComplete();
    void boundsALine();
};

void TestEventScanner::findsStampsAndTheEndHoweverCut_data()
{
    using Stamps = QVector<qint64>;
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<Stamps>("stamps");
    QTest::addColumn<bool>("hasEnded");
    QTest::newRow("OpenAI's dialect")
        << QByteArray("data: {\"choices\":[{\"delta\":{\"content\":\"@00000000000000000007@\"}}]}\n\n"
                      "data: {\"choices\":[{\"delta\":{\"content\":\"@00000123456789012345@ "
                      "word\"}}]}\n\ndata: [DONE]\n\n")
        << Stamps{7, 123456789012345} << true;
    QTest::newRow("Anthropic's dialect")
        << QByteArray("event: content_block_delta\ndata: {\"text\":\"@00000000000000000007@\"}\n\n"
                      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
        << Stamps{7} << true;
    QTest::newRow("lines that end in CR LF")
        << QByteArray("data: @00000000000000000007@\r\n\r\ndata: [DONE]\r\n\r\n") << Stamps{7} << true;
    QTest::newRow("comments and events without content")
        << QByteArray(": @00000000000000000007@\n\nevent: ping\ndata: {}\n\n") << Stamps{} << false;
    QTest::newRow("an end that is not complete") << QByteArray("data: [DONE]\n") << Stamps{} << false;
    QTest::newRow("an end that is only talked about")
        << QByteArray("data: {\"content\":\"data: [DONE]\"}\n\n") << Stamps{} << false;
    QTest::newRow("what only looks like a stamp")
        << QByteArray("data: @0000000000000000007@ @000000000000000000007@ @0000000000000000000x@ @@\n\n")
        << Stamps{} << false;
    QTest::newRow("a stamp beyond 63 bits")
        << QByteArray("data: @99999999999999999999@\n\n") << Stamps{} << false;
    QTest::newRow("the last of several stamps in one event")
        << QByteArray("data: @00000000000000000001@\ndata: x@00000000000000000002@@00000000000000000003@\n\n")
        << Stamps{3} << false;
}

void TestEventScanner::findsStampsAndTheEndHoweverCut()
{
    QFETCH(const QByteArray, text);
    QFETCH(const QVector<qint64>, stamps);
    QFETCH(const bool, hasEnded);
    const Seen expected{{stamps.begin(), stamps.end()}, hasEnded, false};
    const std::string bytes = text.toStdString();
    EventScanner scanner;
    for (std::size_t first = 0; first <= bytes.size(); ++first) {
        for (std::size_t second = first; second <= bytes.size(); ++second)
            QVERIFY2(scan(scanner, bytes, {first, second}) == expected,
                     qPrintable(QStringLiteral("cut at %1 and %2").arg(first).arg(second)));
    }
}

void TestEventScanner::tellsAnEventOnlyWhenItIsComplete()
{
    EventScanner scanner;
    std::string_view input = "data: @00000000000000000007@\n";
    QVERIFY(!scanner.take(input));
    QVERIFY(input.empty());
    input = "\ndata";
    QCOMPARE(scanner.take(input), std::optional<std::int64_t>(7));
    QCOMPARE(input, std::string_view("data"));
}

void TestEventScanner::boundsALine()
{
    EventScanner scanner;
    QVERIFY(!scan(scanner, std::string(EventScanner::LineMax, 'a'), {}).isMalformed);
    QVERIFY(scan(scanner, std::string(EventScanner::LineMax + 1, 'a'), {}).isMalformed);
    QVERIFY(scan(scanner, std::string(EventScanner::LineMax + 1, 'a'), {10, 1000}).isMalformed);
}

QTEST_APPLESS_MAIN(TestEventScanner)
#include "tst_event_scanner.moc"
