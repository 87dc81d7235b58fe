// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/error.h"
#include "config/config.h"
#include "metrics/saving.h"
#include "pipeline/question.h"
#include <map>
#include <memory>
#include <optional>
#include <QObject>
#include <QThread>

namespace weir::engine {

class AdminDoor;
class Engine;
class Ledger;
class LiveFeed;
class Vault;

/// Main thread. Owns the proxy thread and the engine that lives in it, by its Ledger the store thread and
/// by its Vault the secrets thread; the only door to the works. Commands of other processes come to it by its
/// AdminDoor, and ask what the window asks.
class EngineHost : public QObject
{
    Q_OBJECT
public:
    enum class State
    {
        Stopped,
        Starting,
        Running,
        Stopping
    };
    Q_ENUM(State)

    explicit EngineHost(QObject *parent = nullptr);
    /// Stops without draining if still running.
    ~EngineHost() override;

    /// Starts listening; answers with started() or failed(). Only in state Stopped.
    void start(std::shared_ptr<const config::Config> config);
    /// How long stop() lets running exchanges finish.
    static constexpr int DrainMaxMs = 10'000;
    /// Stops accepting, lets running exchanges finish for DrainMaxMs, then cuts them; answers with stopped().
    void stop();
    /// The same with another deadline, also while it is being stopped; 0 cuts at once.
    void stopWithin(int drainMaxMs);

    /// Asks what a page of the engine's for its admin would say, in the same words; answers with answered()
    /// and the number returned, once the engine knows what has changed. The store is asked when it knows all
    /// that has ended. Of the store without an engine: StoreOff. Providers are those of the last start().
    quint64 ask(const pipeline::Question &question);

    State state() const { return m_state; }
    /// Port in use while running, else 0.
    quint16 port() const { return m_port; }
    /// "http://127.0.0.1:8484"; empty while not running.
    QString address() const;
    const base::Error &lastError() const { return m_lastError; }
    LiveFeed *liveFeed() const { return m_liveFeed; }
    const config::Config &config() const { return *m_config; }
    /// Whether usage is being saved.
    const metrics::Saving &saving() const;

Q_SIGNALS:
    void started(quint16 port);
    void failed(const weir::base::Error &error);
    void stopped();
    void stateChanged();
    void savingChanged();
    void answered(quint64 question, const weir::pipeline::Answer &answer);

private:
    void setState(State state);
    void startEngine();
    void engineFailed(const base::Error &error);
    void endThread();
    void closeBooks();
    void passOn(quint64 question, const pipeline::Answer &answer);
    void askStore(quint64 question);
    void tell(quint64 question);

    State m_state = State::Stopped;
    quint16 m_port = 0;
    std::optional<int> m_stopWanted;                           // within so many ms, as soon as it has started
    static constexpr quint64 QuestionsFrom = quint64(1) << 62; // above every exchange's number
    quint64 m_lastQuestion = QuestionsFrom;
    // On their way by the engine's thread: questions to the store, and answers.
    std::map<quint64, pipeline::Question> m_asking;
    std::map<quint64, pipeline::Answer> m_passing;
    base::Error m_lastError;
    std::shared_ptr<const config::Config> m_config;
    LiveFeed *m_liveFeed;
    Ledger *m_ledger;
    Vault *m_vault;
    const base::SystemClock m_clock;
    const std::unique_ptr<AdminDoor> m_door;
    Engine *m_engine = nullptr; // lives in m_thread; deleted there
    QThread m_thread;
};

} // namespace weir::engine
