// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/headers.h"
#include <QTest>

using namespace weir::http;

class TestHeaders : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsOrderAndSpelling();
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
    headers.set("x-one", "new");
    QCOMPARE(headers.size(), std::size_t(2));
    QCOMPARE(headers.at(1).name, std::string_view("x-one"));
    QCOMPARE(copy.size(), std::size_t(3));
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
