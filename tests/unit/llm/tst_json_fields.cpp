// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/json_fields.h"
#include <QByteArray>
#include <QTest>
#include <string>

using namespace weir::llm;

class TestJsonFields : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWholeFromCut_data();
    void tellsWholeFromCut();
    void everyPrefixIsCut();
    void takesFieldsUntilTheFault();
    void givesTheMemoryBack();
};

namespace {

bool isWholeObject(std::string_view json)
{
    return JsonText(json).readFields([](std::string_view, simdjson::ondemand::value) {});
}

} // namespace

void TestJsonFields::tellsWholeFromCut_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<bool>("readable"); // as one object, by simdjson
    QTest::addColumn<bool>("closed");   // by its brackets alone
    const auto row = [](const char *name, const QByteArray &json, bool readable, bool closed) {
        QTest::newRow(name) << json << readable << closed;
    };
    row("object", R"({"a":{"b":[1,"}"]}})", true, true);
    row("empty object", "{}", true, true);
    row("blanks around", " \n{\"a\":1}\r\n\t", true, true);
    row("a number of any length", R"({"a":123456789012345678901234567890,"b":1e999})", true, true);
    row("nested 100,000 deep", "{\"a\":" + QByteArray(100'000, '[') + QByteArray(100'000, ']') + "}", true,
        true);
    row("quotes and brackets in texts", R"({"a":"\"}]{","b":"\\"})", true, true);
    row("array", "[1,2]", false, true);
    row("invalid UTF-8", "{\"a\":\"\xFF\"}", true, true);
    row("empty", "", false, false);
    row("blanks only", " \n", false, false);
    row("scalar", "true", false, false);
    row("HTML", "<html>{}</html>", false, false);
    row("text after it", R"({"a":1}x)", false, false);
    row("two objects", "{\"a\":1}\n{\"b\":1}", false, false);
    row("one bracket too many", R"({"a":1}})", false, false);
    row("closed before opened", "}{", false, false);
    row("ends in an escape", R"({"a":"\)", false, false);
    row("nested deep and cut", "{\"a\":" + QByteArray(100'000, '['), false, false);
}

void TestJsonFields::tellsWholeFromCut()
{
    QFETCH(QByteArray, json);
    QFETCH(bool, readable);
    QFETCH(bool, closed);
    const std::string text = json.toStdString();
    QCOMPARE(isWholeObject(text), readable);
    QCOMPARE(isClosedJson(text), closed);
}

void TestJsonFields::everyPrefixIsCut()
{
    const std::string whole = R"({"a":{"b":[1,{"c":"}\"]"}],"d":null},"e":[[],{}],"f":-1.5e3,"g":"gr)"
                              "\xC3\xBC"
                              R"(n","h":true,"i":{"j":{"k":{}}}})";
    QVERIFY(isWholeObject(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string prefix = whole.substr(0, size);
        // What an earlier, longer text left behind this one must not complete it.
        QVERIFY(isWholeObject(whole));
        QVERIFY2(!isWholeObject(prefix), prefix.c_str());
        QVERIFY2(!isClosedJson(prefix), prefix.c_str());
    }
}

void TestJsonFields::takesFieldsUntilTheFault()
{
    std::string keys;
    const bool isWhole =
        JsonText(R"({"a":1,"b":{"x":1},"c":2 "d":3})")
            .readFields([&keys](std::string_view key, simdjson::ondemand::value) { keys += key; });
    QVERIFY(!isWhole);
    QCOMPARE(keys, std::string("abc"));
}

void TestJsonFields::givesTheMemoryBack()
{
    const JsonWorkspace &workspace = JsonWorkspace::ofThisThread();
    const std::string kept = "{\"a\":\"" + std::string(JsonText::KeptBytesMax - 8, 'x') + "\"}";
    QCOMPARE(kept.size(), JsonText::KeptBytesMax);
    QVERIFY(isWholeObject(kept));
    QVERIFY(workspace.padded.capacity() >= kept.size());
    const std::string tooLarge = "{\"a\":\"" + std::string(JsonText::KeptBytesMax, 'x') + "\"}";
    QVERIFY(isWholeObject(tooLarge));
    QVERIFY(workspace.padded.capacity() < 100);
    QCOMPARE(workspace.parser.capacity(), std::size_t(0));
    QVERIFY(isWholeObject("{}")); // and it goes on working
}

QTEST_GUILESS_MAIN(TestJsonFields)
#include "tst_json_fields.moc"
