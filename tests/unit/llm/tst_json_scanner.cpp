// SPDX-License-Identifier: GPL-3.0-or-later
// What is JSON and what is not, and at which byte it stops being so. Rows as in JSONTestSuite: y_ must be
// taken, n_ must not, i_ is for each reader to decide. The scanner is fed each row cut at each byte; the
// probe reads it with each set of instructions that this machine has; both must say the same as the
// reference.
#include "json_documents.h"
#include "json_reference.h"
#include "llm/json_index.h"
#include "llm/json_probe.h"
#include "llm/json_scanner.h"
#include <QTest>
#include <thread>

using namespace weir::llm;

namespace {

struct Outcome
{
    Readability readability;
    std::size_t faultOffset;
    bool operator==(const Outcome &) const = default;
};

Outcome scan(const std::vector<std::string_view> &pieces)
{
    JsonScanner scanner;
    JsonScanner::Stop stop{};
    for (std::string_view piece : pieces) {
        do
            piece.remove_prefix(scanner.scan(piece, stop));
        while (!piece.empty() && stop != JsonScanner::Stop::Fault && stop != JsonScanner::Stop::TooDeep);
    }
    if (scanner.isWhole())
        return {Readability::Readable, 0};
    return {stop == JsonScanner::Stop::TooDeep ? Readability::NotInspected : Readability::Invalid,
            scanner.offset()};
}

Outcome referenceOf(std::string_view json)
{
    const reference::Parser parser(json);
    if (parser.isValid())
        return {Readability::Readable, 0};
    return {parser.isTooDeep() ? Readability::NotInspected : Readability::Invalid, parser.faultOffset()};
}

/// The probe in a thread of its own, whose index is made for the instructions now set.
Outcome probe(std::string_view json)
{
    Outcome outcome{};
    std::thread([&outcome, json] {
        const JsonProbe found = probeJson(json);
        outcome = {found.readability, found.faultOffset};
    }).join();
    return outcome;
}

std::string describe(const Outcome &outcome)
{
    return std::to_string(int(outcome.readability)) + " at " + std::to_string(outcome.faultOffset);
}

} // namespace

class TestJsonScanner : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsJson_data();
    void tellsJson();
    void tellsDamagedJsonHoweverCut();
    void stopsAtTopLevelTexts();
};

void TestJsonScanner::tellsJson_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<int>("faultOffset"); // -1: readable, -2: not inspected
    const auto y = [](const char *name, const QByteArray &json) {
        QTest::newRow((QByteArray("y_") + name).constData()) << json << -1;
    };
    const auto n = [](const char *name, const QByteArray &json, int faultOffset) {
        QTest::newRow((QByteArray("n_") + name).constData()) << json << faultOffset;
    };
    const auto i = [](const char *name, const QByteArray &json, int faultOffset) {
        QTest::newRow((QByteArray("i_") + name).constData()) << json << faultOffset;
    };
    constexpr int Taken = -1;
    constexpr int NotInspected = -2;

    y("array_empty", "[]");
    y("array_with_spaces", " [ ] ");
    y("array_nested", "[[],[[]],{}]");
    y("array_heterogeneous", R"([null,1,"1",{},[],false,true])");
    y("object_empty", "{}");
    y("object_empty_key", R"({"":0})");
    y("object_duplicated_key", R"({"a":"b","a":"c"})");
    y("object_escaped_null_in_key", R"({"foo\u0000bar":42})");
    y("object_newlines", "{\r\n\"a\" :\t1\n}");
    y("structure_lonely_string", R"("asd")");
    y("structure_lonely_int", "42");
    y("structure_lonely_negative_real", "-0.1");
    y("structure_lonely_zero", "0");
    y("structure_lonely_exponent", "1e5");
    y("structure_lonely_true", "true");
    y("structure_lonely_null", " null ");
    y("structure_trailing_newline", "[\"a\"]\n");
    y("structure_whitespace_array", " [] ");
    y("number_0e1", "[0e1]");
    y("number_0E+1", "[0E+1]");
    y("number_minus_zero", "[-0]");
    y("number_real_exponent", "[123.456e-789]");
    y("number_long", "[" + QByteArray(400, '9') + "." + QByteArray(400, '9') + "]");
    y("number_after_space", "[ 4]");
    y("string_allowed_escapes", R"(["\"\\\/\b\f\n\r\t"])");
    y("string_escaped_control", R"(["\u0012"])");
    y("string_hex_any_case", R"(["\uaBcD"])");
    y("string_surrogates_pair", R"(["\uD801\udc37"])");
    y("string_backslash_and_u", R"(["\\u0000"])");
    y("string_double_escape_a", R"(["\\a"])");
    y("string_comments", R"(["a/*b*/c/*d//e"])");
    y("string_utf8", "[\"\xC3\xBC\xE2\x82\xAC\xF0\x9F\x8C\x8A\"]");
    y("string_utf8_lowest_highest",
      "[\"\xC2\x80\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"]");
    y("string_u+2028", "[\"\xE2\x80\xA8\"]");
    y("string_del", "[\"\x7F\"]");
    y("string_long", "[\"" + QByteArray(1000, 'x') + "\\n" + QByteArray(1000, 'y') + "\"]");
    y("string_backslashes_across_blocks",
      "[\"" + QByteArray(61, 'x') + "\\\\\\\\\\\"" + QByteArray(60, 'y') + "\"]");

    n("structure_no_data", "", 0);
    n("structure_blanks_only", " \n", 2);
    n("structure_angle_bracket", "<.>", 0);
    n("structure_unclosed_array", "[1", 2);
    n("structure_unclosed_object", R"({"a":1)", 6);
    n("structure_unclosed_array_comma", "[1,", 3);
    n("structure_wrong_bracket", "[1}", 2);
    n("structure_wrong_bracket_inside", R"({"a":[1},"b":2})", 7);
    n("structure_close_unopened", "]", 0);
    n("structure_double_array", "[][]", 2);
    n("structure_trailing_text", "{}x", 2);
    n("structure_trailing_hash", "{}#", 2);
    n("structure_trailing_comma", "{},", 2);
    n("structure_trailing_nul", QByteArray("{}\0", 3), 2);
    n("structure_nul_alone", QByteArray("\0", 1), 0);
    n("structure_nul_between", QByteArray("[1,\0]", 5), 3);
    n("structure_form_feed", "[\f]", 1);
    n("structure_substitute_for_colon",
      "{\"a\"\x1A"
      "1}",
      4);
    n("structure_nbsp", "[\xC2\xA0]", 1);
    n("structure_two_numbers", "[1 2]", 3);
    n("structure_capitalised_true", "[True]", 1);
    n("structure_comment", "[/**/1]", 1);
    n("structure_single_quotes", "['a']", 1);
    n("structure_bare_escape", R"([\u0041])", 1);
    n("structure_bom_cut", "\xEF\xBB", 2);
    n("structure_bom_wrong", "\xEF\xBB{}", 2);
    n("structure_bom_twice", "\xEF\xBB\xBF\xEF\xBB\xBF{}", 3);
    n("structure_bom_late", " \xEF\xBB\xBF{}", 1);
    n("structure_utf16", QByteArray("\xFF\xFE{\0}\0", 6), 0);
    n("array_extra_comma", "[1,]", 3);
    n("array_double_comma", "[1,,2]", 3);
    n("array_just_comma", "[,]", 1);
    n("array_colon", "[\"\":1]", 3);
    n("array_missing_comma", R"(["a""b"])", 4);
    n("object_trailing_comma", R"({"a":1,})", 7);
    n("object_no_colon", R"({"a" 1})", 5);
    n("object_two_colons", R"({"a"::1})", 5);
    n("object_no_value", R"({"a":})", 5);
    n("object_no_key", "{:1}", 1);
    n("object_number_key", "{1:1}", 1);
    n("object_bare_key", "{a:1}", 1);
    n("object_key_only", R"({"a"})", 4);
    n("object_comma_for_colon", R"({"a",1})", 4);
    n("object_array_inside", R"({[]:1})", 1);
    n("number_plus", "[+1]", 1);
    n("number_leading_zero", "[01]", 2);
    n("number_minus_leading_zero", "[-012]", 3);
    n("number_minus_alone", "[-]", 2);
    n("number_two_minus", "[--1]", 2);
    n("number_point_first", "[.5]", 1);
    n("number_point_last", "[1.]", 3);
    n("number_point_e", "[1.e1]", 3);
    n("number_e_alone", "[1e]", 3);
    n("number_e_plus", "[1e+]", 4);
    n("number_two_points", "[1.2.3]", 4);
    n("number_hex", "[0x1]", 2);
    n("number_nan", "[NaN]", 1);
    n("number_infinity", "[-Infinity]", 2);
    n("number_letter_behind", "[12a]", 3);
    n("number_quote_behind", "[1\"a\"]", 2);
    n("number_fullwidth", "[\xEF\xBC\x91]", 1);
    n("number_cut", "-", 1);
    n("word_cut", "[tru]", 4);
    n("word_longer", "[nullx]", 5);
    n("word_cut_by_the_end", "fals", 4);
    n("string_unclosed", "[\"a", 3);
    n("string_unclosed_escape", "[\"a\\", 4);
    n("string_unclosed_escaped_quote", "[\"a\\\"", 5);
    n("string_unescaped_newline", "[\"a\nb\"]", 3);
    n("string_unescaped_tab", "[\"\t\"]", 2);
    n("string_unescaped_nul", QByteArray("[\"a\0b\"]", 7), 3);
    n("string_escape_x", R"(["\x00"])", 3);
    n("string_escape_a", R"(["\a"])", 3);
    n("string_escape_nul", QByteArray("[\"\\\0\"]", 6), 3);
    n("string_escape_utf8", "[\"\\\xC3\xBC\"]", 3);
    n("string_u_short", R"(["\u12"])", 6);
    n("string_u_no_hex", R"(["\u12g4"])", 6);
    n("string_u_no_digits", R"(["\u"])", 4);
    n("string_text_behind", R"(["a"x])", 4);
    n("string_invalid_utf8", "[\"\xFF\"]", 2);
    n("string_continuation_alone", "[\"\x80\"]", 2);
    n("string_overlong_2", "[\"\xC0\xAF\"]", 2);
    n("string_overlong_3", "[\"\xE0\x80\x80\"]", 3);
    n("string_overlong_4", "[\"\xF0\x80\x80\x80\"]", 3);
    n("string_utf8_surrogate", "[\"\xED\xA0\x80\"]", 3);
    n("string_above_unicode", "[\"\xF4\x90\x80\x80\"]", 3);
    n("string_utf8_cut_by_quote", "[\"\xE2\x82\"]", 4);
    n("string_utf8_cut_by_the_end", "[\"\xE2\x82", 4);
    n("string_invalid_utf8_late", "[\"" + QByteArray(1000, 'x') + "\xFF\"]", 1002);

    i("structure_UTF-8_BOM", "\xEF\xBB\xBF{}", Taken);
    i("string_lone_high_surrogate", R"(["\uD800"])", Taken);
    i("string_lone_low_surrogate", R"(["\uDFAA"])", Taken);
    i("string_inverted_surrogates", R"(["\uDd1e\uD834"])", Taken);
    i("number_huge_exponent", "[0.4e006699999999999999999999999999999999999999999]", Taken);
    i("number_very_big_negative_int", "[-237462374673276894279832749832423479823246327846]", Taken);
    i("structure_1024_nested", QByteArray(1024, '[') + QByteArray(1024, ']'), Taken);
    i("structure_1025_nested", QByteArray(1025, '[') + QByteArray(1025, ']'), NotInspected);
    i("structure_objects_too_deep", QByteArray("{\"a\":").repeated(1025), NotInspected);
    i("structure_too_deep_before_a_fault", QByteArray(3000, '[') + "\xFF", NotInspected);
    i("structure_a_fault_before_too_deep", "[01," + QByteArray(3000, '['), 2);
}

void TestJsonScanner::tellsJson()
{
    QFETCH(QByteArray, json);
    QFETCH(int, faultOffset);
    const std::string_view text(json.constData(), std::size_t(json.size()));
    const Outcome outcome = scan({text});
    QCOMPARE(int(outcome.readability), int(faultOffset == -1   ? Readability::Readable
                                           : faultOffset == -2 ? Readability::NotInspected
                                                               : Readability::Invalid));
    if (faultOffset >= 0)
        QCOMPARE(int(outcome.faultOffset), faultOffset);
    QCOMPARE(describe(referenceOf(text)), describe(outcome));
    for (std::size_t at = 1; at < text.size(); ++at)
        QCOMPARE(describe(scan({text.substr(0, at), text.substr(at)})), describe(outcome));
    const auto *active = static_cast<const simdjson::implementation *>(simdjson::get_active_implementation());
    for (const simdjson::implementation *each : simdjson::get_available_implementations()) {
        if (!each->supported_by_runtime_system())
            continue;
        simdjson::get_active_implementation() = each;
        const Outcome probed = probe(text);
        simdjson::get_active_implementation() = active;
        QVERIFY2(probed == outcome, (each->name() + ": " + describe(probed)).c_str());
    }
}

void TestJsonScanner::tellsDamagedJsonHoweverCut()
{
    reference::Documents documents(2);
    for (int round = 0; round < 20'000; ++round) {
        const std::string json = round % 3 ? documents.damaged(documents.body()) : documents.body();
        const Outcome expected = referenceOf(json);
        QVERIFY2(scan({json}) == expected, json.c_str());
        QVERIFY2(scan(documents.pieces(json)) == expected, json.c_str());
    }
}

void TestJsonScanner::stopsAtTopLevelTexts()
{
    const std::string json = R"({"a":"x","b":{"c":"no"},"d":["no"],"e\"":"","f":1})";
    const std::string expected = "(a|x)(b|)(d|)(e\\\"|)(f|)";
    for (std::size_t cut = 0; cut <= json.size(); ++cut) {
        JsonScanner scanner;
        std::string seen;
        std::size_t from = 0;
        for (std::string_view piece :
             {std::string_view(json).substr(0, cut), std::string_view(json).substr(cut)}) {
            while (!piece.empty()) {
                JsonScanner::Stop stop{};
                piece.remove_prefix(scanner.scan(piece, stop));
                const std::string text = json.substr(from, scanner.offset() - from - 1);
                if (stop == JsonScanner::Stop::KeyEnds)
                    seen += (seen.empty() ? "(" : ")(") + text + "|";
                else if (stop == JsonScanner::Stop::TextEnds)
                    seen += text;
                else if (stop != JsonScanner::Stop::OutOfBytes)
                    from = scanner.offset();
            }
        }
        QVERIFY(scanner.isWhole());
        QCOMPARE(seen + ")", expected);
    }
}

QTEST_GUILESS_MAIN(TestJsonScanner)
#include "tst_json_scanner.moc"
