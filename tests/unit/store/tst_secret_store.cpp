// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/secret_store.h"

#include "store/secrets_thread.h"
#include "support/fake_keychain.h"
#include "unit/store/store_fixture.h"
#include <QAbstractEventDispatcher>
#include <QTest>

using namespace weir;
using namespace weir::store;
using base::Errc;
using base::Result;
using base::Secret;
using std::chrono::milliseconds;

namespace {

using test::FakeKeychain;
using Mood = FakeKeychain::Mood;

/// What came back, as text that can be compared: the secret, or the error's identifier.
struct Answer
{
    int count = 0;
    std::string text;

    Keychain::Done take()
    {
        return [this](Result<Secret> result) {
            ++count;
            text =
                result ? std::string(result->reveal()) : std::string(base::identifier(result.error().code));
        };
    }
};

} // namespace

class TestSecretStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void keepsFindsReplacesAndRemoves();
    void worksInTheSecretsThread();
    void givesUpOnAKeychainThatIsSilent();
    void givesUpOnAKeychainThatBlocks();
    void tellsDeniedFromUnavailable();
    void keepsForThisRunOnly();
    void refusesWhatIsNoSecret_data();
    void refusesWhatIsNoSecret();
    void refusesABadEntryOfAnotherProgram();
    void boundsItsJobs();
    void readsTheEnvironmentThatItIsTold();
    void probesByKeepingSomething();
    void answersNobodyWhoIsGone();
    void runsGlibWhereOthersDoNot();

private:
    std::string answerTo(const std::function<void(Keychain::Done)> &question);

    std::shared_ptr<FakeKeychain::Shared> m_fake;
    std::unique_ptr<SecretsThread> m_thread;
    std::unique_ptr<SecretStore> m_store;
};

void TestSecretStore::init()
{
    m_store.reset();
    m_thread = std::make_unique<SecretsThread>();
    m_fake = std::make_shared<FakeKeychain::Shared>();
    m_store = std::make_unique<SecretStore>(std::make_unique<FakeKeychain>(m_fake), m_thread->thread(),
                                            milliseconds(300));
}

std::string TestSecretStore::answerTo(const std::function<void(Keychain::Done)> &question)
{
    Answer answer;
    question(answer.take());
    if (answer.count != 0)
        return "answered before the event loop ran";
    if (!QTest::qWaitFor([&] { return answer.count > 0; }, 8000))
        return "no answer";
    return answer.text;
}

#define FIND(name) answerTo([&](Keychain::Done done) { m_store->find(name, std::move(done)); })
#define SET(name, value, place)                                                                              \
    answerTo([&](Keychain::Done done) {                                                                      \
        m_store->set(name, Secret(value), SecretStore::Place::place, std::move(done));                       \
    })
#define REMOVE(name) answerTo([&](Keychain::Done done) { m_store->remove(name, std::move(done)); })

void TestSecretStore::keepsFindsReplacesAndRemoves()
{
    QCOMPARE(FIND("zai"), std::string("not_stored"));
    QCOMPARE(SET("zai", "first", Keychain), std::string());
    QCOMPARE(SET("zai", "second", Keychain), std::string());
    QCOMPARE(FIND("zai"), std::string("second"));
    QCOMPARE(FIND("openai"), std::string("not_stored"));
    QCOMPARE(REMOVE("zai"), std::string());
    QCOMPARE(FIND("zai"), std::string("not_stored"));
    QCOMPARE(REMOVE("zai"), std::string("not_stored"));
}

void TestSecretStore::worksInTheSecretsThread()
{
    FIND("zai");
    QVERIFY(m_fake->thread.load() == m_thread->thread());
}

void TestSecretStore::givesUpOnAKeychainThatIsSilent()
{
    m_fake->mood = Mood::Silent;
    QCOMPARE(FIND("zai"), std::string("keychain_unavailable"));
    QCOMPARE(SET("zai", "x", Keychain), std::string("keychain_unavailable"));
    m_fake->mood = Mood::Works;
    QCOMPARE(FIND("zai"), std::string("not_stored")); // and takes it up again
}

void TestSecretStore::givesUpOnAKeychainThatBlocks()
{
    m_fake->mood = Mood::Blocked;
    Answer answer;
    m_store->find("zai", answer.take()); // comes back, though the keychain does not
    QCOMPARE(m_fake->mood.load(), Mood::Blocked);
    QTRY_COMPARE(answer.text, std::string("keychain_unavailable"));
    m_fake->mood = Mood::Works;
    QTest::qWait(100); // what it says then is too late
    QCOMPARE(answer.count, 1);
    QCOMPARE(FIND("zai"), std::string("not_stored"));
}

void TestSecretStore::tellsDeniedFromUnavailable()
{
    m_fake->mood = Mood::Denies;
    QCOMPARE(FIND("zai"), std::string("keychain_denied"));
    QCOMPARE(SET("zai", "x", Keychain), std::string("keychain_denied"));
    QCOMPARE(REMOVE("zai"), std::string("keychain_denied"));
}

void TestSecretStore::keepsForThisRunOnly()
{
    m_fake->mood = Mood::Silent;
    QCOMPARE(SET("zai", "for now", ThisRun), std::string("secret_invalid")); // a space
    QCOMPARE(SET("zai", "for-now", ThisRun), std::string());
    QCOMPARE(FIND("zai"), std::string("for-now"));
    QCOMPARE(m_fake->jobs.load(), 0); // the keychain was not even asked
    QVERIFY(m_store->isForThisRun("zai"));
    m_fake->mood = Mood::Works;
    QCOMPARE(SET("zai", "for-ever", Keychain), std::string());
    QCOMPARE(FIND("zai"), std::string("for-ever")); // not the older one
    QVERIFY(!m_store->isForThisRun("zai"));
    QCOMPARE(SET("openai", "for-now", ThisRun), std::string());
    QCOMPARE(REMOVE("openai"), std::string());
    QCOMPARE(FIND("openai"), std::string("not_stored"));
}

void TestSecretStore::refusesWhatIsNoSecret_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isGood");
    QTest::newRow("an ordinary key") << QByteArray("sk-ant-api03_AZaz09.-~") << true;
    QTest::newRow("the longest") << QByteArray(qsizetype(SecretBytesMax), 'x') << true;
    QTest::newRow("one byte more") << QByteArray(qsizetype(SecretBytesMax) + 1, 'x') << false;
    QTest::newRow("64 KiB") << QByteArray(65536, 'x') << false;
    QTest::newRow("nothing") << QByteArray() << false;
    QTest::newRow("a line end at its end") << QByteArray("sk-1\n") << false;
    QTest::newRow("a header in it") << QByteArray("sk-1\r\nx-evil: 1") << false;
    QTest::newRow("a NUL") << QByteArray("sk\0x", 4) << false;
    QTest::newRow("a space before") << QByteArray(" sk") << false;
    QTest::newRow("not ASCII") << QByteArray("sk-\xc3\xa4") << false;
}

void TestSecretStore::refusesWhatIsNoSecret()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, isGood);
    const auto checked = checkSecret(text.toStdString());
    QCOMPARE(checked.has_value(), isGood);
    if (!isGood) {
        QCOMPARE(checked.error().code, Errc::SecretInvalid);
        QVERIFY(checked.error().detail.find("sk") == std::string::npos);
    }
    QCOMPARE(SET("zai", text.toStdString(), Keychain), std::string(isGood ? "" : "secret_invalid"));
    QCOMPARE(m_fake->jobs.load(), int(isGood));
}

void TestSecretStore::refusesABadEntryOfAnotherProgram()
{
    m_fake->entries["zai"] = "sk-1\r\nx-evil: 1";
    QCOMPARE(FIND("zai"), std::string("secret_invalid"));
}

void TestSecretStore::boundsItsJobs()
{
    m_fake->mood = Mood::Silent;
    std::vector<Answer> answers(SecretStore::JobsMax + 1);
    for (Answer &answer : answers)
        m_store->find("zai", answer.take());
    QTRY_COMPARE_WITH_TIMEOUT(answers.back().count, 1, 200); // at once
    QCOMPARE(answers.front().count, 0);
    QTRY_COMPARE(answers.front().count, 1);
    for (const Answer &answer : answers)
        QTRY_COMPARE(answer.text, std::string("keychain_unavailable"));
    QCOMPARE(m_fake->jobs.load(), int(SecretStore::JobsMax));
}

void TestSecretStore::readsTheEnvironmentThatItIsTold()
{
    qputenv("WEIR_TEST_KEY", "sk-env");
    QCOMPARE(std::string(secretFromEnvironment("WEIR_TEST_KEY")->reveal()), std::string("sk-env"));
    qputenv("WEIR_TEST_KEY", "sk-env\n");
    QCOMPARE(secretFromEnvironment("WEIR_TEST_KEY").error().code, Errc::SecretInvalid);
    qunsetenv("WEIR_TEST_KEY");
    QCOMPARE(secretFromEnvironment("WEIR_TEST_KEY").error().code, Errc::NotStored);
}

void TestSecretStore::probesByKeepingSomething()
{
    const auto probe = [this] {
        return answerTo([&](Keychain::Done done) { m_store->probe(std::move(done)); });
    };
    QCOMPARE(probe(), std::string());
    QVERIFY(m_fake->entries.empty()); // and leaves nothing
    QCOMPARE(m_fake->jobs.load(), 3);
    m_fake->mood = Mood::Silent;
    QCOMPARE(probe(), std::string("keychain_unavailable"));
}

void TestSecretStore::answersNobodyWhoIsGone()
{
    m_fake->mood = Mood::Blocked;
    Answer answer;
    m_store->find("zai", answer.take());
    m_store.reset();
    m_fake->mood = Mood::Works;
    QTest::qWait(100);
    QCOMPARE(answer.count, 0);
}

void TestSecretStore::runsGlibWhereOthersDoNot()
{
    qputenv("QT_NO_THREADED_GLIB", "1");
    const SecretsThread secrets;
    QThread other;
    other.start();
    QTRY_VERIFY(QAbstractEventDispatcher::instance(&other));
    const auto kind = [](QThread *thread) {
        return QByteArray(QAbstractEventDispatcher::instance(thread)->metaObject()->className());
    };
    const QByteArray ofSecrets = kind(const_cast<SecretsThread &>(secrets).thread());
    const QByteArray ofOther = kind(&other);
    other.quit();
    QVERIFY(other.wait());
    QCOMPARE(qgetenv("QT_NO_THREADED_GLIB"), QByteArray("1"));
    qunsetenv("QT_NO_THREADED_GLIB");
    QVERIFY2(ofSecrets.contains("Glib"), ofSecrets.constData());
    QVERIFY2(!ofOther.contains("Glib"), ofOther.constData());
}

QTEST_GUILESS_MAIN(TestSecretStore)
#include "tst_secret_store.moc"
