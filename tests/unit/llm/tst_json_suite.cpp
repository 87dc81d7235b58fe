// SPDX-License-Identifier: GPL-3.0-or-later
// The cases of Nicolas Seriot's JSONTestSuite, by hand: what every reader must take, what none may, and where
// readers differ. What is taken here is JSON to whoever reads the body behind Weir.
#include "json_reference.h"
#include "llm/json_probe.h"
#include <QTest>
#include <string_view>

using namespace std::string_view_literals;
using namespace weir::llm;

namespace {

struct Case
{
    const char *name;
    std::string_view body;
};

constexpr Case Json[] = {
    {"array with an empty string", "[\"\"]"sv},
    {"empty array", "[]"sv},
    {"array with spaces", "[[]   ]"sv},
    {"false in an array", "[false]"sv},
    {"mixed array", "[null, 1, \"1\", {}]"sv},
    {"null in an array", "[null]"sv},
    {"line feed behind a value", "[1\n]"sv},
    {"space before an array", " [1]"sv},
    {"blanks behind an array", "[2] "sv},
    {"several nulls", "[1,null,null,null,2]"sv},
    {"number", "[123e65]"sv},
    {"0e+1", "[0e+1]"sv},
    {"0e1", "[0e1]"sv},
    {"number behind a space", "[ 4]"sv},
    {"close to zero",
     "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]"sv},
    {"integer with exponent", "[20e1]"sv},
    {"minus zero", "[-0]"sv},
    {"negative integer", "[-123]"sv},
    {"minus one", "[-1]"sv},
    {"capital E", "[1E22]"sv},
    {"capital E, negative", "[1E-2]"sv},
    {"capital E, positive", "[1E+2]"sv},
    {"real with exponent", "[123.456e78]"sv},
    {"negative exponent", "[1e-2]"sv},
    {"simple real", "[123.456789]"sv},
    {"a huge exponent", "[1e309]"sv},
    {"a huge negative exponent", "[123e-10000000]"sv},
    {"more digits than any type has", "[100000000000000000000]"sv},
    {"object", "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}"sv},
    {"object with one member", "{\"asd\":\"sdf\"}"sv},
    {"duplicate key", "{\"a\":\"b\",\"a\":\"c\"}"sv},
    {"duplicate key and value", "{\"a\":\"b\",\"a\":\"b\"}"sv},
    {"empty object", "{}"sv},
    {"empty key", "{\"\":0}"sv},
    {"NUL escaped in a key", "{\"foo\\u0000bar\": 42}"sv},
    {"extreme numbers", "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }"sv},
    {"line feeds in an object", "{\n\"a\": \"b\"\n}"sv},
    {"unicode key", "{\"title\":\"\\u041f\\u043e\"}"sv},
    {"two-byte escapes", "[\"\\u0060\\u012a\\u12AB\"]"sv},
    {"accepted surrogate pair", "[\"\\uD801\\udc37\"]"sv},
    {"allowed escapes", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"sv},
    {"backslash and u as text", "[\"\\\\u0000\"]"sv},
    {"backslash in doublequotes", "[\"\\\"\"]"sv},
    {"comments in a text", "[\"a/*b*/c/*d//e\"]"sv},
    {"double escape a", "[\"\\\\a\"]"sv},
    {"escaped NUL", "[\"\\u0000\"]"sv},
    {"escaped control", "[\"\\u0012\"]"sv},
    {"escaped noncharacter", "[\"\\uFFFF\"]"sv},
    {"a space in a text", "\"\\u0020\""sv},
    {"line separator", "[\"\xe2\x80\xa8\"]"sv},
    {"paragraph separator", "[\"\xe2\x80\xa9\"]"sv},
    {"text alone", "\"asd\""sv},
    {"empty text alone", "\"\""sv},
    {"DEL in a text", "[\"a\x7f"
                      "a\"]"sv},
    {"noncharacter in UTF-8", "[\"\xf4\x8f\xbf\xbf\"]"sv},
    {"four bytes", "[\"\xf0\x9f\x8c\x8a\"]"sv},
    {"false alone", "false"sv},
    {"number alone", "42"sv},
    {"negative number alone", "-0.1"sv},
    {"null alone", "null"sv},
    {"true alone", "true"sv},
    {"true in an array", "[true]"sv},
    {"line feed at the end", "[\"a\"]\n"sv},
    {"all blanks", " \t\r\n[] "sv},
    {"a lone high surrogate", "[\"\\uD800\"]"sv},
    {"a lone low surrogate", "[\"\\uDFAA\"]"sv},
    {"a high surrogate before a letter", "[\"\\uD800x\"]"sv},
    {"surrogates in the wrong order", "[\"\\uDC00\\uD800\"]"sv},
    {"an incomplete pair before an escape", "[\"\\uD800\\n\"]"sv},
};

constexpr Case NoJson[] = {
    {"nothing", ""sv},
    {"a blank", " "sv},
    {"1 and true", "[1 true]"sv},
    {"a colon in an array", "[\"\": 1]"sv},
    {"comma behind a colon", "[1:2]"sv},
    {"comma behind the array", "[\"\"],"sv},
    {"comma and number", "[,1]"sv},
    {"double comma", "[1,,2]"sv},
    {"double extra comma", "[\"x\",,]"sv},
    {"extra close", "[\"x\"]]"sv},
    {"extra comma", "[\"\",]"sv},
    {"incomplete", "[\"x\""sv},
    {"incomplete with an invalid value", "[x"sv},
    {"inner array without comma", "[3[4]]"sv},
    {"items separated by semicolon", "[1;2]"sv},
    {"just a comma", "[,]"sv},
    {"just a minus", "[-]"sv},
    {"missing value", "[   , \"\"]"sv},
    {"line feed unclosed", "[\"a\",\n4\n,1,"sv},
    {"a star", "[*]"sv},
    {"unclosed", "[\"\""sv},
    {"unclosed with a comma", "[1,"sv},
    {"unclosed with line feeds", "[1,\n1\n,1"sv},
    {"incomplete false", "[fals]"sv},
    {"incomplete null", "[nul]"sv},
    {"incomplete true", "[tru]"sv},
    {"a NUL byte", "123\x00"sv},
    {"NUL between values", "[1,\x00 2]"sv},
    {"plus", "[+1]"sv},
    {"two signs", "[++1234]"sv},
    {"minus zero one", "[-01]"sv},
    {"minus zero with digits", "[-012]"sv},
    {"0.1.2", "[0.1.2]"sv},
    {"0.3e", "[0.3e]"sv},
    {"0.3e+", "[0.3e+]"sv},
    {"0 capital E", "[0E]"sv},
    {"0e+", "[0e+]"sv},
    {"1.0e", "[1.0e]"sv},
    {"1.0e-", "[1.0e-]"sv},
    {"1 000", "[1 000.0]"sv},
    {"1eE2", "[1eE2]"sv},
    {"point at the start", "[.2e-3]"sv},
    {"point behind", "[2.]"sv},
    {"point and exponent", "[2.e3]"sv},
    {"Inf", "[Inf]"sv},
    {"-Infinity", "[-Infinity]"sv},
    {"NaN", "[NaN]"sv},
    {"hexadecimal", "[0x42]"sv},
    {"expression", "[1+2]"sv},
    {"digit of another alphabet", "[\xef\xbc\x91]"sv},
    {"letter behind a number", "[123a]"sv},
    {"leading zero", "[012]"sv},
    {"minus and blank", "[- 1]"sv},
    {"letter behind minus", "[-a]"sv},
    {"bad value", "[\"x\", truth]"sv},
    {"bracket and key", "{[: \"x\"}\n"sv},
    {"comma instead of colon", "{\"x\", null}"sv},
    {"double colon", "{\"x\"::\"b\"}"sv},
    {"emoji", "{\xf0\x9f\x87\xa8}"sv},
    {"garbage at the end", "{\"a\":\"a\" 123}"sv},
    {"key with single quotes", "{key: 'value'}"sv},
    {"missing colon", "{\"a\" b}"sv},
    {"missing key", "{:\"b\"}"sv},
    {"missing semicolon", "{\"a\" \"b\"}"sv},
    {"missing value in an object", "{\"a\":"sv},
    {"no colon", "{\"a\""sv},
    {"non-string key", "{1:1}"sv},
    {"several commas at the end", "{\"id\":0,,,,,}"sv},
    {"single quote", "{'a':0}"sv},
    {"trailing comma", "{\"id\":0,}"sv},
    {"trailing comment", "{\"a\":\"b\"}/**/"sv},
    {"trailing slash", "{\"a\":\"b\"}//"sv},
    {"two commas in a row", "{\"a\":\"b\",,\"c\":\"d\"}"sv},
    {"unquoted key", "{a: \"b\"}"sv},
    {"unterminated value", "{\"a\":\"a"sv},
    {"two objects", "{\"a\":true}{}"sv},
    {"single space and closing", "}"sv},
    {"single quote text", "['single quote']"sv},
    {"incomplete pair, escape cut", "[\"\\uD800\\\"]"sv},
    {"u and one digit", "[\"\\u1\"]"sv},
    {"u and three digits", "[\"\\uD80\"]"sv},
    {"u and letters", "[\"\\uqqqq\"]"sv},
    {"capital U", "[\"\\UA66D\"]"sv},
    {"escape x", "[\"\\x00\"]"sv},
    {"escaped backslash, bad", "[\"\\\\\\\"]"sv},
    {"escaped emoji", "[\"\\\xf0\x9f\x8c\x8a\"]"sv},
    {"bad escape", "[\"\\a\"]"sv},
    {"escape cut", "[\"\\"sv},
    {"escaped control character", "[\"\\\t\"]"sv},
    {"control character", "[\"a\x1f"
                          "a\"]"sv},
    {"line feed in a text", "[\"new\nline\"]"sv},
    {"tab in a text", "[\"\t\"]"sv},
    {"NUL in a text", "[\"a\x00"
                      "a\"]"sv},
    {"no quotes", "[\\n]"sv},
    {"leading u escape", "[\\u0020\"asd\"]"sv},
    {"text behind text", "\"\"x"sv},
    {"single doublequote", "\""sv},
    {"array and something", "[1]x"sv},
    {"array at the end of nothing", "1]"sv},
    {"angle brackets", "<.>"sv},
    {"form feed", "[\x0c]"sv},
    {"word joiner", "[\xe2\x81\xa0]"sv},
    {"no-break space", "\xc2\xa0[]"sv},
    {"capitalised True", "[True]"sv},
    {"double array", "[][]"sv},
    {"close unopened", "[1]]"sv},
    {"comma", ","sv},
    {"open object", "{"sv},
    {"open object, comma", "{,"sv},
    {"open object, text", "{\"a"sv},
    {"open array, object", "[{"sv},
    {"star behind an object", "{\"a\":1}*"sv},
    {"lone open bracket", "["sv},
    {"quote in the middle", "[\"a\" \"b\"]"sv},
    {"UTF-16 mark", "\xff\xfe[\x00]\x00"sv},
    {"U+2028 outside", "[\xe2\x80\xa8]"sv},
    {"half a byte order mark", "\xef\xbb{}"sv},
    {"mark twice", "\xef\xbb\xbf\xef\xbb\xbf{}"sv},
    {"mark behind", "{}\xef\xbb\xbf"sv},
    {"mark alone", "\xef\xbb\xbf"sv},
};

/// JSON between programs is UTF-8 (RFC 8259 §8.1).
constexpr Case NoUtf8[] = {
    {"a continuation byte alone", "[\"\x81\"]"sv},
    {"a sequence cut short", "[\"\xe0\xff\"]"sv},
    {"overlong slash", "[\"\xc0\xaf\"]"sv},
    {"overlong in six bytes", "[\"\xfc\x83\xbf\xbf\xbf\xbf\"]"sv},
    {"a surrogate in UTF-8", "[\"\xed\xa0\x80\"]"sv},
    {"beyond U+10FFFF", "[\"\xf4\xbf\xbf\xbf\"]"sv},
    {"Latin-1", "[\"\xe9\"]"sv},
};

std::string nested(std::size_t depth, const char *open, const char *close)
{
    std::string text;
    for (std::size_t level = 0; level < depth; ++level)
        text += open;
    text += "1";
    for (std::size_t level = 0; level < depth; ++level)
        text += close;
    return text;
}

/// In memory of its own size, so that AddressSanitizer sees a byte read behind it.
Readability read(std::string_view body)
{
    const std::vector<char> tight(body.begin(), body.end());
    const JsonProbe probe = probeJson({tight.data(), tight.size()});
    if (probe.readability == Readability::Invalid && probe.faultOffset > body.size())
        qFatal("a fault behind the body");
    return probe.readability;
}

} // namespace

class TestJsonSuite : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takes_data() { rowsOf(Json); }
    void takes() { check(Readability::Readable); }
    void refuses_data() { rowsOf(NoJson); }
    void refuses() { check(Readability::Invalid); }
    void refusesOtherBytes_data() { rowsOf(NoUtf8); }
    void refusesOtherBytes() { check(Readability::Invalid); }
    void countsLevels_data();
    void countsLevels();
    void takesTheLastModel();

private:
    template<std::size_t Size>
    static void rowsOf(const Case (&cases)[Size])
    {
        QTest::addColumn<QByteArray>("body");
        for (const Case &each : cases)
            QTest::newRow(each.name) << QByteArray(each.body.data(), qsizetype(each.body.size()));
    }
    static void check(Readability expected);
};

/// Alone, and as a member of a request's body.
void TestJsonSuite::check(Readability expected)
{
    QFETCH(QByteArray, body);
    const std::string text = body.toStdString();
    QCOMPARE(int(read(text)), int(expected));
    QCOMPARE(reference::Parser(text).isValid(), expected == Readability::Readable);
    const std::string_view trimmed = std::string_view(text).substr(text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
    if (!trimmed.empty() && trimmed != " ")
        QCOMPARE(int(read("{\"model\":\"m\",\"a\":" + std::string(trimmed) + "}")), int(expected));
}

void TestJsonSuite::countsLevels_data()
{
    QTest::addColumn<int>("depth");
    QTest::addColumn<int>("expected");
    const auto row = [](std::size_t depth, Readability expected) {
        QTest::addRow("%d levels", int(depth)) << int(depth) << int(expected);
    };
    row(JsonNestingMax - 1, Readability::Readable);
    row(JsonNestingMax, Readability::Readable);
    row(JsonNestingMax + 1, Readability::NotInspected);
    row(100'000, Readability::NotInspected);
}

void TestJsonSuite::countsLevels()
{
    QFETCH(int, depth);
    QFETCH(int, expected);
    for (const auto &[open, close] : {std::pair("[", "]"), {"{\"a\":", "}"}}) {
        const std::string whole = nested(std::size_t(depth), open, close);
        QCOMPARE(int(read(whole)), expected);
        if (Readability(expected) == Readability::Readable)
            QCOMPARE(int(read(whole.substr(0, whole.size() - 1))), int(Readability::Invalid));
    }
}

void TestJsonSuite::takesTheLastModel()
{
    for (const std::string_view body : {R"({"model":"a","model":"b"})"sv, R"({"mod\u0065l":1,"model":"b"})"sv,
                                        R"({"model":{},"x":[],"\u006dodel":"b"})"sv})
        QCOMPARE(probeJson(body).modelName, std::optional<std::string>("b"));
}

QTEST_GUILESS_MAIN(TestJsonSuite)
#include "tst_json_suite.moc"
