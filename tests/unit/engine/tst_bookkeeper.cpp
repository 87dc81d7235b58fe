// SPDX-License-Identifier: GPL-3.0-or-later
// What is kept of which request, and what becomes of a database that is found damaged while it is used.
#include "engine/bookkeeper.h"

#include "store/key_store.h"
#include "store/usage_writer.h"
#include "unit/store/store_fixture.h"
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QtEndian>
#include <QTest>

using namespace weir;
using base::Errc;
using engine::Bookkeeper;
using metrics::Outcome;
using metrics::RequestRecord;
using test::readFile;
using test::someKey;
using test::StoreFixture;

namespace {

constexpr std::int64_t DayMs = 86'400'000;

/// One bookkeeper, and what it has said.
struct Rig
{
    explicit Rig(const StoreFixture &fixture, store::RetentionRules rules = {})
        : keeper(fixture.path(), rules, {"zai"})
    {
        QObject::connect(&keeper, &Bookkeeper::answered, &keeper,
                         [this](quint64, const pipeline::Answer &said) { answer = said; });
        QObject::connect(
            &keeper, &Bookkeeper::keyFound, &keeper,
            [this](quint64, const keys::KeyHash &, const pipeline::FoundKey &said) { found = said; });
        QObject::connect(&keeper, &Bookkeeper::savingChanged, &keeper,
                         [this](const metrics::Saving &said) { saving = said; });
        keeper.open();
    }
    ~Rig() { keeper.close(); }

    bool knows(const keys::KeyHash &hash)
    {
        keeper.findKey(1, hash);
        return found && *found;
    }
    QJsonObject ask(const std::string &target)
    {
        pipeline::Question question;
        question.target = target;
        keeper.answer(1, question);
        return answer ? QJsonDocument::fromJson(*answer).object() : QJsonObject();
    }
    void take(metrics::RecordBatch records)
    {
        keeper.take(std::make_shared<const metrics::RecordBatch>(std::move(records)));
    }

    Bookkeeper keeper;
    pipeline::Answer answer = QByteArray();
    pipeline::FoundKey found = std::shared_ptr<const keys::AccessKey>();
    metrics::Saving saving;
};

RequestRecord recordOf(std::uint64_t id)
{
    RequestRecord record;
    record.id = base::ExchangeId{id};
    record.startedAt = base::SystemClock().wallNow();
    record.provider = "zai";
    record.endpoint = llm::Endpoint{llm::Dialect::OpenAi, llm::Api::ChatCompletions};
    record.status = 200;
    record.gotLane = true;
    return record;
}

void overwrite(const QString &path, qsizetype at, const QByteArray &bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(at) && file.write(bytes) == bytes.size());
}

} // namespace

class TestBookkeeper : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsWhatAskedAProvider_data();
    void keepsWhatAskedAProvider();
    void countsRefusalsWithoutABatchForEach();
    void saysWhenAKeyWasUsed();
    void mendsAnIndexThatIsFoundDamaged();
    void healsAFewTimesOnly();
};

void TestBookkeeper::keepsWhatAskedAProvider_data()
{
    QTest::addColumn<Outcome>("outcome");
    QTest::addColumn<Errc>("error");
    QTest::addColumn<bool>("gotLane");
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("refused");
    const auto row = [](const char *name, Outcome outcome, Errc error, bool gotLane, int rows, int refused) {
        QTest::newRow(name) << outcome << error << gotLane << rows << refused;
    };
    row("answered by the provider", Outcome::Completed, Errc::None, true, 1, 0);
    row("broken off", Outcome::Truncated, Errc::UpstreamTruncated, true, 1, 0);
    row("left while the provider worked", Outcome::Cancelled, Errc::ClientGone, true, 1, 0);
    row("no answer in time", Outcome::Failed, Errc::FirstByteTimeout, true, 1, 0);
    row("a provider that cannot be reached", Outcome::Failed, Errc::UpstreamRefused, false, 1, 0);
    row("left before anybody was asked", Outcome::Cancelled, Errc::ClientGone, false, 0, 0);
    row("an unknown key", Outcome::Answered, Errc::UnknownKey, false, 0, 1);
    row("a limit", Outcome::Answered, Errc::LimitReached, false, 0, 1);
    row("no room in the queue", Outcome::Answered, Errc::PoolQueueFull, false, 0, 1);
    row("a page of Weir's own", Outcome::Answered, Errc::None, false, 0, 0);
}

void TestBookkeeper::keepsWhatAskedAProvider()
{
    QFETCH(Outcome, outcome);
    QFETCH(Errc, error);
    QFETCH(bool, gotLane);
    QFETCH(int, rows);
    QFETCH(int, refused);
    const StoreFixture fixture;
    Rig rig(fixture);
    RequestRecord record = recordOf(1);
    record.outcome = outcome;
    record.error = error;
    record.gotLane = gotLane;
    record.tool = "invented";
    record.modelRequested = "invented";
    rig.take({record});
    QTRY_COMPARE(rig.ask("/stats/all")[QLatin1String("refused")].toInt(), refused);
    const QJsonObject report = rig.ask("/stats/all");
    QCOMPARE(report[QLatin1String("total")][QLatin1String("requests")].toInt(), rows);
    QCOMPARE(QJsonDocument(report).toJson().contains("invented"),
             rows > 0); // nothing of the client's is kept
}

void TestBookkeeper::countsRefusalsWithoutABatchForEach()
{
    const StoreFixture fixture;
    Rig rig(fixture);
    RequestRecord record = recordOf(1);
    record.outcome = Outcome::Answered;
    record.error = Errc::UnknownKey;
    record.gotLane = false;
    for (int batch = 0; batch < 100; ++batch)
        rig.take(metrics::RecordBatch(50, record));
    QCOMPARE(rig.ask("/stats/all")[QLatin1String("refused")].toInt(), 0); // not yet
    QTRY_COMPARE(rig.ask("/stats/all")[QLatin1String("refused")].toInt(), 5000);
    rig.take({record});
    rig.take({recordOf(2)}); // a row is written at once, and what waits with it
    QCOMPARE(rig.ask("/stats/all")[QLatin1String("refused")].toInt(), 5001);
}

void TestBookkeeper::saysWhenAKeyWasUsed()
{
    const StoreFixture fixture;
    std::int64_t id = 0;
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        id = store::KeyStore(**database).insert(someKey(1))->id;
    }
    Rig rig(fixture);
    RequestRecord used = recordOf(1);
    used.keyId = id;
    used.startedAt = 2000;
    RequestRecord refused = used; // asks nobody
    refused.id = base::ExchangeId{2};
    refused.startedAt = 9000;
    refused.outcome = Outcome::Answered;
    refused.error = Errc::LimitReached;
    refused.gotLane = false;
    rig.take({used, refused});
    QVERIFY(rig.knows(someKey(1).hash));
    QCOMPARE((*rig.found)->lastUsedAt, std::optional<base::WallMs>(2000));
}

/// A row that its index does not know any more is found when it is to be removed, and not before.
void TestBookkeeper::mendsAnIndexThatIsFoundDamaged()
{
    const StoreFixture fixture;
    const base::WallMs now = base::SystemClock().wallNow();
    std::int64_t root = 0;
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        VERIFY_RESULT(store::KeyStore(**database).insert(someKey(1)));
        std::vector<store::UsageRow> rows(100);
        for (std::size_t number = 0; number < rows.size(); ++number) {
            rows[number].sequence = std::int64_t(number);
            rows[number].at = now - std::int64_t(number) * DayMs;
        }
        VERIFY_RESULT(writeUsage(**database, rows));
        root = *(*database)->number("SELECT rootpage FROM sqlite_schema WHERE name = 'usage_at'");
    }
    // The oldest ones are the first, where nobody looks until retention does.
    char oldest[8];
    qToBigEndian(now - 99 * DayMs, oldest);
    const QByteArray time(oldest + 2, 6);
    const QByteArray index = readFile(fixture.file()).mid((root - 1) * 4096, 4096);
    QCOMPARE(index.count(time), 1);
    overwrite(fixture.file(), (root - 1) * 4096 + index.indexOf(time) + 5,
              QByteArray(1, char(oldest[7] ^ 1)));

    Rig rig(fixture, {30, 200});
    QCOMPARE(rig.saving.word, std::string("saved"));
    QCOMPARE(rig.saving.reason, std::string());
    QTRY_VERIFY_WITH_TIMEOUT(!rig.saving.reason.empty(), 15'000);
    QVERIFY2(rig.saving.reason.find("made anew") != std::string::npos, rig.saving.reason.c_str());
    QCOMPARE(rig.saving.word, std::string("saved"));
    QVERIFY(rig.knows(someKey(1).hash));
    QVERIFY(fixture.asides().isEmpty());
    QCOMPARE(rig.ask("/stats/all")[QLatin1String("total")][QLatin1String("requests")].toInt(), 100);
    rig.take({recordOf(1'000)});
    QCOMPARE(rig.saving.written, std::int64_t(1));
}

/// The file is destroyed again and again while it is open.
void TestBookkeeper::healsAFewTimesOnly()
{
    const StoreFixture fixture;
    Rig rig(fixture);
    std::uint64_t id = 0;
    for (int time = 1; time <= Bookkeeper::HealsMax + 1; ++time) {
        for (int batch = 0; batch < 10; ++batch) { // more than SQLite keeps in memory
            metrics::RecordBatch records;
            for (int at = 0; at < 500; ++at) {
                records.push_back(recordOf(++id));
                records.back().modelRequested.assign(1024, 'm');
            }
            rig.take(std::move(records));
        }
        QCOMPARE(rig.saving.word, std::string("saved"));
        for (const char *end : {"", "-wal"}) {
            const QString path = fixture.file() + QLatin1String(end);
            overwrite(path, 0, QByteArray(QFile(path).size(), '\x55'));
        }
        QVERIFY(rig.ask("/stats/all?since=1m").isEmpty());
        QCOMPARE(rig.answer.error().code, Errc::StoreBroken);
        if (time <= Bookkeeper::HealsMax) {
            QTRY_COMPARE_WITH_TIMEOUT(fixture.asides().size(), qsizetype(time), 15'000);
            QTRY_VERIFY(!rig.ask("/stats/all").isEmpty()); // and goes on
        }
    }
    QTest::qWait(300);
    QCOMPARE(fixture.asides().size(), qsizetype(Bookkeeper::HealsMax));
}

QTEST_GUILESS_MAIN(TestBookkeeper)
#include "tst_bookkeeper.moc"
