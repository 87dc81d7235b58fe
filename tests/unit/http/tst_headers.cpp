// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/headers.h"
#include <QTest>

using namespace weir::http;

class TestHeaders : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsOrderAndSpelling();
    void comparesEachCharacterAtEachPlace();
    void findsWhateverTheCase();
    void removesAll();
    void readsLists();
    void removesWhatBelongsToOneConnection();
    void knowsValidNamesAndValues();
};

void TestHeaders::keepsOrderAndSpelling()
{
    Headers headers;
    headers.add("X-One", "1");
    headers.add("x-two", "2");
    headers.add("X-ONE", "3");
    QByteArray all;
    for (const auto field : headers)
        all += QByteArray::fromStdString(std::string(field.name) + "=" + std::string(field.value) + ";");
    QCOMPARE(all, QByteArray("X-One=1;x-two=2;X-ONE=3;"));
    const Headers copy = headers; // a value
    headers.add("x-three", "4");
    for (const std::string_view value :
         {"new", "", "longer than what was there"}) { // in its place, whatever it is
        headers.set("x-one", value);
        QCOMPARE(headers.size(), std::size_t(3));
        QCOMPARE(headers.at(0).name, std::string_view("X-One"));
        QCOMPARE(headers.at(0).value, value);
        QCOMPARE(headers.at(1).value, std::string_view("2"));
        QCOMPARE(headers.at(2).value, std::string_view("4"));
    }
    headers.set("x-four", "5");
    QCOMPARE(headers.at(3).value, std::string_view("5"));
    QCOMPARE(copy.size(), std::size_t(3));
    QCOMPARE(copy.at(0).value, std::string_view("1"));
}

/// Words of characters are compared at once; here each by itself.
void TestHeaders::comparesEachCharacterAtEachPlace()
{
    const auto folded = [](int byte) { return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte; };
    const std::string text = "abcdefghijklmnopqrs";
    for (std::size_t size = 1; size <= text.size(); ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (int left = 0; left < 256; ++left) {
                for (const int right : {left, left ^ 0x20, left ^ 0x80, left ^ 0xA0, left ^ 1}) {
                    std::string one = text.substr(0, size);
                    std::string other = one;
                    one[at] = char(left);
                    other[at] = char(right);
                    if (equalsIgnoreCase(one, other) != (folded(left) == folded(right)))
                        QFAIL(qPrintable(
                            QStringLiteral("%1 and %2 at %3 of %4").arg(left).arg(right).arg(at).arg(size)));
                }
            }
        }
    }
}

void TestHeaders::findsWhateverTheCase()
{
    Headers headers;
    headers.add("Content-Type", "a");
    QCOMPARE(headers.find("content-TYPE"), std::optional<std::string_view>("a"));
    QVERIFY(!headers.find("content-typ"));
    QVERIFY(!headers.contains(""));
    QVERIFY(!equalsIgnoreCase("[", "{")); // differ by the bit that folds letters
    QVERIFY(!equalsIgnoreCase("@", "`"));
}

void TestHeaders::removesAll()
{
    Headers headers;
    for (int count = 0; count < 5; ++count)
        headers.add(count % 2 ? "a" : "A", "x");
    headers.add("b", "y");
    QCOMPARE(headers.remove("a"), std::size_t(5));
    QCOMPARE(headers.remove("a"), std::size_t(0));
    QCOMPARE(headers.find("B"), std::optional<std::string_view>("y"));
}

void TestHeaders::readsLists()
{
    Headers headers;
    headers.add("Connection", " keep-alive ,,\tUpgrade");
    headers.add("connection", "x");
    QVERIFY(headers.listContains("connection", "KEEP-ALIVE"));
    QVERIFY(headers.listContains("connection", "upgrade"));
    QVERIFY(headers.listContains("connection", "x"));
    QVERIFY(!headers.listContains("connection", "keep"));
    QVERIFY(!headers.listContains("connection", ""));
}

void TestHeaders::removesWhatBelongsToOneConnection()
{
    Headers headers;
    for (const char *name : {"Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer",
                             "Transfer-Encoding", "Upgrade", "Proxy-Authorization", "X-Named", "X-Stays"})
        headers.add(name, QByteArray(name) == "Connection" ? "close, X-Named" : "v");
    headers.removeHopByHop();
    QCOMPARE(headers.size(), std::size_t(1));
    QVERIFY(headers.contains("x-stays"));
}

void TestHeaders::knowsValidNamesAndValues()
{
    QVERIFY(isValidFieldName("anthropic-beta"));
    for (const char *name : {"", "a b", "a:", "a\r", "\xE9", "a\x7f"})
        QVERIFY2(!isValidFieldName(name), name);
    QVERIFY(isValidFieldValue("a\tb \xC3\xBC"));
    QVERIFY(isValidFieldValue(""));
    for (const char *value : {"a\r\nb", "a\nb", "a\rb", "\x01", "\x7f"})
        QVERIFY2(!isValidFieldValue(value), value);
    QVERIFY(!isValidFieldValue(std::string_view("a\0b", 3)));
}

QTEST_GUILESS_MAIN(TestHeaders)
#include "tst_headers.moc"
