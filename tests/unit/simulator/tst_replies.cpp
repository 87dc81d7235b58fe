// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/replies.h"

#include "script_reading.h"
#include <cmath>
#include <cstring>
#include <QTest>

using namespace weir;
using namespace weir::simulator;

/// Shapes of streams and vectors, as the answerer hands them out.
class TestReplies : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void streamsEventsInOrder_data();
    void streamsEventsInOrder();
    void streamsWholeText_data();
    void streamsWholeText();
    void pausesBetweenContentEvents();
    void marksStamps_data();
    void marksStamps();
    void tellsUsageOnlyIfAsked();
    void numbersResponsesEvents();
    void makesVectors();

private:
    Answerer answerer{Options()};
};

void TestReplies::streamsEventsInOrder_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArrayList>("types");
    const auto row = [](const char *target, const QByteArrayList &types) {
        QTest::newRow(target) << QByteArray(target) << types;
    };
    row("/v1/messages", {"message_start", "content_block_start", "ping", "content_block_delta",
                         "content_block_delta", "content_block_stop", "message_delta", "message_stop"});
    row("/v1/responses", {"response.created", "response.in_progress", "response.output_item.added",
                          "response.content_part.added", "response.output_text.delta",
                          "response.output_text.delta", "response.output_text.done",
                          "response.content_part.done", "response.output_item.done", "response.completed"});
    row("/v1/chat/completions", {"", "", "", "", ""});
}

void TestReplies::streamsEventsInOrder()
{
    QFETCH(QByteArray, target);
    const Script script = answerer.answer(
        makeRequest("POST", target.toStdString(), R"({"model":"sim-chunks-2","stream":true})"), Now);
    QCOMPARE(fieldOf(script, "content-type"), "text/event-stream; charset=utf-8");
    QVERIFY(!script.head.contentLength);
    QVERIFY(script.isEventStream);
    QByteArrayList types;
    const auto events = eventsOf(script);
    for (const Event &event : events) {
        types += event.type;
        if (!event.type.isEmpty())
            QCOMPARE(event.data.value(QStringLiteral("type")).toString().toLatin1(), event.type);
    }
    QTEST(types, "types");
    for (const Piece &piece : script.pieces)
        QVERIFY2(piece.bytes.endsWith("\n\n"), piece.bytes.constData());
    if (target == "/v1/chat/completions")
        QCOMPARE(script.pieces.back().bytes, "data: [DONE]\n\n");
}

void TestReplies::streamsWholeText_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("usagePath");
    QTest::newRow("messages") << QByteArray("/v1/messages") << QByteArray("delta.text")
                              << QByteArray("usage.output_tokens");
    QTest::newRow("chat") << QByteArray("/v1/chat/completions") << QByteArray("choices.0.delta.content")
                          << QByteArray("usage.completion_tokens");
    QTest::newRow("responses") << QByteArray("/v1/responses") << QByteArray("delta")
                               << QByteArray("response.usage.output_tokens");
}

void TestReplies::streamsWholeText()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, usagePath);
    const auto play = [&](const QByteArray &model) {
        const Script script = answerer.answer(
            makeRequest("POST", target.toStdString(),
                        R"({"stream":true,"stream_options":{"include_usage":true},"model":")" + model +
                            "\"}"),
            Now);
        QString text;
        int tokens = 0;
        const auto events = eventsOf(script);
        for (const Event &event : events) {
            text += at(event.data, path).toString();
            tokens = std::max(tokens, at(event.data, usagePath).toInt());
        }
        return std::pair(text, tokens);
    };
    QCOMPARE(play("sim-chunks-7"),
             std::pair(QStringLiteral("Hello from the simulated provider. Hello from"), 7));
    QCOMPARE(play("sim-chunks-1"), std::pair(QStringLiteral("Hello"), 1));
    QCOMPARE(play("sim-chunks-3+bytes-100").first.size(), 100);
    QCOMPARE(play("sim-chunks-3+bytes-1").first.size(), 1);
    QCOMPARE(play("sim-bytes-0").first.size(), 0);
}

void TestReplies::pausesBetweenContentEvents()
{
    const Script script =
        answerer.answer(makeRequest("POST", "/v1/messages",
                                    R"({"model":"sim-chunks-3+gap-9+slow-first-byte-4","stream":true})"),
                        Now);
    QCOMPARE(script.firstByteMs, 4);
    QList<int> pauses;
    for (const Piece &piece : script.pieces)
        pauses += piece.pauseMs;
    QCOMPARE(pauses, (QList<int>{0, 0, 0, 0, 9, 9, 0, 0, 0}));
}

void TestReplies::marksStamps_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("path"); // to the text of a content event
    QTest::addColumn<int>("first");       // content event
    QTest::newRow("messages") << QByteArray("/v1/messages") << QByteArray("delta.text") << 3;
    QTest::newRow("chat") << QByteArray("/v1/chat/completions") << QByteArray("choices.0.delta.content") << 1;
    QTest::newRow("responses") << QByteArray("/v1/responses") << QByteArray("delta") << 4;
}

void TestReplies::marksStamps()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, path);
    QFETCH(int, first);
    const QString blank = QStringLiteral("@00000000000000000000@");
    for (const bool hasBytes : {false, true}) {
        const QByteArray body = hasBytes ? R"({"model":"sim-stamp+chunks-2+bytes-7","stream":true})"
                                         : R"({"model":"sim-stamp+chunks-2","stream":true})";
        const Script script = answerer.answer(makeRequest("POST", target.toStdString(), body), Now);
        const auto events = eventsOf(script);
        for (int index = 0; index < int(events.size()); ++index) {
            const Piece &piece = script.pieces[std::size_t(index)];
            const bool isContent = index == first || index == first + 1;
            QCOMPARE(piece.stampAt >= 0, isContent);
            if (!isContent)
                continue;
            QCOMPARE(piece.bytes.mid(piece.stampAt - 1, blank.size()), blank.toLatin1());
            const QString more = !hasBytes        ? QString()
                                 : index == first ? QStringLiteral("sim")
                                                  : QStringLiteral("simu");
            QCOMPARE(at(events[index].data, path).toString(), blank + more);
        }
    }
}

void TestReplies::tellsUsageOnlyIfAsked()
{
    const auto lastData = [this](const QByteArray &body) {
        const Script script = answerer.answer(makeRequest("POST", "/v1/chat/completions", body), Now);
        return eventsOf(script).at(qsizetype(script.pieces.size()) - 2).data;
    };
    const QJsonObject plain = lastData(R"({"model":"m","stream":true})");
    QVERIFY(!plain.contains(QStringLiteral("usage")));
    QCOMPARE(at(plain, "choices.0.finish_reason").toString(), QStringLiteral("stop"));
    const QJsonObject asked =
        lastData(R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})");
    QVERIFY(asked.value(QStringLiteral("choices")).toArray().isEmpty());
    QVERIFY(at(asked, "usage.completion_tokens").toInt() == 20);
}

void TestReplies::numbersResponsesEvents()
{
    const Script script =
        answerer.answer(makeRequest("POST", "/v1/responses", R"({"model":"m","stream":true})"), Now);
    int expected = 0;
    const auto events = eventsOf(script);
    for (const Event &event : events)
        QCOMPARE(event.data.value(QStringLiteral("sequence_number")).toInt(-1), expected++);
}

void TestReplies::makesVectors()
{
    const auto vectors = [this](const QByteArray &fields) {
        const Script script =
            answerer.answer(makeRequest("POST", "/v1/embeddings", R"({"model":"e",)" + fields + "}"), Now);
        return at(QJsonDocument::fromJson(bodyOf(script)).object(), "data").toArray();
    };
    const QJsonArray two = vectors(R"("input":["a","b"],"dimensions":3)");
    QCOMPARE(two.size(), 2);
    QCOMPARE(at(two, "1.index").toInt(), 1);
    const QJsonArray alone = vectors(R"("input":"b","dimensions":3)");
    QCOMPARE(at(alone, "0.embedding"), at(two, "1.embedding"));
    QVERIFY(at(two, "0.embedding") != at(two, "1.embedding"));
    QCOMPARE(vectors(R"("input":[1,2,3])").size(), 1); // one text as tokens
    QCOMPARE(vectors(R"("input":[[1,2],[3]])").size(), 2);
    QCOMPARE(at(vectors(R"("input":"x")"), "0.embedding").toArray().size(), 1536);

    const QByteArray bytes = QByteArray::fromBase64(
        at(vectors(R"("input":"b","dimensions":3,"encoding_format":"base64")"), "0.embedding")
            .toString()
            .toLatin1());
    QCOMPARE(bytes.size(), qsizetype(3 * sizeof(float)));
    double squares = 0;
    for (int index = 0; index < 3; ++index) {
        float value = 0;
        std::memcpy(&value, bytes.constData() + index * qsizetype(sizeof(float)), sizeof(float));
        QCOMPARE(value, float(at(alone, "0.embedding").toArray().at(index).toDouble()));
        squares += double(value) * double(value);
    }
    QVERIFY(std::abs(squares - 1) < 1e-5);
}

QTEST_GUILESS_MAIN(TestReplies)
#include "tst_replies.moc"
