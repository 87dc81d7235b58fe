// SPDX-License-Identifier: GPL-3.0-or-later
#include "micro/bodies.h"
#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace weir;
using namespace weir::micro;

class TestBodies : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bodiesAreValidJsonOfTheirSize_data();
    void bodiesAreValidJsonOfTheirSize();
    void claudeCodeRequestsHaveTheirShape();
    void bodiesAreTheSameEverywhere();
    void modelStandsWhereItIsAskedFor();
    void headFitsItsBody();
    void cutsWithoutLoss();
    void carriesTheFixtures();
};

void TestBodies::bodiesAreValidJsonOfTheirSize_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<qsizetype>("size");
    QTest::newRow("the smallest question") << chatRequest(256) << qsizetype(256);
    QTest::newRow("1 KB") << chatRequest(Kilobyte) << qsizetype(1024);
    QTest::newRow("the smallest of Claude Code")
        << claudeCodeRequest(40 * Kilobyte) << qsizetype(40 * Kilobyte);
    QTest::newRow("48 KB") << claudeCodeRequest(48 * Kilobyte) << qsizetype(48 * Kilobyte);
    QTest::newRow("400 KB") << claudeCodeRequest(400 * Kilobyte) << qsizetype(400 * Kilobyte);
    QTest::newRow("an odd number of bytes") << claudeCodeRequest(77'777) << qsizetype(77'777);
    QTest::newRow("10 MB, model last")
        << claudeCodeRequest(10 * Megabyte, ModelAt::Last) << qsizetype(10 * Megabyte);
}

void TestBodies::bodiesAreValidJsonOfTheirSize()
{
    QFETCH(QByteArray, body);
    QFETCH(qsizetype, size);
    QCOMPARE(body.size(), size);
    QJsonParseError error;
    const QJsonObject object = QJsonDocument::fromJson(body, &error).object();
    QCOMPARE(error.error, QJsonParseError::NoError);
    QCOMPARE(object.value(QLatin1String("model")).toString(), QString::fromLatin1(BodyModel));
    QVERIFY(!object.value(QLatin1String("messages")).toArray().isEmpty());
}

void TestBodies::claudeCodeRequestsHaveTheirShape()
{
    const QJsonObject object = QJsonDocument::fromJson(claudeCodeRequest(48 * Kilobyte)).object();
    for (const char *key : {"messages", "system", "tools", "metadata", "max_tokens", "thinking",
                            "context_management", "output_config", "stream"})
        QVERIFY2(object.contains(QLatin1String(key)), key);
    QCOMPARE(object.value(QLatin1String("tools")).toArray().size(), 12);
    QVERIFY(object.value(QLatin1String("stream")).toBool());
    const QJsonObject long_ = QJsonDocument::fromJson(claudeCodeRequest(400 * Kilobyte)).object();
    const QJsonArray messages = long_.value(QLatin1String("messages")).toArray();
    QVERIFY(messages.size() > 10);
    // What pads the body to its size must not be most of it.
    for (const QJsonValue &message : messages)
        QVERIFY(QJsonDocument(message.toObject()).toJson().size() < 64 * 1024);
}

void TestBodies::bodiesAreTheSameEverywhere()
{
    // Figures of two machines can only be compared if both read the same bytes.
    const QByteArray hash =
        QCryptographicHash::hash(claudeCodeRequest(48 * Kilobyte), QCryptographicHash::Sha256).toHex();
    QCOMPARE(hash, QByteArray("148dc2e2d6c14dfc17fb0a69bac815f51851e218a3b7beac7ab80a70828ca02b"));
    QCOMPARE(chatRequest(1000), chatRequest(1000));
}

void TestBodies::modelStandsWhereItIsAskedFor()
{
    const QByteArray first = claudeCodeRequest(48 * Kilobyte);
    const QByteArray last = claudeCodeRequest(48 * Kilobyte, ModelAt::Last);
    QCOMPARE(first.indexOf("\"model\""), 1);
    QVERIFY(last.indexOf("\"model\"") > last.size() - 64);
    QCOMPARE(first.count("\"model\""), 1);
    QCOMPARE(last.count("\"model\""), 1);
}

void TestBodies::headFitsItsBody()
{
    const http::RequestHead head = parsedHead(claudeCodeHead(49'152));
    QCOMPARE(head.contentLength.value_or(0), 49'152);
    QCOMPARE(head.target, std::string("/v1/messages?beta=true"));
    QCOMPARE(head.headers.size(), std::size_t(21));
    // Without a body the parser is done at once; the head is whole all the same.
    QCOMPARE(parsedHead(claudeCodeHead(0)).headers.size(), std::size_t(21));
}

void TestBodies::cutsWithoutLoss()
{
    const QByteArray body = claudeCodeRequest(48 * Kilobyte);
    QCOMPARE(cut(body, 16 * 1024).size(), std::size_t(3));
    QByteArray joined;
    for (const QByteArray &piece : cut(body, 1000)) {
        QVERIFY(!piece.isEmpty() && piece.size() <= 1000);
        joined += piece;
    }
    QCOMPARE(joined, body);
}

void TestBodies::carriesTheFixtures()
{
    QFile file(QStringLiteral(WEIR_FIXTURES "/anthropic/messages_thinking_and_tool.sse"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(fixture("anthropic/messages_thinking_and_tool.sse"), file.readAll());
    const auto events = fixtureEvents("anthropic/messages_thinking_and_tool.sse");
    QCOMPARE(events.size(), std::size_t(17));
    for (const QByteArray &event : events)
        QVERIFY(event.startsWith("event: ") && event.endsWith("\n\n"));
}

QTEST_GUILESS_MAIN(TestBodies)
#include "tst_bodies.moc"
