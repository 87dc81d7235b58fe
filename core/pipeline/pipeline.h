// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/next_turn.h"
#include "metrics/recorder.h"
#include "metrics/saving.h"
#include "pipeline/accounts.h"
#include "pipeline/exchange.h"
#include "pipeline/inquiries.h"
#include "pipeline/key_ring.h"
#include "pipeline/memory_budget.h"
#include "pipeline/options.h"
#include "pipeline/question.h"
#include "pipeline/step.h"
#include "server/handler.h"
#include "upstream/pool_manager.h"
#include <array>
#include <map>
#include <memory>
#include <QObject>
#include <unordered_map>
#include <vector>

namespace weir::pipeline {

/// Takes every request through the steps and on to its upstream; hands one record per exchange to the
/// recorder. Proxy thread.
class Pipeline final : public QObject, public server::Handler
{
    Q_OBJECT
public:
    /// What the other threads are asked at a time. Keys have a line of their own, so that whoever has to be
    /// looked up waits for one page at most, and a page for a few keys. Who shows a key is not known yet, so
    /// all of them are one asker; a key is found in less than 0.1 ms.
    static constexpr Inquiries::Bounds KeyBounds{16, 1024, 1024};
    /// The store's pages: an asker is an access key, or the admin.
    static constexpr Inquiries::Bounds PageBounds{1, 8, 256};
    /// The vault's, for the admin only; a keychain may take seconds for each.
    static constexpr Inquiries::Bounds VaultBounds{16, 64, 64};

    /// `pools`, `recorder` and `clock` are borrowed for the pipeline's life.
    Pipeline(Options options, upstream::PoolManager &pools, metrics::Recorder &recorder,
             const base::Clock &clock, QObject *parent = nullptr);
    /// Every exchange must be over: close the client connections first.
    ~Pipeline() override;

    // server::Handler
    server::Intake *begin(http::RequestHead head, const server::Arrival &arrival,
                          server::Reply &reply) override;
    Refusal refuse(const base::Error &why, const http::RequestHead *head) override;

    /// Refuses new requests; those in work go on. idle() tells when they are done.
    void drain();
    /// Ends those that are still in work, with Errc::Draining. idle() follows if there were any.
    void cut();
    int activeCount() const { return int(m_exchanges.size()); }

    /// Whether usage is being saved, as /health tells it.
    void setSaving(metrics::Saving saving) { m_saving = std::move(saving); }
    /// The key of callers' hashes; until it comes callers are not told apart.
    void setCallerKey(std::shared_ptr<const base::Secret> key) { m_callerKey = std::move(key); }
    /// Answers asked(). Nobody hears of it if the client has left or waited for too long.
    void answer(quint64 id, const Answer &answer);
    /// Answers keyWanted(); null = there is no such key.
    void takeKey(quint64 id, const keys::KeyHash &hash, const FoundKey &key);
    /// The key was changed, or there is one now: what is remembered of it is wrong.
    void forgetKey(const keys::KeyHash &hash) { m_keyRing.forget(hash); }
    /// What was spent before the start; null = it is not known. The first that is not null counts.
    void setSpentBefore(const SpentBefore &spent) { m_accounts.restore(spent); }
    void setProviderSecret(const std::string &provider, ProviderSecret secret);

    // ── for exchanges
    const Options &options() const { return m_options; }
    const base::Clock &clock() const { return m_clock; }
    /// The pool of one of the options' providers for a dialect that it speaks.
    upstream::Pool &poolOf(const RoutedProvider &routed, llm::Dialect dialect);
    const std::vector<std::unique_ptr<Step>> &steps() const { return m_steps; }
    /// Request bytes held by all exchanges.
    MemoryBudget &budget() { return m_budget; }
    const MemoryBudget &budget() const { return m_budget; }
    const metrics::Saving &saving() const { return m_saving; }
    const std::shared_ptr<const base::Secret> &callerKey() const { return m_callerKey; }
    /// The exchange is answered by answer(), or refused after Inquiries::AnswerWait. TooManyQuestions if that
    /// cannot be.
    base::Result<void> ask(base::ExchangeId id, const Question &question);
    KeyRing &keyRing() { return m_keyRing; }
    Accounts &accounts() { return m_accounts; }
    /// The exchange goes on where it waits when it is known whose key this is; as above.
    base::Result<void> awaitKey(const keys::KeyHash &hash, base::ExchangeId id);
    ProviderSecret providerSecret(const std::string &provider) const;
    /// The dialect of an error for a request that did not reach a provider.
    llm::Dialect guessDialect(std::string_view path, const http::Headers &headers) const;
    /// Keeps what a reply tells of the provider's limits.
    void noteLimits(const std::string &provider, const http::Headers &headers);
    void ended(Exchange &exchange, metrics::RequestRecord &&record);

Q_SIGNALS:
    /// The last exchange in work has ended.
    void idle();
    /// `id` is the exchange's, as a number that crosses threads. Each has to be answered once.
    void asked(quint64 id, const weir::pipeline::Question &question);
    void keyWanted(quint64 id, const weir::keys::KeyHash &hash);

private:
    Inquiries &inquiriesAt(Question::Desk desk);
    void refuseLate(base::ExchangeId id);

    const Options m_options;
    upstream::PoolManager &m_pools;
    std::vector<std::array<upstream::Pool *, 2>> m_poolsOf; // by provider and dialect; null until asked for
    metrics::Recorder &m_recorder;
    const base::Clock &m_clock;
    const std::vector<std::unique_ptr<Step>> m_steps;
    MemoryBudget m_budget; // outlives the exchanges
    std::unordered_map<std::uint64_t, std::unique_ptr<Exchange>> m_exchanges;
    std::vector<std::unique_ptr<Exchange>> m_over; // freed at the next turn of the event loop
    KeyRing m_keyRing;
    Inquiries m_keyInquiries;
    Inquiries m_storeInquiries;
    Inquiries m_vaultInquiries;
    Accounts m_accounts;
    std::map<std::string, ProviderSecret> m_secrets; // by provider
    base::NextTurn m_free{[this] { m_over.clear(); }};
    metrics::Saving m_saving;
    std::shared_ptr<const base::Secret> m_callerKey;
    std::uint64_t m_lastId = 0;
    bool m_draining = false;
};

} // namespace weir::pipeline
