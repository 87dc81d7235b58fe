// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "integration/kept_keys.h"
#include "integration/proxy_fixture.h"
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::test {

/// The store is used, and clients may come with an access key or without.
inline void keepKeys(config::Config &config)
{
    config.store.enabled = true;
    config.providers.back().auth = config::Auth::None;
}

inline keys::Limits windowOf(std::int64_t tokens)
{
    keys::Limits limits;
    limits.tokensPerWindow = tokens;
    return limits;
}

inline QByteArray body(const QByteArray &model, int maxTokens, const QByteArray &more = {})
{
    return R"({"model":")" + model + R"(","max_tokens":)" + QByteArray::number(maxTokens) + more +
           R"(,"messages":[{"role":"user","content":"a b c"}]})";
}

/// The last number that `field` has in a reply, 0 without one.
inline std::int64_t number(const QByteArray &reply, const char *field)
{
    const qsizetype at = reply.lastIndexOf(QByteArray("\"") + field + "\":");
    return at < 0
               ? 0
               : reply.mid(at + qsizetype(qstrlen(field)) + 3, 20).split(',')[0].split('}')[0].toLongLong();
}

/// What the provider says of itself that it has used.
inline std::int64_t billed(const QByteArray &reply)
{
    return number(reply, "input_tokens") + number(reply, "cache_read_input_tokens") +
           number(reply, "output_tokens");
}

/// The account of the key, or of all together, at the next tick.
inline metrics::KeyState account(ProxyFixture &proxy, std::int64_t id)
{
    QSignalSpy ticks(proxy.host.liveFeed(), &engine::LiveFeed::updated);
    for (int tick = 0; tick < 2; ++tick) { // one may have been on its way
        if (!ticks.wait(2'000))
            return {};
    }
    for (const metrics::KeyState &each : proxy.host.liveFeed()->snapshot().keys) {
        if (each.id == id)
            return each;
    }
    return {};
}

inline bool stop(engine::EngineHost &host)
{
    host.stop();
    return QTest::qWaitFor([&] { return host.state() == engine::EngineHost::State::Stopped; }, 15'000);
}

inline bool start(ProxyFixture &proxy)
{
    proxy.host.start(std::make_shared<const config::Config>(proxy.host.config()));
    return QTest::qWaitFor([&] { return proxy.host.state() == engine::EngineHost::State::Running; }, 10'000);
}

inline QByteArray ask(quint16 port, const QByteArray &request)
{
    RawClient client(port);
    client.send(request);
    return client.takeResponse();
}

inline QJsonObject errorOf(const QByteArray &reply)
{
    return QJsonDocument::fromJson(bodyOf(reply)).object()[QLatin1String("error")].toObject();
}

inline QByteArray header(const QByteArray &reply, const QByteArray &name)
{
    for (const QByteArray &line : reply.left(reply.indexOf("\r\n\r\n")).split('\n')) {
        if (line.toLower().startsWith(name.toLower() + ": "))
            return line.mid(name.size() + 2).trimmed();
    }
    return {};
}

} // namespace weir::test
