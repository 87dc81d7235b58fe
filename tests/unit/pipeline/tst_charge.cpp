// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/json_probe.h"
#include "pipeline/charge.h"

#include "llm/reply_meter.h"
#include <QTest>

using namespace weir;
using namespace weir::pipeline;
using llm::Api;

namespace {

constexpr std::string_view Start =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":"
    "{\"input_tokens\":70,\"cache_read_input_tokens\":20,\"cache_creation_input_tokens\":10,"
    "\"output_tokens\":1}}}\n\n";
constexpr std::string_view Delta =
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"four\"}}\n\n";
constexpr std::string_view End =
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
    "\"usage\":{\"output_tokens\":33}}\n\n";
constexpr std::string_view Stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
constexpr std::string_view Failure =
    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n";

llm::ReplyMeter streamOf(const std::vector<std::string_view> &events, Api api = Api::Messages)
{
    http::ResponseHead head;
    head.headers.add("content-type", "text/event-stream");
    llm::ReplyMeter meter(api, head);
    for (const std::string_view event : events)
        meter.feed(event);
    meter.finish();
    return meter;
}

llm::ReplyMeter jsonOf(std::string_view json, Api api = Api::Messages)
{
    http::ResponseHead head;
    head.headers.add("content-type", "application/json");
    llm::ReplyMeter meter(api, head);
    meter.feed(json);
    meter.finish();
    return meter;
}

/// A request of 400 bytes that was sent and answered with 200.
Course courseOf(const llm::ReplyMeter *meter, bool isCompleted = true)
{
    Course course;
    course.wasSent = true;
    course.isCompleted = isCompleted;
    course.status = meter ? 200 : 0;
    course.bodyBytes = 400;
    course.meter = meter;
    return course;
}

} // namespace

class TestCharge : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void estimatesInput();
    void setsAsideWhatIsAskedFor();
    void weighsInWholeTokens_data();
    void weighsInWholeTokens();
    void chargesByCourse();
    void knowsWhatIsBilled();
};

void TestCharge::estimatesInput()
{
    QCOMPARE(inputEstimate(0), 1);
    QCOMPARE(inputEstimate(7), 1);
    QCOMPARE(inputEstimate(4000), 1000);
}

void TestCharge::setsAsideWhatIsAskedFor()
{
    ChargeRules rules;
    rules.outputEstimate = 100;
    const auto reserve = [&rules](std::string_view body) {
        return qint64(outputReserve(llm::probeJson(body).output, rules));
    };
    QCOMPARE(reserve(R"({"max_tokens":5})"), 5);
    QCOMPARE(reserve(R"({"max_tokens":5,"n":3})"), 15);
    // Nobody knows: the estimate, for each answer.
    QCOMPARE(reserve("{}"), 100);
    QCOMPARE(reserve(R"({"max_tokens":-1})"), 100);
    QCOMPARE(reserve(R"({"n":3})"), 300);
    QCOMPARE(reserve(R"({"n":1e99})"), qint64(llm::TokensMax));
    // Several texts in one request each have answers of their own; a list of numbers is one text.
    QCOMPARE(reserve(R"({"max_tokens":5,"prompt":"a"})"), 5);
    QCOMPARE(reserve(R"({"max_tokens":5,"n":2,"prompt":["a","b",["c"]]})"), 15 * 2);
    QCOMPARE(reserve(R"({"max_tokens":5,"Prompt":[[1,2],[3]],"prompt":"a"})"), 10);
    QCOMPARE(reserve(R"({"max_tokens":5,"prompt":[1,2,3]})"), 5);
    QCOMPARE(reserve(R"({"n":1e99,"prompt":["a","b"]})"), qint64(llm::TokensMax));
    QCOMPARE(reserve(R"({"prompt":{"id":"p"}})"), 100);
}

void TestCharge::weighsInWholeTokens_data()
{
    QTest::addColumn<int>("cached");
    QTest::addColumn<int>("write");
    QTest::addColumn<qint64>("charge");
    QTest::newRow("all input counts") << 1000 << 1000 << qint64(100 + 33);
    QTest::newRow("cached ones count a tenth") << 100 << 1000 << qint64(80 + 2 + 33);
    QTest::newRow("written ones count more") << 1000 << 1250 << qint64(90 + 13 + 33); // 12.5, rounded up
    QTest::newRow("neither counts") << 0 << 0 << qint64(70 + 33);
}

void TestCharge::weighsInWholeTokens()
{
    QFETCH(int, cached);
    QFETCH(int, write);
    QFETCH(qint64, charge);
    QCOMPARE(qint64(weighted({100, 20, 10, 33, 0, true}, {0, cached, write})), charge);
    // Whatever a provider claims: no overflow, nothing below nothing.
    constexpr std::int64_t Most = llm::TokensMax;
    QVERIFY(weighted({Most, Most, Most, Most, Most, true}, {0, 100'000, 100'000}) > 0);
    QVERIFY(weighted({0, Most, Most, 0, 0, true}, {0, cached, write}) >= 0);
}

void TestCharge::chargesByCourse()
{
    const ChargeRules rules;
    const auto charge = [&](const Course &course, Api api = Api::Messages) {
        return chargeOf(api, course, rules);
    };
    const llm::ReplyMeter whole = streamOf({Start, Delta, End, Stop});
    QCOMPARE(charge(courseOf(&whole)), 100 + 33);
    QCOMPARE(charge(courseOf(&whole, false)), 100 + 33); // the last count has come
    const llm::ReplyMeter cut = streamOf({Start, Delta, Delta, Delta});
    QCOMPARE(charge(courseOf(&cut, false)), 100 + 3);
    Course bounded = courseOf(&cut, false);
    bounded.output.note("max_tokens", "2");
    QCOMPARE(charge(bounded), 100 + 2);
    bounded.output.note("max_tokens", "-1"); // some take it for "no limit": what was seen counts
    QCOMPARE(charge(bounded), 100 + 3);
    const llm::ReplyMeter broken = streamOf({Start, Delta, Failure});
    QCOMPARE(charge(courseOf(&broken)), 100 + 1);

    // Nothing is known of it.
    QCOMPARE(charge(courseOf(nullptr, false)), 100); // the request, by its bytes
    const llm::ReplyMeter silent = jsonOf(R"({"content":[{"text":"abcdefghij"}]})");
    QCOMPARE(charge(courseOf(&silent)), 100 + 35 / 4);
    const llm::ReplyMeter refused = streamOf({Failure});
    QCOMPARE(charge(courseOf(&refused)), 0);

    // What cannot be decoded may be large, however small it looks.
    http::ResponseHead encoded;
    encoded.headers.add("Content-Type", "application/json");
    encoded.headers.add("Content-Encoding", "compress");
    llm::ReplyMeter opaque(Api::Messages, encoded);
    opaque.feed("abcdefgh");
    opaque.finish();
    Course unread = courseOf(&opaque);
    QCOMPARE(charge(unread), 100 + rules.outputEstimate);
    unread.output.note("max_tokens", "70");
    QCOMPARE(charge(unread), 100 + 70);

    // It was never worked on, or failed by the provider's word.
    Course unsent = courseOf(&whole);
    unsent.wasSent = false;
    QCOMPARE(charge(unsent), 0);
    for (const int status : {302, 400, 429, 500, 529}) {
        Course failed = courseOf(&whole);
        failed.status = status;
        QCOMPARE(charge(failed), 0);
    }
    QCOMPARE(charge(courseOf(nullptr), Api::CountTokens), 0);
    // Of an image what is told counts, and nothing is estimated.
    const llm::ReplyMeter image = jsonOf(
        R"({"data":[],"usage":{"input_tokens":50,"output_tokens":1056,"total_tokens":1106}})", Api::Other);
    QCOMPARE(charge(courseOf(&image), Api::Other), 1106);
    const llm::ReplyMeter untold = jsonOf(R"({"data":[]})", Api::Other);
    QCOMPARE(charge(courseOf(&untold), Api::Other), 0);
}

void TestCharge::knowsWhatIsBilled()
{
    for (const Api api :
         {Api::Messages, Api::ChatCompletions, Api::Responses, Api::Completions, Api::Embeddings})
        QVERIFY(billsTokens(api) && isCounted(api) && !mayBillUntold(api));
    for (const Api api : {Api::CountTokens, Api::Models})
        QVERIFY(!billsTokens(api) && !isCounted(api));
    QVERIFY(!billsTokens(Api::Other) && isCounted(Api::Other) && mayBillUntold(Api::Other));
    QVERIFY(!billsTokens(Api::Lookup) && isCounted(Api::Lookup) && !mayBillUntold(Api::Lookup));
    QVERIFY(mayBillUntold(Api::Models) && !mayBillUntold(Api::CountTokens));
}

QTEST_GUILESS_MAIN(TestCharge)
#include "tst_charge.moc"
