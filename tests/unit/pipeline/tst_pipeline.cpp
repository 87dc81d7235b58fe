// SPDX-License-Identifier: GPL-3.0-or-later
// What the pipeline asks other threads for its exchanges: pages and access keys.
#include "unit/pipeline/exchange_fixture.h"
#include <QSignalSpy>

using namespace weir;
using namespace std::chrono_literals;
using base::Errc;
using pipeline::Pipeline;
using test::Client;

namespace {

const std::shared_ptr<const base::Secret> Token = std::make_shared<const base::Secret>(std::string("admin"));

pipeline::Options withKeys()
{
    pipeline::Options options = test::oneProvider();
    options.admin.hasKeys = true;
    options.admin.token = Token;
    options.routes.providers.front().provider.auth = llm::AuthMode::Stored;
    return options;
}

std::shared_ptr<const keys::AccessKey> keyOf(const std::string &text, std::int64_t id)
{
    auto key = std::make_shared<keys::AccessKey>();
    key->id = id;
    key->hash = keys::hashOf(text);
    return key;
}

/// A pipeline, and what it has asked for so far.
struct Rig : test::ExchangeFixture
{
    Rig() : ExchangeFixture(withKeys())
    {
        QObject::connect(&pipeline, &Pipeline::asked, &context,
                         [this](quint64 id, const pipeline::Question &) { pages.push_back(id); });
        QObject::connect(&pipeline, &Pipeline::keyWanted, &context,
                         [this](quint64 id, const keys::KeyHash &hash) {
                             wanted.push_back({id, hash});
                         });
        pipeline.setProviderSecret("sim", std::make_shared<const base::Secret>(std::string("p")));
        pipeline.setSpentBefore(std::make_shared<const std::vector<keys::KeySpent>>());
    }
    server::Intake *get(Client &client, const std::string &target, const std::string &key)
    {
        http::RequestHead head;
        head.method = "GET";
        head.target = target;
        head.headers.add("Host", "127.0.0.1:8484");
        head.headers.add("Authorization", "Bearer " + key);
        return pipeline.begin(std::move(head), {clock.now(), clock.now(), 8484}, client);
    }
    void know(const std::string &text, std::int64_t id)
    {
        pipeline.keyRing().insert(keys::hashOf(text), keyOf(text, id));
    }

    QObject context;
    std::vector<quint64> pages;
    std::vector<std::pair<quint64, keys::KeyHash>> wanted;
};

/// Clients that stay where they are.
using Clients = std::vector<std::unique_ptr<Client>>;
Client &another(Clients &clients)
{
    return *clients.emplace_back(std::make_unique<Client>());
}

} // namespace

class TestPipeline : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void asksTheStoreForOnePageAtATime();
    void boundsThePagesOfOneKey();
    void boundsThePagesOfAll();
    void dropsThePagesOfThoseWhoLeft();
    void refusesAPageThatTakesTooLong();
    void looksKeysUpBesideThePages();
    void looksAKeyUpOnceForManyWhoWait();
    void boundsTheKeysThatAreLookedUp();
    void forgetsTheKeysOfThoseWhoLeft();
    void passesOnWhyAKeyCannotBeFound();
};

void TestPipeline::asksTheStoreForOnePageAtATime()
{
    Rig rig;
    rig.know("weir_a", 1);
    Client first;
    Client second;
    rig.get(first, "/stats", "weir_a");
    rig.get(second, "/stats/all", "admin");
    QCOMPARE(rig.pages, std::vector<quint64>{1});
    rig.pipeline.answer(1, QByteArray("{}"));
    QCOMPARE(first.body, QByteArray("{}"));
    QCOMPARE(rig.pages, (std::vector<quint64>{1, 2}));
    rig.pipeline.answer(1, QByteArray("twice")); // of another who has the same numbers
    QVERIFY(!second.ended);
    rig.pipeline.answer(2, base::unexpected(Errc::StoreBroken));
    QCOMPARE(second.head.status, 503);
}

void TestPipeline::boundsThePagesOfOneKey()
{
    Rig rig;
    rig.know("weir_a", 1);
    rig.know("weir_b", 2);
    Clients clients;
    for (std::size_t at = 0; at < Pipeline::PageBounds.ofOne; ++at)
        QVERIFY(rig.get(another(clients), "/stats", "weir_a"));
    Client &refused = another(clients);
    QVERIFY(!rig.get(refused, "/stats", "weir_a"));
    QCOMPARE(refused.head.status, 503);
    QVERIFY(refused.head.headers.contains("Retry-After"));
    QVERIFY2(refused.body.contains("too_many_questions") && refused.body.contains("8 of this client"),
             refused.body.constData());
    QVERIFY(rig.get(another(clients), "/stats", "weir_b"));
    QVERIFY(rig.get(another(clients), "/stats/all", "admin"));
    for (quint64 id = 1; id <= clients.size(); ++id)
        rig.pipeline.answer(id, QByteArray("{}"));
    QVERIFY(clients.back()->ended);
}

void TestPipeline::boundsThePagesOfAll()
{
    Rig rig;
    Clients clients;
    std::int64_t key = 0;
    for (std::size_t at = 0; at < Pipeline::PageBounds.ofAll; ++at) {
        if (at % Pipeline::PageBounds.ofOne == 0) {
            ++key;
            rig.know("weir_" + std::to_string(key), key);
        }
        QVERIFY(rig.get(another(clients), "/stats", "weir_" + std::to_string(key)));
    }
    Client refused;
    QVERIFY(!rig.get(refused, "/stats/all", "admin"));
    QVERIFY2(refused.body.contains("256 of all clients"), refused.body.constData());
    for (quint64 id = 1; id <= clients.size(); ++id)
        rig.pipeline.answer(id, QByteArray("{}"));
    QVERIFY(clients.back()->ended);
}

void TestPipeline::dropsThePagesOfThoseWhoLeft()
{
    Rig rig;
    rig.know("weir_a", 1);
    Clients clients;
    for (int at = 0; at < 1000; ++at) { // more than may wait
        server::Intake *asker = rig.get(another(clients), "/stats", "weir_a");
        QVERIFY(asker);
        asker->abandon({Errc::ClientGone, {}});
    }
    Client stays;
    QVERIFY(rig.get(stays, "/stats", "weir_a"));
    rig.pipeline.answer(1, QByteArray("{}"));
    QCOMPARE(rig.pages, (std::vector<quint64>{1, 1001})); // the others have cost nothing
    rig.pipeline.answer(1001, QByteArray("{}"));
    QCOMPARE(stays.body, QByteArray("{}"));
}

void TestPipeline::refusesAPageThatTakesTooLong()
{
    Rig rig;
    Client client;
    rig.get(client, "/stats/all", "admin");
    rig.clock.advance(pipeline::Inquiries::AnswerWait);
    QTRY_VERIFY(client.ended);
    QCOMPARE(client.head.status, 503);
    QVERIFY2(client.body.contains("it takes too long"), client.body.constData());
    rig.pipeline.answer(1, QByteArray("{}")); // after all
    QCOMPARE(rig.pipeline.activeCount(), 0);
}

void TestPipeline::looksKeysUpBesideThePages()
{
    Rig rig;
    Clients clients;
    for (std::size_t at = 0; at < Pipeline::PageBounds.ofOne; ++at)
        rig.get(another(clients), "/stats/all", "admin");
    Client client;
    rig.credential = "weir_a";
    server::Intake *asker = rig.begin(client, "/v1/messages", 2);
    QVERIFY(asker);
    QCOMPARE(rig.wanted.size(), std::size_t(1)); // no page has been answered
    QVERIFY(client.paused);
    rig.pipeline.takeKey(rig.wanted[0].first, rig.wanted[0].second, keyOf("weir_a", 1));
    QVERIFY(!client.paused); // it goes on
    asker->abandon({Errc::ClientGone, {}});
    for (const auto &each : clients)
        QVERIFY(!each->ended);
    for (quint64 id = 1; id <= clients.size(); ++id)
        rig.pipeline.answer(id, QByteArray("{}"));
}

void TestPipeline::looksAKeyUpOnceForManyWhoWait()
{
    Rig rig;
    Clients clients;
    // More than are looked up at a time, all with the same key, each for a page of its own.
    for (std::size_t at = 0; at < Pipeline::KeyBounds.atOnce + 100; ++at)
        rig.get(another(clients), "/stats", "weir_a");
    QCOMPARE(rig.wanted.size(), Pipeline::KeyBounds.atOnce);
    rig.pipeline.takeKey(rig.wanted[0].first, rig.wanted[0].second, std::shared_ptr<const keys::AccessKey>());
    QCOMPARE(rig.wanted.size(), Pipeline::KeyBounds.atOnce); // the rest knows it now
    for (std::size_t at = 1; at < rig.wanted.size(); ++at)
        rig.pipeline.takeKey(rig.wanted[at].first, rig.wanted[at].second,
                             std::shared_ptr<const keys::AccessKey>());
    for (const auto &client : clients)
        QVERIFY(client->head.status == 401 || client->head.status == 429);
}

void TestPipeline::boundsTheKeysThatAreLookedUp()
{
    Rig rig;
    Clients clients;
    for (std::size_t at = 0; at < Pipeline::KeyBounds.ofAll; ++at)
        QVERIFY(rig.get(another(clients), "/stats", "weir_" + std::to_string(at)));
    Client refused;
    QVERIFY(!rig.get(refused, "/stats", "weir_more"));
    QCOMPARE(refused.head.status, 503);
    QCOMPARE(rig.wanted.size(), Pipeline::KeyBounds.atOnce);
    for (std::size_t at = 0; at < rig.wanted.size(); ++at) { // grows as they are answered
        rig.pipeline.takeKey(rig.wanted[at].first, rig.wanted[at].second,
                             base::unexpected(Errc::StoreUnavailable));
    }
    QCOMPARE(rig.wanted.size(), Pipeline::KeyBounds.ofAll);
    QCOMPARE(rig.pipeline.activeCount(), 0);
}

void TestPipeline::forgetsTheKeysOfThoseWhoLeft()
{
    Rig rig;
    Clients clients;
    for (int at = 0; at < 5000; ++at) {
        server::Intake *asker = rig.get(another(clients), "/stats", "weir_" + std::to_string(at));
        QVERIFY(asker);
        asker->abandon({Errc::ClientGone, {}});
    }
    QCOMPARE(rig.wanted.size(), Pipeline::KeyBounds.atOnce);
    const std::vector<std::pair<quint64, keys::KeyHash>> sent = rig.wanted;
    for (const auto &[id, hash] : sent)
        rig.pipeline.takeKey(id, hash, std::shared_ptr<const keys::AccessKey>());
    QCOMPARE(rig.wanted.size(), Pipeline::KeyBounds.atOnce); // nobody is left
}

void TestPipeline::passesOnWhyAKeyCannotBeFound()
{
    Rig rig;
    Client client;
    rig.get(client, "/stats", "weir_a");
    rig.pipeline.takeKey(1, rig.wanted[0].second, base::unexpected(Errc::StoreBroken));
    QVERIFY(client.body.contains("store_broken"));
    Client again; // that is not remembered
    rig.get(again, "/stats", "weir_a");
    QCOMPARE(rig.wanted.size(), std::size_t(2));
    rig.pipeline.takeKey(2, rig.wanted[1].second, keyOf("weir_a", 1));
    rig.pipeline.answer(2, QByteArray("{}"));
    QCOMPARE(again.body, QByteArray("{}"));
}

QTEST_GUILESS_MAIN(TestPipeline)
#include "tst_pipeline.moc"
