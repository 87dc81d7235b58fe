// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "config/config.h"
#include "engine/authorities.h"
#include "engine/free_memory.h"
#include "llm/prices.h"
#include "metrics/recorder.h"
#include "metrics/saving.h"
#include "metrics/snapshot.h"
#include "pipeline/accounts.h"
#include "pipeline/key_ring.h"
#include "pipeline/options.h"
#include "pipeline/question.h"
#include <map>
#include <memory>
#include <QObject>
#include <QTimer>

namespace weir::server {
class Listener;
}
namespace weir::upstream {
class PoolManager;
}
namespace weir::pipeline {
class Pipeline;
}

namespace weir::engine {

/// The assembled proxy. Lives in the proxy thread; everything it owns does, too.
class Engine final : public QObject
{
    Q_OBJECT
public:
    /// How often a snapshot and the records since the last one go to the main thread.
    static constexpr int TickMs = 250;
    /// How long clients may take to read what they have been sent, once all exchanges have ended.
    static constexpr int DeliverMaxMs = 1'000;

    /// `adminToken`: see AdminFile; null where nothing is kept.
    Engine(std::shared_ptr<const config::Config> config, Authorities authorities,
           std::shared_ptr<const base::Secret> adminToken);
    /// Exchanges that still run are cut; their records are handed over.
    ~Engine() override;

public Q_SLOTS:
    /// Builds the rooms and listens; answers with listening() or failed().
    void start();
    /// Stops accepting, waits for running exchanges up to `drainMaxMs`, cuts the rest; answers with
    /// drained(). Again: the earlier deadline counts.
    void stop(int drainMaxMs);

    /// Hands over what has ended since the last tick, so that the store knows it before a question that
    /// follows.
    void tellStore();

    // From the Ledger.
    void setSaving(const weir::metrics::Saving &saving);
    void setCallerKey(std::shared_ptr<const weir::base::Secret> key);
    /// What was spent before; null = it is not known yet.
    void setSpentBefore(const weir::pipeline::SpentBefore &spent);
    void answer(quint64 id, const weir::pipeline::Answer &answer);
    void takeKey(quint64 id, const weir::keys::KeyHash &hash, const weir::pipeline::FoundKey &key);
    void forgetKey(const weir::keys::KeyHash &hash);
    // From the Vault.
    void setProviderSecret(const std::string &provider, const weir::pipeline::ProviderSecret &secret);

Q_SIGNALS:
    void listening(quint16 port);
    void failed(const weir::base::Error &error);
    void drained();
    void ticked(std::shared_ptr<const weir::metrics::Snapshot> snapshot, weir::metrics::RecordBatch records);
    /// Every record once, oldest first: at each tick, and between two where Recorder::HandOver have come.
    void recorded(std::shared_ptr<const weir::metrics::RecordBatch> records);
    void storeAsked(quint64 id, const weir::pipeline::Question &question);
    void vaultAsked(quint64 id, const weir::pipeline::Question &question);
    void keyWanted(quint64 id, const weir::keys::KeyHash &hash);

private:
    void warmPools();
    void tick();
    void handOver();
    void cutRest();
    void deliver();
    void finishStop();

    const std::shared_ptr<const config::Config> m_config;
    const Authorities m_authorities;
    const std::shared_ptr<const base::Secret> m_adminToken;
    const base::SystemClock m_clock;
    llm::PriceTable m_prices;
    std::shared_ptr<const metrics::Snapshot> m_snapshot; // of the last tick
    FreeMemory m_freeMemory;
    metrics::Saving m_saving;
    std::shared_ptr<const base::Secret> m_callerKey;
    pipeline::SpentBefore m_spentBefore;
    std::map<std::string, pipeline::ProviderSecret> m_secrets; // until there is a pipeline
    // In the order in which a request passes them backwards: each uses only those above it.
    std::unique_ptr<metrics::Recorder> m_recorder;
    std::unique_ptr<upstream::PoolManager> m_pools;
    std::unique_ptr<pipeline::Pipeline> m_pipeline;
    std::unique_ptr<server::Listener> m_listener;
    QTimer m_tick;
    /// How far stop() has come.
    enum class Phase
    {
        Running,
        Draining,   ///< exchanges in work go on
        Delivering, ///< all have ended; clients read the rest of what they have been sent
        Stopped,
    };
    Phase m_phase = Phase::Running;
};

} // namespace weir::engine
