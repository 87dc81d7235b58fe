// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/secret_scrubber.h"

#include "unit/llm/deflated.h"
#include <QTest>

using namespace weir;
using pipeline::SecretScrubber;

namespace {

const std::string Key = "sk-abcabcab-0123";
const QByteArray Covered(qsizetype(Key.size()), '*');

std::shared_ptr<const base::Secret> secret(const std::string &text = Key)
{
    return std::make_shared<const base::Secret>(text);
}

http::ResponseHead head(const char *encoding = nullptr)
{
    http::ResponseHead head;
    head.status = 401;
    head.contentLength = 100;
    if (encoding)
        head.headers.add("Content-Encoding", encoding);
    return head;
}

QByteArray passThrough(SecretScrubber &scrubber, const std::vector<QByteArray> &pieces)
{
    QByteArray passed;
    for (const QByteArray &piece : pieces)
        passed += scrubber.feed(piece);
    return passed + scrubber.finish();
}

} // namespace

class TestSecretScrubber : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void coversTheKeyHoweverItIsCut_data();
    void coversTheKeyHoweverItIsCut();
    void holdsBackLessThanTheKey();
    void leavesWordsOfLocalServersAlone();
    void coversFields();
    void decodesWhatIsCompressed_data();
    void decodesWhatIsCompressed();
    void leavesOutWhatItCannotRead();
    void saysThatABodyIsDamaged();
};

void TestSecretScrubber::coversTheKeyHoweverItIsCut_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("passed");
    const QByteArray key = QByteArray::fromStdString(Key);
    QTest::newRow("nothing of it") << QByteArray("{}") << QByteArray("{}");
    QTest::newRow("in the middle") << "a " + key + " b"
                                   << "a " + Covered + " b";
    QTest::newRow("the whole body") << key << Covered;
    QTest::newRow("twice, side by side") << key + key << Covered + Covered;
    QTest::newRow("after a false start") << "sk-abc" + key << "sk-abc" + Covered;
    QTest::newRow("a part at the end is not it") << "x " + key.chopped(1) << "x " + key.chopped(1);
}

void TestSecretScrubber::coversTheKeyHoweverItIsCut()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, passed);
    for (qsizetype first = 0; first <= body.size(); ++first) {
        for (qsizetype second = first; second <= body.size(); ++second) {
            http::ResponseHead of = head();
            SecretScrubber scrubber(secret(), of);
            QCOMPARE(
                passThrough(scrubber, {body.left(first), body.mid(first, second - first), body.mid(second)}),
                passed);
            QCOMPARE(*of.contentLength, 100); // still holds
        }
    }
}

void TestSecretScrubber::holdsBackLessThanTheKey()
{
    http::ResponseHead of = head();
    SecretScrubber scrubber(secret(), of);
    const QByteArray most = QByteArray::fromStdString(Key).chopped(1);
    QCOMPARE(scrubber.feed("x" + most), QByteArray("x"));
    QCOMPARE(scrubber.feed("y"), most + "y"); // it was none
    const QByteArray plain(100'000, 'x');
    QVERIFY(scrubber.feed(plain).constData() == plain.constData()); // passed on, not copied
}

void TestSecretScrubber::leavesWordsOfLocalServersAlone()
{
    for (const char *word : {"x", "none", "7 bytes"}) {
        http::ResponseHead of = head("compress");
        SecretScrubber scrubber(secret(word), of);
        QCOMPARE(passThrough(scrubber, {"x none 7 bytes"}), QByteArray("x none 7 bytes"));
        QVERIFY(of.headers.contains("content-encoding"));
    }
}

void TestSecretScrubber::coversFields()
{
    http::ResponseHead of = head();
    of.headers.add("WWW-Authenticate", "Bearer error=\"" + Key + "\", again=" + Key);
    of.headers.add("X-Request-Id", "7");
    const SecretScrubber scrubber(secret(), of);
    QCOMPARE(QByteArray::fromStdString(std::string(*of.headers.find("www-authenticate"))),
             "Bearer error=\"" + Covered + "\", again=" + Covered);
    QVERIFY(of.headers.find("x-request-id") == "7");
}

void TestSecretScrubber::decodesWhatIsCompressed_data()
{
    QTest::addColumn<int>("format");
    QTest::addColumn<QByteArray>("name");
    QTest::newRow("gzip") << llm::GzipFormat << QByteArray("gzip");
    QTest::newRow("raw") << llm::RawFormat << QByteArray("deflate");
    QTest::newRow("deflate") << llm::ZlibFormat << QByteArray("Deflate");
}

void TestSecretScrubber::decodesWhatIsCompressed()
{
    QFETCH(int, format);
    QFETCH(QByteArray, name);
    const QByteArray body = "no such key: " + QByteArray::fromStdString(Key) + '!';
    const QByteArray coded = llm::deflated(body, format);
    for (qsizetype cut = 0; cut <= coded.size(); ++cut) {
        http::ResponseHead of = head(name.constData());
        SecretScrubber scrubber(secret(), of);
        QVERIFY(!of.headers.contains("content-encoding") && !of.contentLength);
        QCOMPARE(passThrough(scrubber, {coded.left(cut), coded.mid(cut)}), "no such key: " + Covered + '!');
        QVERIFY(!scrubber.isBroken());
    }
}

void TestSecretScrubber::leavesOutWhatItCannotRead()
{
    http::ResponseHead of = head("compress");
    SecretScrubber scrubber(secret(), of);
    QCOMPARE(*of.contentLength, 0);
    QVERIFY(!of.headers.contains("content-encoding"));
    QCOMPARE(passThrough(scrubber, {"anything"}), QByteArray());
}

void TestSecretScrubber::saysThatABodyIsDamaged()
{
    http::ResponseHead of = head("gzip");
    SecretScrubber scrubber(secret(), of);
    scrubber.feed("this is not gzip");
    QVERIFY(scrubber.isBroken());
}

QTEST_GUILESS_MAIN(TestSecretScrubber)
#include "tst_secret_scrubber.moc"
