// SPDX-License-Identifier: GPL-3.0-or-later
#include "deflated.h"
#include "llm/coded_body.h"
#include "llm/request_probe.h"
#include <QTest>

using namespace weir::llm;

class TestRequestProbe : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_data();
    void reads();
    void readsCompressedOnes();
};

void TestRequestProbe::reads_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<bool>("stream");
    const auto row = [](const char *name, const QByteArray &body, const QByteArray &model,
                        bool stream = false) { QTest::newRow(name) << body << model << stream; };
    row("model first", "{\"model\":\"m\",\"stream\":true,\"messages\":[]}", "m", true);
    row("model last", "{\"messages\":[{\"content\":\"x\"}],\"stream\":false,\"model\":\"m\"}", "m");
    row("of two the last", "{\"model\":\"one\",\"model\":\"two\"}", "two");
    row("of two the last, even if it is no name",
        "{\"model\":\"one\",\"model\":5,\"stream\":true,\"stream\":1}", "");
    row("a nested one is not it",
        "{\"metadata\":{\"model\":\"no\",\"stream\":true},\"messages\":[{\"model\":\"no\"}]}", "");
    row("after much base64", "{\"image\":\"" + QByteArray(900'000, 'A') + "\",\"model\":\"m\"}", "m");
    row("escapes", "{\"mod\\u0065l\":\"a\\/b\"}", "a/b");
    row("blanks", " \n{ \"model\" : \"m\" , \"stream\" : true }\n", "m", true);
    row("not a text", "{\"model\":5,\"stream\":\"true\"}", "");
    row("a body that was cut", "{\"model\":\"m\",\"stream\":true,", "");
    row("no object", "[{\"model\":\"m\"}]", "");
    row("no JSON", "model=m", "");
    row("empty", "", "");
    row("nested too deep", "{\"model\":\"m\",\"a\":" + QByteArray(100'000, '[') + "}", "");
    row("text behind the body", "{\"model\":\"m\"}x", "");
    row("a name that is too long", "{\"model\":\"" + QByteArray(2000, 'm') + "\"}", "");
    row("a body that is too long", "{\"model\":\"m\",\"a\":\"" + QByteArray(ProbeBytesMax, 'x') + "\"}", "");
}

void TestRequestProbe::reads()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, model);
    QFETCH(bool, stream);
    // Wherever the bytes have room around them.
    QByteArray roomy = body;
    roomy.reserve(body.size() + 100);
    QByteArray tight = body;
    tight.squeeze();
    // Room before the bytes, which capacity() counts as well, and none behind them.
    QByteArray late = QByteArray(200, ' ') + body;
    late.squeeze();
    late.remove(0, 200);
    for (const QByteArray &each : {roomy, tight, late}) {
        const RequestFacts facts = probeRequest(each);
        QCOMPARE(QByteArray::fromStdString(facts.model), model);
        QCOMPARE(facts.stream, stream);
    }
}

void TestRequestProbe::readsCompressedOnes()
{
    const QByteArray body = R"({"model":"m1","x":")" + QByteArray(100, 'a') + R"("})";
    const auto model = [](const QByteArray &encoded, Coding coding) {
        return probeRequest(encoded, coding).model;
    };
    QCOMPARE(model(deflated(body, GzipFormat), Coding::Gzip), std::string("m1"));
    QCOMPARE(model(deflated(body, RawFormat), Coding::Deflate), std::string("m1"));
    QCOMPARE(model(brotliOf(body), Coding::Brotli), std::string("m1"));
    QCOMPARE(model(zstdOf(body), Coding::Zstd), std::string("m1"));
    QCOMPARE(model(zstdOf(body).chopped(1), Coding::Zstd), std::string());
    QCOMPARE(model(zstdOf(body) + "{}", Coding::Zstd), std::string());
    QCOMPARE(model(body, Coding::Zstd), std::string());
    const QByteArray most = body + QByteArray(ProbeBytesMax - body.size(), ' ');
    QCOMPARE(model(zstdOf(most), Coding::Zstd), std::string("m1"));
    QCOMPARE(model(zstdOf(most + " "), Coding::Zstd), std::string());
    const auto held = decodedBody(zstdOf(body), Coding::Zstd, body.size() - 1);
    QVERIFY(!held && held.error().code == weir::base::Errc::BodyTooLargeToHold);
}

QTEST_GUILESS_MAIN(TestRequestProbe)
#include "tst_request_probe.moc"
