// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/engine_host.h"
#include <functional>
#include <QHash>
#include <QJsonObject>
#include <QPointer>
#include <QString>

namespace weir::ui {

/// What came back of a question: JSON, or in words why there is none.
struct Reply
{
    QJsonObject json;
    base::Errc code = base::Errc::None;
    QString trouble; ///< "" = it worked

    bool isOk() const { return code == base::Errc::None; }
};

/// Where the window asks for what is kept: usage, access keys, providers' keys. Main thread.
class Desk : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    using Then = std::function<void(const Reply &)>;

    /// `then` is called once, later, in the main thread; not at all if `context` is gone by then.
    virtual void ask(const pipeline::Question &question, QObject *context, Then then) = 0;
};

/// "GET", "/admin/keys". An empty `body` is none.
pipeline::Question storeQuestion(const char *method, const QString &target, const QJsonObject &body = {});
/// The same of Desk::Vault.
pipeline::Question vaultQuestion(const char *method, const QString &target, const QJsonObject &body = {});

/// Asks the engine. What it has not answered when it stops is answered here.
class EngineDesk final : public Desk
{
    Q_OBJECT
public:
    /// `host` is borrowed for the desk's life.
    explicit EngineDesk(engine::EngineHost &host, QObject *parent = nullptr);

    void ask(const pipeline::Question &question, QObject *context, Then then) override;

private:
    struct Waiting
    {
        QPointer<QObject> context;
        Then then;
    };

    void give(quint64 id, const Reply &reply);

    engine::EngineHost &m_host;
    QHash<quint64, Waiting> m_waiting; // bounded by what the pages have open: each asks one thing at a time
};

} // namespace weir::ui
